"""What is known, as rows of a table: pure, no widget and no I/O."""
