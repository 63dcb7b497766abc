"""Alerts: rules over runs and over queries, and what they lead to, pure."""
