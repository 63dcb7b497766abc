"""That the machines of the sample were enrolled, corrected and disabled."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial

from fleet.machines import Machine
from generator.conditions import DISABLED_AT
from generator.deeds import Deed
from generator.era import START
from generator.people import AMIRA, JONAS, PETRA
from generator.roster import Member
from ops.state import Audit, MachineBook

# Tags that were mistyped on the first day.
_MISTYPED = {"app-05": ("site", "fra"), "wks-ham-02": ("role", "worksation"), "git-01": ("env", "dev")}
_CORRECTED_AFTER = timedelta(minutes=35)


def enrolment_deeds(members: Iterable[Member]) -> Iterator[Deed]:
    """Every deed of that, in any order."""
    for member in members:
        machine, name = replace(member.machine, enabled=True), member.name
        at = machine.created_at
        key, mistyped = _MISTYPED.get(name, ("", ""))
        first = replace(machine, tags={**machine.tags, key: mistyped}) if key else machine
        by = JONAS if at == START else AMIRA
        yield Deed(at, by, f"patchdeck machines add {name}", partial(_add, first))
        if key:
            command = f"patchdeck machines edit {name} --tag {key}={machine.tags[key]}"
            yield Deed(at + _CORRECTED_AFTER, JONAS, command, partial(_edit, machine))
        if not member.machine.enabled:
            yield Deed(DISABLED_AT, PETRA, f"patchdeck machines disable {name}", partial(_disable, name))


def _add(machine: Machine, connection: sqlite3.Connection, audit: Audit) -> None:
    MachineBook(connection, audit).add(machine)


def _edit(machine: Machine, connection: sqlite3.Connection, audit: Audit) -> None:
    MachineBook(connection, audit).edit(machine)


def _disable(name: str, connection: sqlite3.Connection, audit: Audit) -> None:
    MachineBook(connection, audit).set_enabled(name, enabled=False)
