"""The background service of a home: one process that assesses on schedule, works on runs, keeps the home in order."""

from ops.service.starting import ensure_running

__all__ = ["ensure_running"]
