"""Reports: what they are made of, how they are written, and when they are made; pure."""
