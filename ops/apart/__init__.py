"""Questions to the tables that a process of its own answers: what reads them is larger than the whole app."""
