"""Machines that introduce themselves: tokens, the lines that machines run, and what comes in by them."""
