"""Answers from the state of the fleet at an earlier time: the same as were given then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, Repository
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, Update
from ops.config import Settings
from ops.home import Home, open_home
from ops.questions import open_engine
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.store import TableStore
from ops.store.batch import Batch

_START = datetime(2026, 11, 20, 21, 30, tzinfo=UTC)
_UPDATE = (
    "SELECT Computer, SourceComputerId, Product, ProductArch, UpdateState, Classification, ProductVersion, "
    "InstalledVersion, IsInstallable, NotInstallableReason, FirstSeen, OSType, Title {time} FROM Update ORDER BY ALL"
)
_MACHINE = (
    "SELECT Computer, SourceComputerId, TimeGenerated, Day, Address, Transport, UserName, OSType, OSName, OSVersion, "
    "Tags, Enabled, InScope, AddedAt, LastAssessed, LastAnswered, LastOutcome, Coverage, FailureKind, FailureText, "
    "RebootRequired, RebootReason, CriticalUpdatesMissing, SecurityUpdatesMissing, OtherUpdatesMissing, "
    "UnclassifiedUpdatesMissing, NotInstallableMissing, Ready, Findings, EndOfLife, VMUUID, SourceSystem, Type, "
    "TenantId, ResourceId FROM Machine ORDER BY ALL"
)
_HISTORY = "SELECT 'Assessment', count(*), max(TimeGenerated) FROM Assessment UNION ALL SELECT 'UpdateSummary', "
_HISTORY += "count(*), max(TimeGenerated) FROM UpdateSummary ORDER BY ALL"
_ALL = (Coverage.COMPLETE, Coverage.UNCLASSIFIED)


class _Fleet:
    """Three machines of a home, and what happens to them at random, an hour after the other."""

    def __init__(self, home: Home, seed: int, coverages: tuple[Coverage, ...]) -> None:
        self.home = home
        self._random = Random(seed)
        self._coverages = coverages
        self.now = _START
        self._machines = {f"id-{name}": self._enrolled(name) for name in ("web-01", "web-02")}

    def _enrolled(self, name: str) -> Machine:
        machine = Machine(
            f"id-{name}", name, TransportKind.SSH, self.now, address=f"{name}.example", tags={"role": "it's"}
        )
        with self._book() as book:
            book.add(machine)
        return machine

    @contextmanager
    def _book(self) -> Iterator[MachineBook]:
        with opened(self.home.state_file) as connection:
            yield MachineBook(connection, Audit(connection, clock=lambda: self.now))

    def happen(self) -> None:
        """An hour goes by; then machines are assessed, or enrolments change."""
        self.now += timedelta(hours=1)
        deed = self._random.choice((self._assess, self._assess, self._assess, self._edit))
        deed()

    def _assess(self) -> None:
        assessments = tuple(self._assessment(machine) for machine in self._machines.values())
        TableStore(self.home).commit_batch(Batch(f"{self.now:%Y%m%dT%H%M%SZ}-test", assessments))

    def _edit(self) -> None:
        machine = self._random.choice(list(self._machines.values()))
        with self._book() as book:
            if self._random.random() < 0.3:
                book.remove(machine.name)
                del self._machines[machine.id]
                self._machines |= {f"id-new-{self.now:%d%H}": self._enrolled(f"new-{self.now:%d%H}")}
                return
            changed = replace(
                machine,
                name=f"{machine.name[:6]}-{self._random.randint(1, 9)}{self.now:%d%H}",
                enabled=self._random.random() < 0.5,
                tags={"round": str(self.now.hour)},
            )
            book.edit(changed)
            self._machines[machine.id] = changed

    def _assessment(self, machine: Machine) -> Assessment:
        random = self._random
        at = self.now - timedelta(seconds=random.randint(0, 30))
        begun = Assessment(machine.id, machine.name, at - timedelta(seconds=3), at, Coverage.UNKNOWN)
        if random.random() < 0.2:
            failure = Failure(FailureKind.CONNECTION_REFUSED, "connecting", "refused", "start sshd")
            return replace(begun, failure=failure)
        updates = tuple(_update(random, name) for name in random.sample(["a", "b", "c"], random.randint(0, 3)))
        installed = {("z", "amd64"): "1"} | {(each.name, "amd64"): each.installed_version for each in updates}
        return replace(
            begun,
            coverage=random.choice(self._coverages),
            facts=_facts(random),
            updates=updates,
            installed=installed,
            findings=tuple(_FINDINGS[: random.randint(0, 2)]),
        )


_FINDINGS = (
    Finding(FindingKind.LISTS_STALE, Severity.WARNING, 'it\'s "patched"', "stop it"),
    Finding(FindingKind.LISTS_MISSING, Severity.ERROR, "full", "clear"),
)


def _update(random: Random, name: str) -> Update:
    return Update(
        name, "amd64", random.choice("12"), random.choice("34"),
        random.choice((Classification.SECURITY, Classification.OTHERS)), "origin", "Debian:12",
        blocker=random.choice((None, None, Blocker.HELD)),
    )  # fmt: skip


def _facts(random: Random) -> MachineFacts:
    return MachineFacts(
        os_type=OSType.LINUX,
        os_name="Debian",
        os_version=random.choice(("12.7", "12.8")),
        kernel=random.choice(("6.1", "6.2")),
        reboot_required=random.choice(list(Answer)),
        reboot_reason=random.choice(("", "new kernel")),
        repositories=(Repository("Debian:12"),),
    )


def _ask(
    home: Home, as_of: datetime | None, now: datetime, questions: tuple[str, ...]
) -> list[list[tuple[object, ...]]]:
    with open_engine(home, Settings(), now=now, as_of=as_of) as engine:
        return [engine.run(question).rows for question in questions]


@pytest.mark.parametrize(
    ("seed", "coverages"),
    [
        (1, _ALL),
        pytest.param(2, _ALL, marks=pytest.mark.soak),
        pytest.param(3, tuple(Coverage), marks=pytest.mark.soak),
        pytest.param(4, tuple(Coverage), marks=pytest.mark.soak),
    ],
)
def test_answer_as_of_a_time_is_the_one_that_was_given_then(
    tmp_path: Path, seed: int, coverages: tuple[Coverage, ...]
) -> None:
    """Whatever became of the machines since: assessed, failed, edited, renamed, disabled, removed."""
    fleet = _Fleet(open_home(tmp_path / "home"), seed, coverages)
    # Where a scan did not see every repository, it is not kept which rows it saw.
    questions = (_UPDATE.format(time=", TimeGenerated, Day" if coverages is _ALL else ""), _MACHINE, _HISTORY)
    given = {}
    for _ in range(6):
        fleet.happen()
        given[fleet.now] = _ask(fleet.home, None, fleet.now, questions)

    for at, then in given.items():
        assert _ask(fleet.home, at, fleet.now, questions) == then
        assert _ask(fleet.home, at + timedelta(minutes=29), fleet.now, questions) == then


def test_a_time_before_all_history_is_said_to_be_one(tmp_path: Path) -> None:
    """No rows would read like nothing missing."""
    fleet = _Fleet(open_home(tmp_path / "home"), 1, _ALL)
    fleet._assess()

    with open_engine(fleet.home, Settings(), as_of=_START - timedelta(days=2)) as engine:
        before = engine.run("SELECT count(*) FROM Assessment")
    with open_engine(fleet.home, Settings(), as_of=_START + timedelta(days=2)) as engine:
        after = engine.run("SELECT count(*) FROM Assessment")

    assert (before.rows, after.rows) == ([(0,)], [(2,)])
    assert before.notes == ("Assessment: nothing is known as of then, since what is stored begins on 2026-11-20.",)
    assert after.notes == ()
