"""The seeded simulation behind sample-data: machines, updates, scans and deployments of 90 days, all invented."""
