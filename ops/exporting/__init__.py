"""Whole tables written to a folder for other programs: all of it, or what was there before."""
