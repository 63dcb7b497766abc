"""Spans of time in words."""

from datetime import timedelta


def describe_span(span: timedelta) -> str:
    """``span`` to the minute: ``3 d 4 h``, ``4 h 20 min``, ``12 min``; seconds where it is shorter than a minute."""
    seconds = max(0, round(span.total_seconds()))
    days, hours, minutes = seconds // 86_400, seconds // 3_600 % 24, seconds // 60 % 60
    if seconds < 60:
        return f"{seconds} s"
    pieces = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join([f"{count} {unit}" for count, unit in pieces if count][:2])
