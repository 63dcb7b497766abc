"""The app over SSH: a server that gives each login the app and nothing else."""
