"""The scripts that run on Windows machines, as files."""
