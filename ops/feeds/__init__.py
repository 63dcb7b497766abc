"""Feeds: files of others that say how bad a CVE is, whether it is exploited, and which version mends it."""
