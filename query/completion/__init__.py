"""What may be written at a place of a query that is still being written. Pure: no store, no screen."""
