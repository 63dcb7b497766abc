"""Assessing the demo's machines again, by their transcripts, finds what its home shows."""

import asyncio
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.assess import AssessOptions, assess_machine
from collectors.transports.scripted import ScriptedTransport
from fleet.assessments import Assessment
from fleet.facts import SearchWay
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.machines import Machine
from fleet.status import AssessmentSummary, MachineStatus
from fleet.updates import Blocker, Update
from ops.home import open_home
from ops.missing import list_missing
from ops.state import StatusBook, connect

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def statuses(home: Path) -> list[MachineStatus]:
    """What the home knows of its machines."""
    with closing(connect(home / "state.db")) as connection:
        return StatusBook(connection).list_statuses()


@pytest.fixture(scope="module")
def again(home: Path, statuses: list[MachineStatus]) -> dict[str, Assessment]:
    """A new assessment of each machine, by name."""

    async def assess_all() -> list[Assessment]:
        return await asyncio.gather(*(assess(home, status.machine) for status in statuses))

    return {assessment.machine_name: assessment for assessment in asyncio.run(assess_all())}


async def assess(home: Path, machine: Machine) -> Assessment:
    transport = ScriptedTransport(home / str(machine.transcript))
    return await assess_machine(machine, transport, AssessOptions(), lambda: NOW)


def test_same_updates_are_found(home: Path, statuses: list[MachineStatus], again: dict[str, Assessment]) -> None:
    """Each machine that answered today misses the same updates, for the same reasons, from the same places."""
    shown: dict[str, set[Update]] = {}
    for missing in list_missing(open_home(home)):
        shown.setdefault(missing.machine_name, set()).add(as_listed(missing.update))
    fresh = [s for s in statuses if s.compliance(NOW).is_assessed]
    assert len(fresh) > 40
    for status in fresh:
        found = set(map(as_listed, again[status.machine.name].updates))
        assert found == shown.get(status.machine.name, set()), status.machine.name


def test_same_machines_fail(statuses: list[MachineStatus], again: dict[str, Assessment]) -> None:
    """What could not be reached cannot be reached again, for the same reason; what answered today answers."""
    for status in statuses:
        if status.last_attempt is not None:
            now, before = again[status.machine.name].failure, status.last_attempt.failure
            assert (now and now.kind) == (before and before.kind), status.machine.name


def test_same_findings_and_coverage(statuses: list[MachineStatus], again: dict[str, Assessment]) -> None:
    """Each machine that was assessed in the last hour has the same findings, coverage and facts."""
    for status in statuses:
        answer, now = status.last_answer, again[status.machine.name]
        if answer is not None and answer == status.last_attempt:
            if (NOW - answer.ended_at).total_seconds() > 3600:
                continue
            assert kinds_of(now) == kinds_of(answer), status.machine.name
            assert now.coverage is answer.coverage, status.machine.name
            assert now.facts.kernel == answer.facts.kernel
            assert now.facts.boot_id == answer.facts.boot_id
            assert now.facts.reboot_required is answer.facts.reboot_required, status.machine.name


def as_listed(update: Update) -> Update:
    """What the list of missing updates holds of it; `test_demo` compares the rest in the table itself."""
    return replace(update, severity="", advisories=(), urls=(), cves=(), published_at=None, source_package="")


def kinds_of(assessment: Assessment | AssessmentSummary) -> set[tuple[FindingKind, Severity]]:
    """Those of its findings that one machine alone can tell: that it is a clone shows from the others."""
    return {(f.kind, f.severity) for f in assessment.findings if f.kind is not FindingKind.IDENTITY_SHARED}


def test_windows_machines_tell_their_stories(again: dict[str, Assessment]) -> None:
    """SYSTEM searches on Server 2025; a WSUS stands still, an agent is broken, and two are not what they should be."""
    by_task = again["iis-03"].facts.windows
    assert by_task is not None
    assert by_task.search_way is SearchWay.TASK
    assert FindingKind.UPDATE_SOURCE_STALE in {finding.kind for finding in again["dc-03"].findings}
    failures = {name: again[name].failure for name in ("rds-01", "iis-stg-01", "ca-01")}
    assert {name: failure.kind if failure else None for name, failure in failures.items()} == {
        "rds-01": FailureKind.PACKAGE_MANAGER_FAILED,
        "iis-stg-01": FailureKind.CERTIFICATE_CHANGED,
        "ca-01": FailureKind.LANGUAGE_CONSTRAINED,
    }
    blockers = {update.blocker for name in again for update in again[name].updates if update.windows}
    assert {Blocker.HIDDEN, Blocker.OPTIONAL, Blocker.NEEDS_LICENCE, None} == blockers
