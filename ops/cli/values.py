"""Values as the command line shows them: as JSON, and as text in a table."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta
from enum import Enum

from fleet.hostile import clean

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


def as_json(value: object) -> Json:
    """``value`` as JSON: times in ISO 8601 with Z, enums by their value, dataclasses as objects, texts cleaned."""
    if type(value) is str:  # most of them
        return clean(value)
    if value is None or (isinstance(value, bool | int | float) and not isinstance(value, Enum)):
        return value
    if isinstance(value, datetime | date):
        return format_time(value) if isinstance(value, datetime) else value.isoformat()
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Mapping):
        return {clean(str(key)): as_json(item) for key, item in value.items()}
    if isinstance(value, tuple | list | set | frozenset):
        return [as_json(item) for item in value]
    if is_dataclass(value):
        return {field.name: as_json(getattr(value, field.name)) for field in fields(value)}
    return clean(str(value))


def as_text(value: object) -> str:
    """``value`` as one clean line for a person; nothing known is an empty text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
    if isinstance(value, Mapping):
        return clean(", ".join(f"{key}={as_text(item)}" for key, item in value.items()))
    if isinstance(value, tuple | list):
        return clean(", ".join(as_text(item) for item in value))
    if isinstance(value, Enum):
        return as_text(value.value)
    return clean(str(value))


def count_of(number: int, noun: str) -> str:
    """``1 machine``, ``1,000 machines``."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def format_time(moment: datetime) -> str:
    """ISO 8601 in UTC with Z; microseconds only where there are any."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def format_age(age: timedelta | None) -> str:
    """An age in its largest whole unit: ``12 s``, ``5 min``, ``3 h``, ``9 d``; empty where unknown."""
    if age is None:
        return ""
    seconds = max(0, int(age.total_seconds()))
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"
