"""A machine as it is, and what a list says now and said last: what changes, and what stays since somebody changed it.

As in a merge of three: what the list changed is taken over where the machine still is as the list had said; where
somebody changed the machine by hand, that stays and is told.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum
from types import MappingProxyType
from typing import Any

from fleet.importing.fields import FIELDS, UNSET, WINRM_PARTS, fields_of, fields_without, value_of
from fleet.importing.listed import ListedMachine
from fleet.importing.preview import FieldChange
from fleet.machines import Machine, OSType, TransportKind
from fleet.reaching import usual_is_none
from fleet.winrm import HTTP_PORT, HTTPS_PORT, WinrmScheme, WinrmWay

WINRM_PORTS = (HTTP_PORT, HTTPS_PORT)


@dataclass(frozen=True, slots=True)
class Merged:
    """The machine as it will be, and the values that differ from what it is or from what the list says."""

    machine: Machine
    changes: tuple[FieldChange, ...]


def new_machine(machine_id: str, listed: ListedMachine, created_at: datetime) -> Merged:
    """The machine that the list names, which is not enrolled yet; without an address its name is looked up.

    A Windows of which nothing says how it is reached is reached by WinRM.
    """
    is_windows = listed.os_type is OSType.WINDOWS and listed.key_file is None and listed.proxy_jump is None
    if listed.transport is None and is_windows and listed.port in (None, *WINRM_PORTS):
        listed = replace(listed, transport=TransportKind.WINRM)
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
        value, unset = value_of(known, name), listed.name if name == "address" else UNSET.get(name)
        if "transport" in values and name in fields_without(values["transport"], values.get("os_type")):
            picked = _dropped(name, value, UNSET.get(name))
        else:
            picked = _pick(name, _Three(value, now[name], last.get(name), unset), overwrites)
        values[name] = picked.value
        changes += picked.changes
    tags, of_tags = _merge_tags(known, listed, said, overwrites)
    return Merged(replace(known, **_with_way(known, values), tags=tags), (*changes, *of_tags))


def _with_way(known: Machine, values: Mapping[str, Any]) -> dict[str, Any]:
    """``values`` with the parts of WinRM in one; whatever it reaches is a Windows."""
    rest = {name: value for name, value in values.items() if name not in WINRM_PARTS}
    if values["transport"] is not TransportKind.WINRM:
        return rest | {"winrm": None}
    parts = {part: values[name] for name, part in WINRM_PARTS.items()}
    is_clear = known.winrm is not None and known.winrm.is_clear_text_allowed and parts["scheme"] is WinrmScheme.HTTP
    way = WinrmWay(**parts, is_clear_text_allowed=is_clear)
    return rest | {"winrm": usual_is_none(way), "os_type": values["os_type"] or OSType.WINDOWS}


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


def _dropped(name: str, value: object, unset: object) -> _Picked:
    """What means nothing on a machine that is reached so."""
    return _Picked(unset, () if value == unset else (FieldChange(name, text_of(value), ""),))


def text_of(value: object) -> str:
    """A value as it is shown; nothing where there is none."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value.value) if isinstance(value, Enum) else str(value)
