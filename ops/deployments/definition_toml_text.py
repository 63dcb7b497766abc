"""Definitions written as TOML, as a person would: parts with their headers, short lists on one line."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from ops.deployments.definition_values import plain_number

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 100


def dump_toml(document: Mapping[str, Any], parts: Sequence[str]) -> str:  # Any: plain values, lists and tables of them
    """``document`` as TOML, keys in their order; ``parts`` are the names of tables that have headers (``a.b``)."""
    return "\n".join(_lines(document, "", parts)).strip("\n") + "\n"


def toml_value(value: object, key: str = "") -> str:
    """A value as it stands behind ``key =``; a list too long for that line has an item a line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        # JSON's escapes are TOML's; only DEL is plain there and not here.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, float):
        return plain_number(value) if value.is_integer() else repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, dict):
        pairs = ", ".join(f"{_key(name)} = {toml_value(each)}" for name, each in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list):
        return _list([toml_value(each) for each in value], len(key))
    return str(value)


def _lines(table: Mapping[str, Any], name: str, parts: Sequence[str]) -> Iterator[str]:
    named = {key: f"{name}.{key}" if name else key for key in table}
    yield from (f"{_key(key)} = {toml_value(table[key], _key(key))}" for key in table if named[key] not in parts)
    for key in (key for key in table if named[key] in parts):
        is_list = isinstance(table[key], list)
        for part in table[key] if is_list else [table[key]]:
            below = list(_lines(part, named[key], parts))
            yield ""
            yield f"[[{named[key]}]]" if is_list else f"[{named[key]}]"
            yield from below


def _list(items: Sequence[str], indent: int) -> str:
    line = f"[{', '.join(items)}]"
    return line if len(line) + indent <= _WIDTH else "".join(["[\n", *(f"    {item},\n" for item in items), "]"])


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else toml_value(key)
