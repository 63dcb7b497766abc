"""Carrying messages to where their channels lead, in a process of its own that can be ended at any moment.

A hanging server, a name that does not resolve and a library that waits for ever cost that process only. What it is told
comes over its standard input: no secret is ever an argument or in its environment.
"""
