"""JSON as PowerShell 5.1 writes it, made into dataclasses: whatever shape it took on the way, or a refusal.

Lists of one element may have become that element, or ``{"value": […], "Count": 1}``; numbers may be texts and texts
numbers; times may be ``/Date(…)/``; what lay too deep has become a text. What a command gave nothing for is ``{}``,
which is read as null wherever it stands. A field that does not fit is None or empty; a list of records that does not is
refused, since what it held would be missing from counts without a word.
"""

import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from fleet.errors import UnreadableOutput
from fleet.hostile import clean

# A machine has some hundred updates installed, and a history as long as it was asked for.
MOST_ITEMS = 20_000
_MOST_CHARACTERS = 2_000
_MOST_NUMBER = 2**63
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}(\.0{1,9})?")
_DATE = re.compile(r"/Date\((-?[0-9]{1,15})([+-][0-9]{4})?\)/")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# What systems that know no time give instead: 1601, 1899, 9999.
_YEARS = range(1990, 2200)

_Record = TypeVar("_Record")


def read_record(kind: type[_Record], value: object, where: str) -> _Record:
    """``value`` as a ``kind``, a dataclass whose fields are keys; a key in another case counts. None is an empty one.

    Raises:
        UnreadableOutput: it is no object, or has a list of records that is none.
    """
    if value is not None and not isinstance(value, Mapping):
        raise UnreadableOutput(where, 1, f"an object was expected, not {clean(repr(value), 100)}")
    by_name = {str(key).casefold(): each for key, each in (value or {}).items()}
    return kind(
        **{
            name: _read(hint, null_of(by_name.get(name)), f"{where}.{name}")
            for name, hint in _fields(cast("type", kind))
        }
    )


def null_of(value: object) -> object:
    """``value``, None where it is ``{}``: ConvertTo-Json of 5.1 writes that for a command that gave nothing at all."""
    return None if isinstance(value, Mapping) and not value else value


def read_number(value: object) -> int | None:
    """A whole number, also one that is written as a text; None for anything else."""
    if isinstance(value, str) and _WHOLE.fullmatch(value.strip()):
        value = int(value.strip().partition(".")[0])
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if -_MOST_NUMBER <= value < _MOST_NUMBER else None


def read_real(value: object) -> float | None:
    """A number that may have a fraction; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < _MOST_NUMBER:
        return None
    return float(value)


def read_truth(value: object) -> bool | None:
    """True or False, also as a text or a number; None for anything else."""
    if isinstance(value, bool):
        return value
    return _TRUTHS.get(str(value).strip().casefold()) if isinstance(value, str | int) else None


def read_text(value: object) -> str:
    """One harmless line; empty where there is no text."""
    if isinstance(value, str):
        return clean(value, _MOST_CHARACTERS)
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def read_time(value: object) -> datetime | None:
    """A time, aware and in UTC: ISO 8601, ``/Date(…)/``, or the object that PowerShell makes of one."""
    if isinstance(value, Mapping):
        value = value.get("value", value.get("DateTime"))
    if not isinstance(value, str):
        return None
    text = value.strip()
    try:
        if found := _DATE.fullmatch(text):
            at = _EPOCH + timedelta(milliseconds=int(found[1]))
        else:
            at = datetime.fromisoformat(text)
            at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return at if at.year in _YEARS else None


def read_items(value: object, where: str) -> Sequence[object]:
    """The elements of a list, whatever PowerShell has made of it; nulls are left out.

    Raises:
        UnreadableOutput: it has more than `MOST_ITEMS`.
    """
    value = null_of(value)
    if isinstance(value, Mapping) and {str(key).casefold() for key in value} == {"value", "count"}:
        value = next(each for key, each in value.items() if str(key).casefold() == "value")
    items = value if isinstance(value, list | tuple) else (value,)
    if len(items) > MOST_ITEMS:
        raise UnreadableOutput(where, 1, f"a list of {len(items):,}; at most {MOST_ITEMS:,} are read")
    return [item for item in items if null_of(item) is not None]


_TRUTHS = {"true": True, "false": False, "1": True, "0": False, "-1": True}


@cache
def _fields(kind: type) -> tuple[tuple[str, Any], ...]:  # Any: type hints are objects of many kinds
    # Only what is filled from JSON: a field of another type is filled by who asks.
    return tuple(get_type_hints(kind).items())


def _read(hint: Any, value: object, where: str) -> Any:  # Any: as above
    if get_origin(hint) is tuple:
        return _read_list(get_args(hint)[0], value, where)
    if isinstance(hint, types.UnionType):
        return _read_optional(hint, value, where)
    if is_dataclass(hint):
        return read_record(hint, value, where)  # type: ignore[arg-type] # a class, as all hints are
    if hint is bool:
        return read_truth(value) is True
    return read_number(value) or 0 if hint is int else read_text(value)


def _read_optional(hint: types.UnionType, value: object, where: str) -> Any:  # Any: as above
    inner = next(each for each in get_args(hint) if each is not type(None))
    if inner is int:
        return read_number(value)
    if inner is float:
        return read_real(value)
    if inner is bool:
        return read_truth(value)
    if inner is datetime:
        return read_time(value)
    if value is None:
        return None
    return read_text(value) or None if inner is str else _read(inner, value, where)


def _read_list(inner: Any, value: object, where: str) -> tuple[Any, ...]:  # Any: as above
    items = read_items(value, where)
    if is_dataclass(inner):
        return tuple(read_record(inner, item, where) for item in items)  # type: ignore[arg-type] # as above
    return tuple(dict.fromkeys(text for item in items if (text := read_text(item))))
