"""A machine as it is, and what a list says now and said last: what changes, and what stays since somebody changed it.

As in a merge of three: what the list changed is taken over where the machine still is as the list had said; where
somebody changed the machine by hand, that stays and is told.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from fleet.importing.fields import FIELDS, SSH_ONLY, UNSET, fields_of
from fleet.importing.listed import ListedMachine
from fleet.importing.preview import FieldChange
from fleet.machines import Machine, TransportKind


@dataclass(frozen=True, slots=True)
class Merged:
    """The machine as it will be, and the values that differ from what it is or from what the list says."""

    machine: Machine
    changes: tuple[FieldChange, ...]


def new_machine(machine_id: str, listed: ListedMachine, created_at: datetime) -> Merged:
    """The machine that the list names, which is not enrolled yet; without an address its name is looked up."""
    blank = Machine(machine_id, listed.name, TransportKind.SSH, created_at, address=listed.name)
    return Merged(merge(blank, listed, None, overwrites=True).machine, ())


def remembered(listed: ListedMachine, said: ListedMachine | None) -> ListedMachine:
    """``listed``, where it is partial with what the list ``said`` last and does not say now: it may be encrypted."""
    if said is None or not listed.is_partial:
        return listed
    # Any: each field of a machine has a type of its own
    silent: dict[str, Any] = {name: getattr(said, name) for name in FIELDS if getattr(listed, name) is None}
    return replace(listed, **silent, tags=MappingProxyType({**said.tags, **listed.tags}))


def merge(known: Machine, listed: ListedMachine, said: ListedMachine | None, *, overwrites: bool) -> Merged:
    """``known`` with what the list says. ``said`` is what it said last, None where it never did.

    ``overwrites``: the list prevails over what was changed by hand.
    """
    now, last = fields_of(listed), fields_of(said) if said else {}
    values: dict[str, Any] = {}  # Any: each field of a machine has a type of its own
    changes: list[FieldChange] = []
    for name in FIELDS:
        value, unset = getattr(known, name), listed.name if name == "address" else UNSET.get(name)
        if name in SSH_ONLY and values["transport"] is not TransportKind.SSH:
            picked = _dropped(name, value)
        else:
            picked = _pick(name, _Three(value, now[name], last.get(name), unset), overwrites)
        values[name] = picked.value
        changes += picked.changes
    tags, of_tags = _merge_tags(known, listed, said, overwrites)
    return Merged(replace(known, **values, tags=tags), (*changes, *of_tags))


def _merge_tags(
    known: Machine, listed: ListedMachine, said: ListedMachine | None, overwrites: bool
) -> tuple[MappingProxyType[str, str], list[FieldChange]]:
    last = said.tags if said else {}
    if known.tags == listed.tags == last:  # nearly always
        return MappingProxyType(dict(known.tags)), []
    tags: dict[str, str] = {}
    changes: list[FieldChange] = []
    for key in dict.fromkeys((*known.tags, *listed.tags)):
        picked = _pick(f"tag {key}", _Three(known.tags.get(key), listed.tags.get(key), last.get(key), None), overwrites)
        if picked.value is not None:
            tags[key] = str(picked.value)
        changes += picked.changes
    return MappingProxyType(tags), changes


@dataclass(frozen=True, slots=True)
class _Three:
    """A value as it is, as the list has it and had it last (None: it says nothing), and while nobody has set it."""

    known: object
    listed: object
    said: object
    unset: object


@dataclass(frozen=True, slots=True)
class _Picked:
    value: object
    changes: tuple[FieldChange, ...] = ()


def _pick(name: str, three: _Three, overwrites: bool) -> _Picked:
    """The value that holds, and the change that leads there, if there is one."""
    known, unset = three.known, three.unset
    listed = unset if three.listed is None else three.listed
    if known == listed or (three.listed is None and three.said is None):
        return _Picked(known)  # the list says so too, or has never said anything of it
    is_as_said = known == (unset if three.said is None else three.said)
    change = FieldChange(name, text_of(known), text_of(listed), is_kept=not (is_as_said or overwrites))
    return _Picked(known if change.is_kept else listed, (change,))


def _dropped(name: str, value: object) -> _Picked:
    """What only SSH needs, on a machine that is reached otherwise."""
    return _Picked(None, () if value is None else (FieldChange(name, text_of(value), ""),))


def text_of(value: object) -> str:
    """A value as it is shown; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value) if isinstance(value, Enum) else str(value)
