"""One machine: the ways to it, and what is read on it. Knows no other machine and writes no files of a home."""
