"""Jobs: installations that run detached on a machine. Shell here, readers beside it; `docs/how-jobs-run.md` tells all."""
