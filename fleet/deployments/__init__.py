"""Deployments, pure: what is to be installed, when and how, what a run does, and what came of it."""
