"""What comes between a console and a machine during a run: cuts, ends of windows, full disks, lost machines."""

import asyncio
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import ChangeKind, MachinePlan, PackageChange, Plan, Simulation
from fleet.deployments.reboot_rules import RebootRules
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Run,
    RunStatus,
    RunStep,
    UpdateOutcome,
)
from fleet.deployments.window import Window
from fleet.failures import FindingKind
from ops.deployments import job_keeper
from ops.deployments.clock import SteadyClock, seconds_since_boot
from ops.deployments.events import MachineNote, PlanFrozen, RunEvent, RunNote
from ops.state import connect
from ops.state.audit import utc_now
from ops.state.runs import RunBook
from tests.lab.builder.commands import run as run_command
from tests.lab.builder.lab import Lab
from tests.lab.real_runs import EVERYTHING, Outcome, RealRuns

NIGHT = Deployment("night", ("all",), EVERYTHING)
_WAITING = "pgrep -f acme-wait[s].postinst"
_ENDED = "ls /var/lib/patchdeck/jobs/*/exit 2>/dev/null"
_SESSION = "^sshd: patcher"
_CUTS = 10


@pytest.fixture(scope="module")
def evening(
    deployed: Lab, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, tuple[RealRuns, Outcome]]]:
    """Four runs at the same time, since most of it is waiting; each has a home of its own and one machine, its name."""
    everyone = {"run-cut": _cut, "run-window": _outlast, "run-lost": _lose, "run-console": _fill_console}
    homes = {name: RealRuns(deployed, tmp_path_factory.mktemp(name)) for name in everyone}
    with _small_disk(homes["run-console"].folder / "home"), pytest.MonkeyPatch.context() as patch:
        # As all of life here, at a tenth of its length.
        patch.setattr(job_keeper, "FIRST_WAIT_SECONDS", 0.2)
        patch.setattr(job_keeper, "LONGEST_WAIT_SECONDS", 2.0)
        for name, runs in homes.items():
            runs.enrol(name)

        async def all_of_them() -> list[Run]:
            return await asyncio.gather(*(scene(homes[name]) for name, scene in everyone.items()))

        ended = asyncio.run(all_of_them())
        yield {name: (homes[name], homes[name].outcome(run)) for name, run in zip(everyone, ended, strict=True)}


async def _cut(runs: RealRuns) -> Run:
    """Ends every connection ten times while dpkg is at work."""
    run = runs.make(NIGHT)
    working = asyncio.create_task(runs.work(run))
    await runs.until("run-cut", _WAITING)
    for number in range(_CUTS):
        await runs.until("run-cut", f"pgrep --older 1 -f '{_SESSION}'")  # it is followed again
        runs.shell("run-cut", f"pkill -9 -f '{_SESSION}'")
        await _until_told(runs, "The connection failed", number + 1)
    runs.shell("run-cut", "touch /run/go-on")
    return await working


def test_connection_cut_ten_times_during_dpkg(evening: Mapping[str, tuple[RealRuns, Outcome]]) -> None:
    """A lost connection is no failure: each time the job is found again, and the package is installed once."""
    runs, outcome = evening["run-cut"]

    assert outcome.run.status is RunStatus.SUCCEEDED, outcome.describe()
    assert set(outcome.statuses("run-cut").values()) == {InstallationStatus.SUCCEEDED}
    assert runs.upgrades("run-cut", "acme-waits") == 1
    assert outcome.machines["run-cut"].attempts == 1
    assert outcome.log("run-cut").count(b"Setting up acme-waits (1.1-1)") == 1


async def _outlast(runs: RealRuns) -> Run:
    """The update in work is done only when the window is over."""
    _remember_slow_installations(runs, "run-window")
    run = runs.make(replace(NIGHT, window=Window(minutes=10, stop_starting_minutes=0, reboot_minutes=0)))
    await _plan_only(runs, run)
    clock = SteadyClock(lambda: run.closes_at - timedelta(seconds=20))
    working = asyncio.create_task(runs.work(run, clock=clock))
    await runs.until("run-window", _WAITING)
    await clock.sleep_until(run.closes_at + timedelta(seconds=1))
    runs.shell("run-window", "touch /run/go-on")
    return await working


def test_slow_package_in_a_short_window(evening: Mapping[str, tuple[RealRuns, Outcome]]) -> None:
    """What runs at the end of the window is never killed; what comes after it is not begun, and said to be late."""
    runs, outcome = evening["run-window"]

    assert outcome.statuses("run-window") == {
        "acme-lib": InstallationStatus.SUCCEEDED,
        "acme-waits": InstallationStatus.SUCCEEDED,
        "acme-zeal": InstallationStatus.WINDOW_EXCEEDED,
    }, outcome.describe()
    assert outcome.machines["run-window"].status is MachineRunStatus.WINDOW_EXCEEDED
    assert runs.deb("run-window", "acme-waits") == "1.1-1 installed"
    assert runs.deb("run-window", "acme-zeal") == "1.0-1 installed"


