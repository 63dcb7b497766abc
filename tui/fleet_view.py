"""The fleet as the screens see it: what state.db says, with what a running scan has found and not yet stored."""

import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace

from fleet.assessments import Assessment
from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.status import MachineStatus, summarise


class FleetView:
    """The statuses of all machines at one revision of state.db. Not loaded yet: ``revision`` is None.

    What a list of machines does not show it does not have of their facts; ``read`` gives all that is known of one.
    """

    def __init__(self, read: Callable[[Machine], MachineStatus] = MachineStatus) -> None:
        self._read = read
        # The one that was looked at last, as it is known here and with all its facts.
        self._whole: tuple[MachineStatus, MachineStatus] | None = None
        self.revision: int | None = None
        # Why state.db cannot be read now; empty where it can.
        self.problem = ""
        self._stored: dict[str, MachineStatus] = {}
        self._found: dict[str, MachineStatus] = {}
        self._past: dict[str, MachineStatus] | None = None
        self._first: dict[str, MachineStatus] = {}
        self.unread = 0

    @property
    def statuses(self) -> list[MachineStatus]:
        """Every enrolled machine."""
        if self._past is not None:
            return list(self._past.values())
        return self.present

    @property
    def first(self) -> list[MachineStatus]:
        """The machines that need a look first, while all the others are still ``unread``; empty from then on."""
        return list(self._first.values())

    @property
    def present(self) -> list[MachineStatus]:
        """What is known now, also while an earlier instant is shown."""
        if not self._found:
            return list(self._stored.values())
        return [self._found.get(machine_id, status) for machine_id, status in self._stored.items()]

    @property
    def is_empty(self) -> bool:
        """Whether it is known that no machine is enrolled."""
        return self.revision is not None and not (self._stored if self._past is None else self._past)

    def find(self, machine_id: str) -> MachineStatus | None:
        """The status of the machine with ``machine_id``, None if it is not enrolled any more."""
        if self._past is not None:
            return self._past.get(machine_id)
        return self._found.get(machine_id) or self._stored.get(machine_id) or self._first.get(machine_id)

    def find_whole(self, machine_id: str) -> MachineStatus | None:
        """As `find`, with all facts: of one machine at a time. Where state.db cannot be read, what is known here."""
        status = self.find(machine_id)
        if status is None:
            return None
        if self._whole is None or self._whole[0] is not status:
            try:
                self._whole = (status, status.told_by(self._read(status.machine)))
            except (PatchdeckError, sqlite3.Error):  # the app tells of it, see `tui.revisions`
                return status
        return self._whole[1]

    def find_by_name(self, name: str) -> MachineStatus | None:
        """The status of the machine called ``name``, whatever the case."""
        folded = name.casefold()
        return next((status for status in self.statuses if status.machine.name.casefold() == folded), None)

    def take_first(self, statuses: Iterable[MachineStatus], count: int) -> None:
        """The first machines of ``count``, until `take` has all of them."""
        self._first = {status.machine.id: status for status in statuses}
        self.unread = count - len(self._first)

    def take(self, revision: int, statuses: Iterable[MachineStatus]) -> None:
        """What state.db says from now on."""
        self.revision = revision
        self._first, self.unread = {}, 0
        self._stored = {status.machine.id: status for status in statuses}

    def take_past(self, statuses: Iterable[MachineStatus]) -> None:
        """What was true at an earlier instant, which holds until `leave_past`; what state.db says is kept beside it."""
        self._past = {status.machine.id: status for status in statuses}

    def leave_past(self) -> None:
        """Back to what state.db says."""
        self._past = None

    def add(self, machine: Machine) -> None:
        """A machine that was enrolled just now, before state.db is read again."""
        self._stored.setdefault(machine.id, MachineStatus(machine))

    def take_finding(self, machine: Machine, assessment: Assessment) -> None:
        """An answer that is not stored yet."""
        if known := self.find(machine.id):
            summary = summarise(assessment)
            answer = known.last_answer if assessment.failure else summary
            self._found[machine.id] = replace(known, last_attempt=summary, last_answer=answer)

    def forget_findings(self) -> None:
        """What was found is stored by now, or lost."""
        self._found.clear()
