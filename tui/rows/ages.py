"""Ages and durations in few letters, coarse enough that an idle screen need not be drawn again each second."""

from datetime import datetime, timedelta


def describe_age(since: datetime | None, now: datetime) -> str:
    """``just now``, ``12 min``, ``5 h``, ``3 d``; ``never`` for None, ``in future`` for a time to come."""
    if since is None:
        return "never"
    age = now - since
    if age < timedelta(minutes=-1):
        return "in future"
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "just now"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} d"


def describe_seconds(seconds: float) -> str:
    """``40 ms``, ``1.4 s``, ``12 s``, ``3 min 05 s``."""
    if seconds < 1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{int(seconds) // 60} min {int(seconds) % 60:02d} s"


def describe_time(moment: datetime | None) -> str:
    """``2026-11-22 14:05Z``; empty for None."""
    return f"{moment:%Y-%m-%d %H:%MZ}" if moment else ""


def describe_bytes(size: int | None) -> str:
    """``512 B``, ``1.4 MiB``; empty for None."""
    if size is None:
        return ""
    amount, unit = float(size), "B"
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if amount < 1024 or unit == "TiB":
            break
        amount /= 1024
    return f"{size} B" if unit == "B" else f"{amount:.1f} {unit}"
