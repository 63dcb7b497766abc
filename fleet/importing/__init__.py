"""Machines from lists that others keep: what a list says, and what taking it over would change."""
