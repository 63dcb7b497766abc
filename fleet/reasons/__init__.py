"""Why an update that a machine misses is not installed: every reason, each with its evidence and its remedy."""
