"""The ways to a machine: this machine, SSH, and the replay of a transcript."""
