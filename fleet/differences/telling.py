"""What the changes between two pictures of a fleet mean, with what is known to have happened in between. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.compliance import Compliance
from fleet.differences.difference import Change, Difference, compare
from fleet.differences.pictures import FleetPicture, MachinePicture, UpdateKey, UpdatePicture
from fleet.updates import Blocker

OUTSIDE = "outside Patchdeck"


class Told(StrEnum):
    """What became of something between two instants."""

    CAME = "came"
    WENT = "went"
    RENAMED = "renamed"
    BECAME_COMPLIANT = "became compliant"
    BECAME_NON_COMPLIANT = "became non-compliant"
    COMPLIANCE = "compliance changed"
    APPEARED = "appeared"
    INSTALLED = "installed"
    SUPERSEDED = "superseded"
    HIDDEN = "hidden"
    NOT_NEEDED = "no longer needed"
    CHANGED = "changed"
    WENT_WITH_MACHINE = "went with its machine"
    REBOOTED = "rebooted"
    REBOOT_DONE = "reboot no longer pending"
    REBOOT_DUE = "reboot pending"
    FAILED_ASSESSMENT = "assessment failed"


class Subject(StrEnum):
    """What a line is about."""

    MACHINES = "machines"
    COMPLIANCE = "compliance"
    UPDATES = "updates"
    REBOOTS = "reboots"
    ASSESSMENTS = "assessments"


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs. ``what`` is the update, ``by`` who did it where that can be told: a run's id, or
    `OUTSIDE`; ``at`` when, where that is known.
    """

    subject: Subject
    told: Told
    machine_id: str
    machine_name: str
    what: str = ""
    before: str = ""
    after: str = ""
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Installation:
    """That an update was installed in between, or found installed; ``run_id`` is empty where no run did it."""

    at: datetime
    machine_name: str
    name: str
    version: str
    run_id: str = ""


@dataclass(frozen=True, slots=True)
class Happened:
    """What is known of the time in between.

    ``installed`` by the update's key. ``lines`` are what is told as it is: reboots and failed assessments.
    """

    installed: Mapping[UpdateKey, Installation]
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class FleetDifference:
    """Two pictures, of ``since`` and ``until``, and what became of the first; ``lines`` in the order of subjects."""

    since: datetime
    until: datetime
    before: FleetPicture
    after: FleetPicture
    lines: tuple[Line, ...]

    def count(self, *told: Told) -> int:
        """How many lines tell that."""
        return sum(line.told in told for line in self.lines)

    def of(self, subject: Subject) -> Sequence[Line]:
        """The lines about ``subject``."""
        return [line for line in self.lines if line.subject is subject]


def tell_difference(
    since: datetime, until: datetime, before: FleetPicture, after: FleetPicture, happened: Happened
) -> FleetDifference:
    """What became of ``before``, the picture at ``since``, until ``after``."""
    difference = compare(before, after)
    lines = [
        *_tell_machines(difference),
        *_tell_updates(difference, before, after, happened),
        *_tell_reboots(difference, happened.lines),
        *happened.lines,
    ]
    order = list(Subject)
    in_order = sorted(lines, key=lambda line: (order.index(line.subject), line.machine_name, line.what, line.told))
    return FleetDifference(since, until, before, after, tuple(in_order))


def _tell_machines(difference: Difference) -> Iterator[Line]:
    for machine_id, change in difference.machines.items():
        before, after = change.before, change.after
        if before is None or after is None:
            known = before or after
            name = known.name if known else ""
            told = Told.WENT if after is None else Told.CAME
            yield Line(Subject.MACHINES, told, machine_id, name, "", _compliance(before), _compliance(after))
            continue
        if before.name != after.name:
            yield Line(Subject.MACHINES, Told.RENAMED, machine_id, after.name, "", before.name, after.name)
        if before.compliance is not after.compliance:
            texts = (before.compliance.value, after.compliance.value)
            yield Line(
                Subject.COMPLIANCE, _judge(before.compliance, after.compliance), machine_id, after.name, "", *texts
            )


def _compliance(machine: MachinePicture | None) -> str:
    return machine.compliance.value if machine else ""


def _judge(before: Compliance, after: Compliance) -> Told:
    """It became so where it was known to be the other: of one that was stale, nobody knows what it was."""
    if (before, after) == (Compliance.NON_COMPLIANT, Compliance.COMPLIANT):
        return Told.BECAME_COMPLIANT
    is_worse = (before, after) == (Compliance.COMPLIANT, Compliance.NON_COMPLIANT)
    return Told.BECAME_NON_COMPLIANT if is_worse else Told.COMPLIANCE


def _tell_updates(
    difference: Difference, before: FleetPicture, after: FleetPicture, happened: Happened
) -> Iterator[Line]:
    names = {machine_id: machine.name for machine_id, machine in {**before.machines, **after.machines}.items()}
    for key, found in happened.installed.items():
        change = difference.updates.get(key)
        name = names.get(key[0], found.machine_name)
        was = _version(change.before) if change else ""
        by = found.run_id or OUTSIDE
        yield Line(Subject.UPDATES, Told.INSTALLED, key[0], name, found.name, was, found.version, by, found.at)
    for key, change in difference.updates.items():
        told = _tell_update(change, is_installed=key in happened.installed, is_gone=key[0] not in after.machines)
        update = change.after or change.before
        if told is not None and update is not None:
            texts = (_version(change.before), _version(change.after))
            yield Line(Subject.UPDATES, told, key[0], names.get(key[0], ""), update.name, *texts)


def _version(update: UpdatePicture | None) -> str:
    if update is None:
        return ""
    return f"{update.version} ({update.blocker})" if update.blocker else update.version


def _tell_update(change: Change[UpdatePicture], *, is_installed: bool, is_gone: bool) -> Told | None:
    """What became of it beside that it was installed; None where that is all."""
    before, after = change.before, change.after
    if before is None:
        return Told.APPEARED
    if after is None:
        return None if is_installed else Told.WENT_WITH_MACHINE if is_gone else Told.NOT_NEEDED
    if before.version != after.version:
        # After what was installed, a newer version is offered; else it took the place of the one before.
        return Told.APPEARED if is_installed else Told.SUPERSEDED
    is_hidden = after.blocker == Blocker.HIDDEN.value and before.blocker != after.blocker
    return Told.HIDDEN if is_hidden else Told.CHANGED


def _tell_reboots(difference: Difference, told: Iterable[Line]) -> Iterator[Line]:
    """Restarts that became due or are not any more; of machines whose reboot is told, that alone."""
    rebooted = {line.machine_id for line in told if line.told is Told.REBOOTED}
    for machine_id, change in difference.machines.items():
        if change.before is None or change.after is None or change.before.reboot is change.after.reboot:
            continue
        if change.after.reboot == "yes":
            yield Line(Subject.REBOOTS, Told.REBOOT_DUE, machine_id, change.after.name)
        elif change.before.reboot == "yes" and machine_id not in rebooted:
            yield Line(Subject.REBOOTS, Told.REBOOT_DONE, machine_id, change.after.name)
