"""Which machines a report is of, and how queries are told of them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.reports.request import ReportRequest
from fleet.targets import select_machines
from ops.enrolment import list_machines
from ops.groups import group_members
from ops.home import Home
from ops.scope import ScopeGuard
from ops.scoping import find_scope
from ops.state.database import opened
from ops.state.past_machines import enrolled_at

EVERY_MACHINE = "*"


@dataclass(frozen=True, slots=True)
class ChosenMachines:
    """The machines that a report is of. ``is_all``: every machine, those too that only tables still know."""

    machines: Sequence[Machine]
    is_all: bool
    notes: tuple[str, ...] = ()

    @property
    def parameter(self) -> str:
        """As the parameter ``machines`` of a query has them."""
        return EVERY_MACHINE if self.is_all else ",".join(sorted(machine.id for machine in self.machines))

    @property
    def parameter_text(self) -> str:
        """The parameter as it is printed: that of many machines is as long as a book."""
        if self.is_all:
            return EVERY_MACHINE
        digest = hashlib.sha256(self.parameter.encode()).hexdigest()
        return f"the ids of {len(self.machines):,} machines, sorted, with commas between them: SHA-256 {digest}"


def choose_machines(home: Home, request: ReportRequest) -> ChosenMachines:
    """The machines of ``request``, as they were enrolled at its instant.

    Groups and the scope are those of the present: their members of an earlier time are kept nowhere, which is noted.

    Raises:
        UnknownName: a target that names no machine.
        BadInput: a target that cannot be used; no machine is left.
    """
    machines = _enrolled(home, request.as_of)
    if request.is_of_all:
        return ChosenMachines(machines, is_all=True, notes=_notes_on_past(home, request))
    if request.targets:
        machines = select_machines(request.targets, machines, group_members(home))
    if request.in_scope:
        with ScopeGuard(home) as guard:
            machines = list(guard.sift(machines).inside)
    if not machines:
        raise BadInput("No machine is meant: nothing can be reported of none.")
    return ChosenMachines(machines, is_all=False, notes=_notes_on_past(home, request))


def _enrolled(home: Home, as_of: datetime | None) -> list[Machine]:
    if as_of is None:
        return list_machines(home)
    with opened(home.state_file) as connection:
        machines = enrolled_at(connection, as_of).machines
    return sorted(machines, key=lambda machine: machine.name)


def _notes_on_past(home: Home, request: ReportRequest) -> tuple[str, ...]:
    if request.as_of is None:
        return ()
    notes = []
    if find_scope(home) is not None:
        notes.append("Who was outside of the scope then is not kept: no machine is counted as outside.")
    if any(target.startswith("group:") for target in request.targets) or request.in_scope:
        notes.append("Groups and the scope are those of now: who was in them then is not kept.")
    return tuple(notes)
