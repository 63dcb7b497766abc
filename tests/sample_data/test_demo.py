"""The demo works on a copy of the sample home, whatever the folder it is started in, and touches no network."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from fleet.compliance import Compliance
from fleet.machines import TransportKind
from fleet.tables import UPDATE
from ops.assess import FleetOptions, assess_fleet
from ops.demo import open_demo
from ops.enrolment import list_machines
from ops.home import Home
from ops.missing import list_missing
from ops.state import StatusBook, connect
from ops.store.delta import StoredTable
from query.engine import QueryEngine
from query.limits import Limits

Asked = Callable[[str], Sequence[Sequence[object]]]


@pytest.fixture(scope="module")
def ask_demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    """The rows of an answer over the demo's tables, which none of these tests changes."""
    with (
        open_demo() as demo,
        QueryEngine(demo.home.tables_dir, tmp_path_factory.mktemp("temp"), Limits(), now=demo.now) as engine,
    ):
        yield lambda sql: engine.run(sql).rows


@pytest.fixture(scope="module")
def count(ask_demo: Asked) -> Callable[[str], int]:
    """How many rows ``FROM …`` has."""

    def ask(what: str) -> int:
        ((number,),) = ask_demo(f"SELECT count(*) {what}")
        assert isinstance(number, int)
        return number

    return ask


def test_every_machine_is_a_transcript() -> None:
    """No machine of the demo is reached over a network."""
    with open_demo() as demo:
        assert {machine.transport for machine in list_machines(demo.home)} == {TransportKind.SCRIPTED}


def test_machines_can_be_assessed_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Assessed again from another folder, web machines answer or fail as shown, and what is missing stays the same."""
    monkeypatch.chdir(tmp_path)
    with open_demo() as demo:
        machines = [machine for machine in list_machines(demo.home) if machine.name.startswith("web-0")]
        before = {(m.machine_name, m.update) for m in list_missing(demo.home)}
        cves_before = read_cves(demo.home)
        result = asyncio.run(assess_fleet(demo.home, machines, FleetOptions(), lambda _: None, clock=lambda: demo.now))
        assert result.failed == ()
        assert {a.machine_name for a in result.assessments if a.failure is None} == {m.name for m in machines}
        after = {(m.machine_name, m.update) for m in list_missing(demo.home)}
        assert {pair for pair in after ^ before if pair[0] != "web-09"} == set()
        assert {row for row in read_cves(demo.home) ^ cves_before if row[0] != "web-09"} == set()


@pytest.mark.parametrize(
    "story",
    [
        "FROM MissingFix JOIN Cve USING (CVE) WHERE Cve.KnownExploited",
        "FROM \"Update\" WHERE KnownExploited AND CVENumbers <> '' AND CVESeverity = 'critical'",
        "FROM \"Update\" WHERE NotInstallableReason = 'version-locked' AND Classification = 'Security Updates'",
        "FROM \"Update\" WHERE NotInstallableReason = 'needs-subscription' AND OSName LIKE 'Red Hat%'",
        "FROM Machine WHERE RebootReason LIKE 'Kernel %el9_6.x86_64 is installed%'",
        "FROM Machine WHERE ServicesToRestart LIKE '%.service%'",
        "FROM Machine WHERE OtherUpdaterRuns LIKE '%2026-11-20%'",
        "FROM Machine WHERE UpdateModel = 'rpm-ostree'",
        "FROM Machine WHERE Findings LIKE '%identity-shared%'",
        "FROM Machine WHERE Findings LIKE '%advisory-hidden%'",
        "FROM MissingFix WHERE NOT IsOffered",
    ],
)
def test_story_is_there(count: Callable[[str], int], story: str) -> None:
    """The demo shows each thing that the readme promises to be found in it."""
    assert count(story)


def test_every_family_is_there(ask_demo: Asked) -> None:
    """Each package manager that is read has a machine, and those without classes say so."""
    ((managers, unclassified),) = ask_demo(
        """SELECT list_sort(list(DISTINCT PackageManager) FILTER (PackageManager <> '')),
                  list_sort(list(DISTINCT PackageManager) FILTER (Coverage = 'unclassified')) FROM Machine""",
    )
    assert managers == ["apk", "apt", "dnf", "ostree", "pacman", "windows-update", "zypper"]
    assert unclassified == ["apk", "pacman"]


def test_every_compliance_is_there() -> None:
    """Each answer that a machine list can give is given for a machine, but the scope's: none is chosen in the demo."""
    with open_demo() as demo, closing(connect(demo.home.state_file)) as connection:
        statuses = StatusBook(connection).list_statuses()
        assert {status.compliance(demo.now) for status in statuses} == set(Compliance) - {Compliance.OUTSIDE_SCOPE}


def read_cves(home: Home) -> set[tuple[object, ...]]:
    """What is known of the CVEs of each missing update."""
    columns = ("Computer", "Product", "ProductVersion", "BulletinID", "CVENumbers", "CVESeverity", "KnownExploited")
    return set(StoredTable(home.tables_dir, UPDATE).read().select(columns).iter_rows())


def test_queries_see_the_moment_that_stands_for_now(count: Callable[[str], int]) -> None:
    """A query that looks back five hours finds today's scan of the Linux machines."""
    assert 40 <= count("FROM Heartbeat WHERE TimeGenerated > now() - INTERVAL 5 HOUR AND OSType = 'Linux'") <= 52


def test_windows_updates_are_told_by_title_and_article() -> None:
    """A missing update of a Windows machine has its title as name and its article as version."""
    with open_demo() as demo:
        missing = [m.update for m in list_missing(demo.home) if m.machine_name == "file-02"]
    cumulative = next(update for update in missing if "Cumulative Update for Windows" in update.name)
    assert cumulative.offered_version.removeprefix("KB") in cumulative.name
    assert cumulative.repository == "WSUS"
