"""Fleets made by hand, and the app over them."""

import shutil
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
from textual._wait import wait_for_idle
from textual.app import App
from textual.css.query import NoMatches
from textual.pilot import Pilot

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, Update
from ops.assess_commit import store_batch
from ops.home import Home, open_home
from ops.state.database import connect
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook
from tests.tui.made_runs import MadeRun, define_all, make_live, make_past
from tests.tui.quick_sheets import parsed_once
from tests.tui.real_terminal import terminal  # noqa: F401 - a fixture
from tui.app import PatchdeckApp
from tui.widgets.table import BigTable

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True, scope="session")
def quick_sheets() -> Iterator[None]:
    """Style sheets are parsed once, not for each app."""
    with parsed_once():
        yield


@pytest.fixture(autouse=True)
def quick_keys(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key waits a tenth of a second for an app that works on: what comes of it is waited for with `until`.

    Textual waits up to a second, twice a key, and a connection that is tested while one types keeps it busy. Pictures
    of a screen are taken when it rests. What waits until the cursor rests waits for nothing.
    """
    monkeypatch.setattr("tui.screens.detailed_screen.REST_SECONDS", 0)
    # A test presses enter again sooner than people do.
    monkeypatch.setattr("tui.key_order.ECHO_SECONDS", 0.05)
    if request.path.stem.endswith("snapshots"):
        return
    quick = partial(wait_for_idle, max_sleep=0.1)
    monkeypatch.setattr("textual.app.wait_for_idle", quick)
    monkeypatch.setattr("textual.pilot.wait_for_idle", quick)


def make_machine(number: int, name: str) -> Machine:
    return Machine(
        id=f"00000000-0000-4000-8000-{number:012d}",
        name=name,
        transport=TransportKind.SSH,
        created_at=NOW - timedelta(days=30),
        address=f"192.0.2.{number % 250 + 1}",
        user="admin",
        tags={"env": "prod" if number % 3 else "test", "role": name.partition("-")[0]},
        enabled=number % 11 != 10,
    )


def make_update(number: int) -> Update:
    classes = (Classification.SECURITY, Classification.OTHERS, Classification.CRITICAL, Classification.OTHERS)
    names = ("openssl", "libc6", "linux-image-amd64", "curl", "bash", "vim", "nginx", "postgresql-15", "sudo", "tzdata")
    is_held = number % 5 == 3
    return Update(
        name=names[number % len(names)],
        architecture="amd64",
        installed_version=f"3.0.{number}-1~deb12u1",
        offered_version=f"3.0.{number + 2}-1~deb12u2",
        classification=classes[number % len(classes)],
        classification_source="origin Debian-Security",
        repository="Debian-Security:12/oldstable-security" if number % 2 == 0 else "Debian:12.13/oldstable",
        blocker=Blocker.HELD if is_held else None,
        blocker_detail="apt-mark showhold lists it" if is_held else "",
        size_bytes=1_400_000 + number * 1000,
    )


def make_assessment(machine: Machine, number: int) -> Assessment:
    ended_at = NOW - timedelta(minutes=7 + number * 3)
    if number % 7 == 5:
        kind = FailureKind.HOST_KEY_UNKNOWN if number % 2 else FailureKind.CONNECTION_REFUSED
        failure = Failure(kind, f"connecting to {machine.address} port 22", "refused.", "Is sshd running there?", 0.2)
        return Assessment(machine.id, machine.name, ended_at, ended_at, Coverage.UNKNOWN, failure=failure)
    if number % 13 == 6:
        ended_at -= timedelta(days=3)
    facts = MachineFacts(
        host_name=machine.name,
        os_type=OSType.LINUX,
        os_id="debian",
        os_name="Debian",
        os_version="12",
        os_full_name="Debian GNU/Linux 12 (bookworm)",
        kernel="6.1.0-40-amd64",
        architecture="amd64",
        booted_at=NOW - timedelta(days=41),
        package_manager="apt",
        metadata_at=NOW - timedelta(hours=5),
        reboot_required=(Answer.NO, Answer.NO, Answer.YES, Answer.UNKNOWN)[number % 4],
        reboot_reason="kernel 6.1.0-41 is installed, 6.1.0-40 runs" if number % 4 == 2 else "",
        disks=(DiskSpace("/", 12 * 2**30, 40 * 2**30),),
        ip_addresses=(machine.address or "",),
    )
    findings = (
        Finding(
            FindingKind.LISTS_STALE,
            Severity.WARNING,
            "The package lists are 9 days old.",
            "Run apt-get update on it, or assess with --refresh.",
        ),
    )
    return Assessment(
        machine.id,
        machine.name,
        ended_at - timedelta(seconds=2),
        ended_at,
        Coverage.COMPLETE if number % 9 else Coverage.SECURITY_UNKNOWN,
        facts=facts,
        updates=tuple(make_update(n) for n in range(0 if number % 4 == 1 else number % 9)),
        findings=findings if number % 6 == 2 else (),
    )


NAMES = [
    f"{role}-{site}-{n:02d}" for n in range(1, 4) for site in ("fra", "ams") for role in ("web", "db", "cache", "mail")
]


@dataclass(frozen=True, slots=True)
class WorkedHome:
    """A home whose deployments have run: a run that is over, and one that goes on."""

    home: Home
    past: MadeRun
    live: MadeRun


Until = Callable[[Callable[[], object]], Awaitable[None]]


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def machine() -> Callable[[int, str], Machine]:
    return make_machine


@pytest.fixture
def assessment() -> Callable[[Machine, int], Assessment]:
    return make_assessment


@pytest.fixture
def empty_home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


def enrol_all(home: Home, machines: list[Machine]) -> None:
    connection = connect(home.state_file)
    for each in machines:
        MachineBook(connection).add(each)
    connection.close()


@pytest.fixture
def enrol() -> Callable[[Home, list[Machine]], None]:
    return enrol_all


@pytest.fixture
def fleet_home(empty_home: Home) -> Home:
    """A home with two dozen machines, one of them never assessed; nothing in the tables."""
    machines = [make_machine(number, name) for number, name in enumerate(NAMES, start=1)]
    enrol_all(empty_home, machines)
    connection = connect(empty_home.state_file)
    StatusBook(connection).record(make_assessment(each, number) for number, each in enumerate(machines[:-1], start=1))
    connection.close()
    return empty_home


@pytest.fixture(scope="session")
def stored_home_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = open_home(tmp_path_factory.mktemp("stored") / "home")
    machines = [make_machine(number, name) for number, name in enumerate(NAMES, start=1)]
    enrol_all(home, machines)
    store_batch(home, "batch-1", [make_assessment(each, number) for number, each in enumerate(machines[:-1], start=1)])
    return home.path


@pytest.fixture
def stored_home(stored_home_once: Path, tmp_path: Path) -> Home:
    """A copy of a home whose two dozen machines are in the state and in the tables."""
    shutil.copytree(stored_home_once, tmp_path / "stored")
    return open_home(tmp_path / "stored")


@pytest.fixture
def deck() -> Callable[[Home], PatchdeckApp]:
    """The app over a home, its clock pinned."""
    return lambda home: PatchdeckApp(home, clock=lambda: NOW, theme="patchdeck-dark")


@pytest.fixture
def until() -> Callable[[Pilot[int]], Until]:
    """Waits for a condition on the screen in front, which has its widgets then; never for a time."""

    def of(pilot: Pilot[int]) -> Until:
        async def wait(condition: Callable[[], object]) -> None:
            deadline = time.monotonic() + 30
            while not (holds(condition) and pilot.app.screen.is_mounted):
                assert time.monotonic() < deadline, f"it did not come true; the screen:\n{screen_text(pilot.app)}"
                await pilot.pause(0.01)

        return wait

    return of


def holds(condition: Callable[[], object]) -> bool:
    """Whether ``condition`` holds; it does not while the screen that it asks is not there yet."""
    try:
        return bool(condition())
    except NoMatches:
        return False


def screen_text(app: App[int]) -> str:
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


@pytest.fixture
def text_of() -> Callable[[App[int]], str]:
    """What is on the screen, as lines of text."""
    return screen_text


@pytest.fixture
def row_names() -> Callable[[PatchdeckApp], list[str]]:
    """The first cells of the rows that the table in front shows."""
    return lambda app: [row.cells[0] for row in app.screen.query_one(BigTable).contents.shown]


@pytest.fixture
def worked_home(fleet_home: Home, monkeypatch: pytest.MonkeyPatch) -> WorkedHome:
    """A fleet with three deployments, a run that failed two days ago and one that goes on; no service is started."""
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda _: "")  # a real one would outlive the test
    connection = connect(fleet_home.state_file)
    by_id = sorted(MachineBook(connection).list_machines(), key=lambda each: each.id)
    machines = [each for each in by_id if each.name.startswith("web-")]
    connection.close()
    define_all(fleet_home)
    return WorkedHome(fleet_home, make_past(fleet_home, machines), make_live(fleet_home, machines))
