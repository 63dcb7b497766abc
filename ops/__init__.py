"""Doing things: the home and its state, assessing the fleet, the command line. See docs/architecture.md."""
