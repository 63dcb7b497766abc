"""Metrics of a home: gathered, written for node_exporter's textfile collector, and served on loopback."""
