"""The steps of a pipe, a file for each family: rows in, rows out."""
