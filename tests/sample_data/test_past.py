"""The past of the sample fleet: screens, verbs and queries as of an instant say the same."""

import json
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from operator import attrgetter
from pathlib import Path

import pytest

from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.differences.telling import Told
from ops.config import Settings
from ops.deployments.history import find_run
from ops.deployments.overview import DeploymentOverview, overview_of
from ops.home import Home, open_home
from ops.missing import list_missing
from ops.past.deployments import overviews_at
from ops.past.differences import compare_instants
from ops.past.missing import missing_at
from ops.past.room import opened_room
from ops.past.runs import list_runs_at, machine_history_at, view_run_at
from ops.past.statuses import fleet_at
from ops.statuses import statuses_of
from tui.rows.deployment_rows import deployment_rows

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DURING_A_RUN = datetime(2026, 11, 12, 15, 1, tzinfo=UTC)
INSTANTS = (NOW, DURING_A_RUN, datetime(2026, 10, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC))
_MACHINES = (
    "SELECT Computer, SourceComputerId, LastAssessed, LastAnswered, FailureKind, Coverage, RebootRequired "
    "FROM Machine ORDER BY Computer"
)
_NEEDED = "SELECT Computer, Product, ProductVersion, Classification FROM Update WHERE UpdateState = 'Needed'"


@pytest.fixture(scope="module")
def past_home(home: Path) -> Home:
    """A copy of the sample home, opened."""
    return open_home(home)


@pytest.mark.parametrize("at", INSTANTS, ids=lambda at: f"{at:%Y-%m-%d}")
def test_screens_and_queries_say_the_same_of_an_instant(past_home: Home, at: datetime) -> None:
    """Each machine with its last assessment, and each update that it missed: one row there, one here."""
    with opened_room(past_home, Settings(), at) as room:
        fleet = fleet_at(past_home, room)
        missing = missing_at(room)
        machines, needed = room.ask(_MACHINES).rows, room.ask(_NEEDED).rows
    shown = [
        (
            status.machine.name,
            status.machine.id,
            status.last_attempt.ended_at if status.last_attempt else None,
            status.last_answer.ended_at if status.last_answer else None,
            status.last_attempt.failure.kind.value if status.last_attempt and status.last_attempt.failure else "",
            status.last_answer.coverage.value if status.last_answer else "",
            status.last_answer.facts.reboot_required.value if status.last_answer else "unknown",
        )
        for status in fleet.statuses
    ]
    assert shown == machines
    assert Counter(each.machine_name for each in missing) == Counter(row[0] for row in needed)
    assert fleet.is_before_all is (not machines)


def test_instant_of_now_is_the_present(past_home: Home) -> None:
    """What the past says of the last instant is what the state and the tables hold, whole and in order."""
    assert statuses_of(past_home, ["all"], NOW) == statuses_of(past_home, ["all"])
    then, now = list_missing(past_home, None, NOW), list_missing(past_home)
    key = attrgetter("machine_id", "update.name", "first_seen")
    assert list(map(key, then)) == list(map(key, now))


def test_verbs_say_the_same_of_an_instant(past_home: Home, patchdeck: list[str]) -> None:
    """`machines list` and `updates` with --as-of name the machines and updates that a query of then does."""
    listed, updates = (ask(past_home, patchdeck, *words) for words in (("machines", "list"), ("updates",)))
    with opened_room(past_home, Settings(), DURING_A_RUN) as room:
        assert [each["name"] for each in listed] == [row[0] for row in room.ask(_MACHINES).rows]
        assert Counter(each["machine"] for each in updates) == Counter(row[0] for row in room.ask(_NEEDED).rows)


@pytest.fixture
def patchdeck() -> list[str]:
    """The command line."""
    return [sys.executable, str(Path(__file__).parents[2] / "patchdeck.py")]


def ask(home: Home, patchdeck: list[str], *words: str) -> list[dict[str, str]]:
    """What the verb of ``words`` answers as of the instant during the run."""
    command = [*patchdeck, "--home", str(home.path), *words, "--as-of", DURING_A_RUN.isoformat(), "--json"]
    ended = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    answer: list[dict[str, str]] = json.loads(ended.stdout)
    return answer


def test_difference_of_a_run_names_what_the_run_did(past_home: Home) -> None:
    """Between its beginning and its end every installation and reboot is the run's, as `UpdateRunProgress` counts."""
    run = find_run(past_home, "20261112T150000Z-f69bf2")
    assert run.ended_at is not None
    found = compare_instants(past_home, Settings(), run.requested_at, run.ended_at).difference
    with opened_room(past_home, Settings(), run.ended_at) as room:
        succeeded = f"InstallationStatus = 'Succeeded' AND CorrelationId = '{run.id}'"
        sql = f"SELECT count(*) FROM UpdateRunProgress WHERE {succeeded}"
        ((installed,),) = room.ask(sql).rows
    assert installed
    assert found.count(Told.INSTALLED) == installed
    assert {line.by for line in found.lines if line.told in (Told.INSTALLED, Told.REBOOTED)} == {run.id}
    assert found.after.compliant - found.before.compliant == found.count(Told.BECAME_COMPLIANT) > 0
    assert len(found.before.updates) - len(found.after.updates) == found.count(Told.INSTALLED)


def test_run_that_waits_has_machines_from_when_its_plan_was_frozen(past_home: Home) -> None:
    """Before, nobody knew which: it is in the history of none of them; then it waits for approval of a plan."""
    (database,) = (each.machine for each in statuses_of(past_home, ["db-01"]))
    before = datetime(2026, 11, 20, 11, 40, 10, tzinfo=UTC)
    waiting, after = list_runs_at(past_home, before, limit=1)[0], before + timedelta(minutes=10)
    assert (waiting.run.status, waiting.run.plan_hash, waiting.counts) == (RunStatus.WAITING, "", {})
    history = machine_history_at(past_home, database.id, before)
    assert history
    assert waiting.run.id not in {each.run.id for each in history}

    planned = list_runs_at(past_home, after, limit=1)[0]
    assert planned.run.plan_hash == find_run(past_home, waiting.run.id).plan_hash != ""
    assert planned.counts == {MachineRunStatus.NOT_STARTED: 4}
    assert machine_history_at(past_home, database.id, after)[0].run.id == waiting.run.id
    view = view_run_at(past_home, waiting.run.id, after)
    assert view.plan is not None
    assert len(view.machines) == len(view.plan.machines) == 4


def test_only_a_calendar_that_cannot_be_read_is_called_unreadable(past_home: Home) -> None:
    """Where a target was not enrolled yet, that is the problem of what has started once; it has no start any more."""
    at = datetime(2026, 11, 18, tzinfo=UTC)
    (found,) = (each for each in overviews_at(past_home, at) if each.stored.deployment.name == "openssl-at-once")
    assert "web-09" in found.problem
    assert next_start_shown(found) == "none any more"
    deployment = found.stored.deployment
    assert deployment.schedule is not None
    schedule = replace(deployment.schedule, blackouts="/nowhere/holidays.ics")
    unreadable = overview_of(past_home, replace(found.stored, deployment=replace(deployment, schedule=schedule)))
    assert next_start_shown(unreadable) == "calendar unreadable"


def next_start_shown(overview: DeploymentOverview) -> str:
    """What the list of deployments says of its next start."""
    (row,) = deployment_rows([overview], NOW)
    return row.cells[1]
