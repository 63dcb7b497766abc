"""Deployments done: their definitions, previews, runs with their journal, and what is told of them."""
