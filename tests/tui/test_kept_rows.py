"""Rows of machines that are kept: the same as those made anew, and the very same where nothing changed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from fleet.assessments import Assessment
from fleet.machines import Machine
from fleet.status import MachineStatus, summarise
from tui.rows.judged import JudgedMachines
from tui.rows.kept_rows import KeptRows
from tui.rows.machine_rows import machine_rows

Make = Callable[[int, str], Machine]
Assess = Callable[[Machine, int], Assessment]


def make_statuses(machine: Make, assessment: Assess) -> list[MachineStatus]:
    """Of every kind."""
    machines = [machine(number, f"web-{number:02}") for number in range(30)]
    summaries = [summarise(assessment(each, number)) for number, each in enumerate(machines)]
    known = [
        MachineStatus(each, said, None if said.failure else said)
        for each, said in zip(machines, summaries, strict=True)
    ]
    return [*known, MachineStatus(machine(40, "never"))]


def test_kept_rows_are_those_made_anew(machine: Make, assessment: Assess, now: datetime) -> None:
    """As time goes by, while one is assessed, once one is other, came or went."""
    kept, statuses = KeptRows(), make_statuses(machine, assessment)
    for minutes in (0, 1, 59, 600, 6_000):
        at = now + timedelta(minutes=minutes)
        assert kept.rows(statuses, at, {}) == machine_rows(statuses, at)
    progress = {statuses[3].machine.id: "connecting"}
    assert kept.rows(statuses, now, progress) == machine_rows(statuses, now, progress)
    statuses[5] = replace(statuses[5], machine=replace(statuses[5].machine, tags={"env": "new"}))
    statuses[6] = replace(statuses[6], outside="not in the scope")
    assert kept.rows(statuses, now, {}) == machine_rows(statuses, now)
    other = [*statuses[1:], MachineStatus(machine(41, "came"))]
    assert kept.rows(other, now, {}) == machine_rows(other, now)


def test_nothing_new_is_the_very_same_list(machine: Make, assessment: Assess, now: datetime) -> None:
    """What was compared once need not be compared row by row."""
    kept, statuses = KeptRows(), make_statuses(machine, assessment)
    assert kept.rows(statuses, now, {}) is kept.rows(list(statuses), now, {})


def test_what_changed_between_two_looks_at_all_is_told_at_once(
    machine: Make, assessment: Assess, now: datetime
) -> None:
    """Seconds after a look at all, only machines that changed are looked at: they are right, each in its place."""
    kept, judged, statuses = KeptRows(), JudgedMachines(), make_statuses(machine, assessment)
    kept.rows(statuses, now, {})
    judged.compliances(statuses, now)
    for number, seconds in enumerate((1, 2, 3, 4)):
        at = now + timedelta(seconds=seconds)
        one = statuses[number]
        statuses[number] = replace(one, machine=replace(one.machine, name=f"z-{one.machine.name}", enabled=number == 1))
        progress = {statuses[9].machine.id: "connecting"} if seconds == 2 else {}
        assert kept.rows(statuses, at, progress) == machine_rows(statuses, at, progress)
        assert judged.compliances(statuses, at) == [each.compliance(at) for each in statuses]
    earlier = now - timedelta(days=2)
    assert kept.rows(statuses, earlier, {}) == machine_rows(statuses, earlier)
    assert judged.compliances(statuses, earlier) == [each.compliance(earlier) for each in statuses]
