"""Alerts of a home: rules kept, evaluated, acknowledged, and tried on what has been."""