def _remember_slow_installations(runs: RealRuns, name: str) -> None:
    """The fleet's history has ten minutes for a package, so that each gets a transaction of its own."""
    past = replace(runs.make(NIGHT), status=RunStatus.SUCCEEDED, ended_at=utc_now())
    change = PackageChange(ChangeKind.UPGRADE, "acme-old", "all", "1", "2")
    plan = Plan(
        "night", utc_now(), (MachinePlan(f"id-of-{name}", name, 0, "apt", simulation=Simulation((change,))),), ""
    )
    done = UpdateOutcome("acme-old", "all", "1", "2", "Others", InstallationStatus.SUCCEEDED)
    record = MachineRun(past.id, f"id-of-{name}", name, 0, MachineRunStatus.SUCCEEDED, install_seconds=600.0)
    with closing(connect(runs.home.state_file)) as connection:
        book = RunBook(connection)
        book.freeze(past, plan, [replace(record, outcomes=(done,))])
        book.save(past)


async def _plan_only(runs: RealRuns, run: Run) -> None:
    """Works on the run until its plan is frozen."""
    stop = asyncio.Event()

    def look(event: RunEvent) -> None:
        if isinstance(event, PlanFrozen):
            stop.set()

    await runs.work(run, stop=stop, on_event=look)


async def _lose(runs: RealRuns) -> Run:
    """The machine that has to reboot stays off; two minutes are ten seconds."""
    run = runs.make(replace(NIGHT, reboot=RebootRules(return_minutes=2)))
    return await runs.work(run, monotonic=lambda: 12 * seconds_since_boot())


def test_machine_that_never_returns(evening: Mapping[str, tuple[RealRuns, Outcome]]) -> None:
    """Its updates are there, its reboot is not: that is an error, with what was last seen of it."""
    _, outcome = evening["run-lost"]
    record = outcome.machines["run-lost"]

    assert record.status is MachineRunStatus.FAILED, outcome.describe()
    assert "did not return from its reboot within 2 minutes; last seen: " in record.error
    assert "the connection was refused" in record.error
    assert FindingKind.NEVER_RETURNED in outcome.findings("run-lost")
    assert outcome.statuses("run-lost") == {"acme-wants-reboot": InstallationStatus.SUCCEEDED}
    assert record.step is RunStep.REPORT
    assert not record.rebooted


async def _fill_console(runs: RealRuns) -> Run:
    """No byte can be written from the middle of the installation until well after its end."""
    run = runs.make(NIGHT)
    working = asyncio.create_task(runs.work(run))
    await runs.until("run-console", _WAITING)
    filler = runs.folder / "home" / "temp" / "filler"
    filler.parent.mkdir(exist_ok=True)
    _fill(filler)
    runs.shell("run-console", "touch /run/go-on")
    await runs.until("run-console", _ENDED)
    await _until_told(runs, "the disk is full", 1)
    assert not working.done()
    filler.unlink()
    return await working


def test_full_disk_of_the_console_loses_nothing(evening: Mapping[str, tuple[RealRuns, Outcome]]) -> None:
    """The machine goes on meanwhile; when there is room again the run ends with one installation and its whole log."""
    runs, outcome = evening["run-console"]

    assert outcome.run.status is RunStatus.SUCCEEDED, outcome.describe()
    assert runs.upgrades("run-console", "acme-waits") == 1
    assert b"Setting up acme-zeal (1.1-1)" in outcome.log("run-console")
    assert outcome.log("run-console").count(b"Setting up acme-waits (1.1-1)") == 1


async def _until_told(runs: RealRuns, words: str, times: int) -> None:
    async with asyncio.timeout(60):
        while sum(isinstance(event, MachineNote | RunNote) and words in event.text for event in runs.events) < times:
            await asyncio.sleep(0.05)


@contextmanager
def _small_disk(path: Path) -> Iterator[None]:
    """A disk of its own at ``path``."""
    path.mkdir()
    run_command("mount", "-t", "tmpfs", "-o", "size=32m,mode=700", "tmpfs", path)
    try:
        yield
    finally:
        run_command("umount", "--lazy", path)


def _fill(path: Path) -> None:
    """Leaves not a byte on the disk of ``path``."""
    give_up_at = time.monotonic() + 10
    with path.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            try:
                while time.monotonic() < give_up_at:
                    file.write(bytes(size))
            except OSError:
                continue
