"""Jobs: installations that run detached on a machine; shell, and what reads it (docs/how-jobs-run.md)."""
