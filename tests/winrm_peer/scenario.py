"""Machines as JSON: what a scenario says of one, in the names of `PeerMachine`'s fields and those of its parts."""

import dataclasses
import json
import types
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from tests.winrm_peer.machine import PeerMachine

# What only a machine that runs has.
_NOT_TOLD = frozenset({"clock", "counters", "tasks", "runs"})


class BadScenario(ValueError):
    """A scenario that says what no machine can be."""


def load_machines(path: Path) -> list[PeerMachine]:
    """The machines of the scenario in the file: one object, or a list of them.

    Raises:
        BadScenario: it is none.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BadScenario(f"{path}: {error}") from error
    return [read_machine(one) for one in (told if isinstance(told, list) else [told])]


def read_machine(told: object) -> PeerMachine:
    """The machine that an object of JSON describes; what it does not say is as `PeerMachine` has it.

    Raises:
        BadScenario: a name is unknown, or a value does not fit.
    """
    made = _read(PeerMachine, told, "machine")
    assert isinstance(made, PeerMachine)
    return made


def write_machine(machine: PeerMachine) -> dict[str, object]:
    """The object of JSON that describes a machine as it is now; what is as in `PeerMachine` is left out."""
    told = _write(machine)
    usual = _write(PeerMachine())
    assert isinstance(told, dict)
    assert isinstance(usual, dict)
    return {name: value for name, value in told.items() if value != usual[name]}


def _read(kind: Any, told: object, at: str) -> object:  # Any: types as `get_type_hints` gives them
    origin, inner = get_origin(kind), get_args(kind)
    if kind is object or kind is Any:
        return told
    if origin in (Union, types.UnionType):
        return _read_one_of(inner, told, at)
    if origin is list:
        return [_read(inner[0], one, f"{at}[{number}]") for number, one in enumerate(_as(list, told, at))]
    if origin in (dict, Mapping):
        return {name: _read(inner[1], value, f"{at}.{name}") for name, value in _as(dict, told, at).items()}
    if dataclasses.is_dataclass(kind):
        return _read_fields(kind, _as(dict, told, at), at)
    return _read_value(kind, told, at)


def _read_value(kind: Any, told: object, at: str) -> object:
    try:
        if issubclass(kind, datetime):
            moment = datetime.fromisoformat(_as(str, told, at))
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        if issubclass(kind, bytes):
            return bytes.fromhex(_as(str, told, at))
        if issubclass(kind, Enum):
            return kind(told)
    except ValueError as error:
        raise BadScenario(f"{at}: {error}") from error
    if kind is float and type(told) is int:
        return float(told)
    return _as(kind, told, at)


def _read_one_of(kinds: tuple[Any, ...], told: object, at: str) -> object:
    if told is None and type(None) in kinds:
        return None
    wrong = BadScenario(f"{at}: nothing fits")
    for kind in (kind for kind in kinds if kind is not type(None)):
        try:
            return _read(kind, told, at)
        except BadScenario as error:
            wrong = error
    raise wrong


def _read_fields(kind: Any, told: dict[str, object], at: str) -> object:
    hints = get_type_hints(kind)
    known = {made.name for made in _told_fields(kind)}
    if unknown := sorted(told.keys() - known):
        raise BadScenario(f"{at}: there is no {unknown[0]!r}")
    return kind(**{name: _read(hints[name], value, f"{at}.{name}") for name, value in told.items()})


def _as(kind: Any, told: object, at: str) -> Any:
    if type(told) is not kind:
        raise BadScenario(f"{at}: {told!r} is no {kind.__name__}")
    return told


def _told_fields(kind: Any) -> list[dataclasses.Field[object]]:
    return [made for made in dataclasses.fields(kind) if not made.name.startswith("_") and made.name not in _NOT_TOLD]


def _write(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {made.name: _write(getattr(value, made.name)) for made in _told_fields(type(value))}
    if isinstance(value, Mapping):
        return {str(name): _write(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_write(one) for one in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return value.value if isinstance(value, Enum) else value
