"""JSON that a machine prints, taken apart without trusting it."""

import json
from collections.abc import Mapping
from typing import cast

from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.hostile import clean, decode

_MOST_BYTES = 8_388_608

JsonObject = Mapping[str, object]


def parse_object(section: Section) -> JsonObject:
    """The one object that a section holds.

    Raises:
        UnreadableOutput: it is no JSON, too large, or not an object.
    """
    if len(section.stdout) > _MOST_BYTES:
        raise UnreadableOutput(section.name, 1, "(too large)")
    try:
        value = json.loads(decode(section.stdout))
    except (ValueError, RecursionError) as error:
        raise UnreadableOutput(section.name, 1, clean(f"(not JSON: {error})", 300)) from error
    if not isinstance(value, dict):
        raise UnreadableOutput(section.name, 1, clean(decode(section.stdout[:200])))
    return cast("JsonObject", value)


def get_object(values: JsonObject | None, name: str) -> JsonObject | None:
    """The object of that name; None where there is none, or something else."""
    value = values.get(name) if values is not None else None
    return cast("JsonObject", value) if isinstance(value, dict) else None


def get_list(values: JsonObject, name: str) -> list[object]:
    """The list of that name; empty where there is none, or something else."""
    value = values.get(name)
    return cast("list[object]", value) if isinstance(value, list) else []


def get_text(values: JsonObject | None, name: str) -> str:
    """The text of that name on one harmless line; empty where there is none, or something else."""
    value = values.get(name) if values is not None else None
    return clean(value, 500) if isinstance(value, str) else ""


def get_number(values: JsonObject | None, name: str) -> int | None:
    """The number of that name; None where there is none, or something else."""
    value = values.get(name) if values is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None
