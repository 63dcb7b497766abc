"""Credentials: profiles, which of them holds for a machine, and where their secrets are kept and found."""
