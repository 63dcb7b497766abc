"""Values of results as JSON has them, for the formats that are text."""

import json
import math
from datetime import UTC, date, datetime
from decimal import Decimal


def plain_value(value: object) -> object:
    """``value`` as JSON takes it: times in ISO 8601 with Z, whole decimals as integers, no NaN and no infinity."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return iso_time(value)
    if isinstance(value, list):
        return [plain_value(item) for item in value]
    if isinstance(value, dict):
        return {str(key): plain_value(item) for key, item in value.items()}
    return value


def cell_text(value: object) -> str:
    """``value`` as the text of a cell, not made harmless yet; null is the empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, date):
        return iso_time(value)
    return json.dumps(plain_value(value)) if isinstance(value, list | dict) else str(value)


def iso_time(value: date) -> str:
    """A time in ISO 8601 with Z, or a day."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value.isoformat()
