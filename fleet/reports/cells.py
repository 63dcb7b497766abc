"""Values of tables as people read them."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal


def cell_text(value: object) -> str:
    """``value`` in a cell: empty for what is not known, yes and no, times in UTC to the second with Z."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return f"{value.astimezone(UTC):%Y-%m-%d %H:%M:%SZ}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float | Decimal):
        return number_text(float(value))
    return str(value)


def number_text(value: float) -> str:
    """A number without a point where it is whole."""
    return f"{value:.0f}" if value == int(value) else f"{value:.12g}"
