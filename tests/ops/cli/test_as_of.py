"""``--as-of`` of the verbs that list what is kept: the same rows as the books had then, by plain SQL over the state."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

SAMPLE = Path(__file__).parents[3] / "sample-data"
NOW = datetime.fromisoformat((SAMPLE / "now.txt").read_text("ascii").strip())
# Amidst the month of the sample: a run goes on then, a deployment is disabled, alerts are open.
THEN = "2026-11-12T16:30:00Z"
Patchdeck = Callable[..., Any]  # Any: what the fixture of this room gives
Rows = list[dict[str, Any]]  # Any: values of a row


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of the sample fleet, only read."""
    folder = tmp_path_factory.mktemp("sample")
    for name in ("version", "state.db"):
        shutil.copy(SAMPLE / name, folder / name)
    (folder / "tables").symlink_to(SAMPLE / "tables")
    return folder


@pytest.fixture
def ask(patchdeck: Patchdeck, sample: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Rows]:
    """Runs a verb over the sample fleet and gives its rows."""
    monkeypatch.setattr("ops.state.audit.utc_now", lambda: NOW)

    def run(*words: str, at: str = THEN) -> Rows:
        said = patchdeck("--home", str(sample), "--read-only", *words, "--as-of", at, "--json")
        assert "As of " in said.err, words
        rows: Rows = json.loads(said.out)
        return rows

    return run


@pytest.fixture(scope="module")
def state(sample: Path) -> sqlite3.Connection:
    """What the state holds, to be asked in SQL; moments are comparable as text."""
    connection = sqlite3.connect(f"file:{sample / 'state.db'}?mode=ro", uri=True)
    connection.row_factory = sqlite3.Row
    return connection


def _asked(state: sqlite3.Connection, sql: str) -> list[Any]:  # Any: the first value of each row
    return [row[0] for row in state.execute(sql, {"then": THEN[:-1]})]


def test_alerts_are_those_of_then(ask: Callable[..., Rows], state: sqlite3.Connection) -> None:
    """Open were those whose last event by then does not resolve them; rules are those that had been added."""
    opened = _asked(
        state,
        """WITH told AS (
            SELECT id, json_extract(document, '$.alert_id') AS alert, json_extract(document, '$.state') AS state
            FROM alert_events WHERE json_extract(document, '$.at') <= :then)
        SELECT alert FROM told AS last
        WHERE state <> 'Resolved' AND id = (SELECT max(id) FROM told WHERE alert = last.alert) ORDER BY alert""",
    )
    rows = ask("alerts", "open")
    assert sorted(row["alert_id"] for row in rows) == opened
    counts = {row["name"]: row["open"] for row in ask("alerts", "list")}
    assert sum(counts.values()) == len(opened) > 0
    name = next(name for name, count in counts.items() if count)
    assert ask("alerts", "show", name)[0]["open"] == len(ask("alerts", "open", name)) == counts[name]
    events = _asked(state, "SELECT count(*) FROM alert_events WHERE json_extract(document, '$.at') <= :then")
    assert len(ask("alerts", "history", "--limit", "0")) == events[0]
    assert ask("alerts", "list", at="2026-08-01") == []


def test_deployments_are_defined_as_then(ask: Callable[..., Rows], state: sqlite3.Connection) -> None:
    """Those whose addition is in the audit by then; one that was disabled then is, though it is enabled now."""
    added = _asked(state, "SELECT target FROM audit WHERE action = 'deployment.add' AND at <= :then ORDER BY target")
    switched = _asked(
        state,
        """SELECT target FROM audit AS last WHERE action IN ('deployment.enable', 'deployment.disable') AND at <= :then
            AND action = 'deployment.disable' AND NOT EXISTS (SELECT * FROM audit WHERE target = last.target
                AND action = 'deployment.enable' AND at > last.at AND at <= :then)""",
    )
    rows = ask("deployments", "list")
    assert sorted(row["name"] for row in rows) == added
    assert [row["name"] for row in rows if not row["enabled"]] == switched != []
    (shown,) = ask("deployments", "show", switched[0])
    assert shown in rows
    starts = ask("deployments", "calendar", "--days", "7")
    assert all("2026-11-12T16:30" < row["at"] <= "2026-11-19T16:30" for row in starts)
    assert starts
    assert {row["name"] for row in starts if row["kind"] == "deployment"} <= set(added) - set(switched)
    reports = _asked(state, "SELECT target FROM audit WHERE action = 'report.add' AND at <= :then ORDER BY target")
    month = ask("deployments", "calendar", "--days", "40")
    assert sorted({row["name"] for row in month if row["kind"] == "report"}) == reports != []
    assert {row["kind"] for row in ask("deployments", "calendar", at="2026-10-12T09:00Z")} == {"deployment"}


def test_runs_stand_as_then(ask: Callable[..., Rows], state: sqlite3.Connection) -> None:
    """Those asked for by then; what ended later is in progress, with the machines and results of then."""
    going_on = _asked(
        state,
        """SELECT id FROM runs WHERE json_extract(document, '$.requested_at') <= :then
            AND (json_extract(document, '$.ended_at') IS NULL OR json_extract(document, '$.ended_at') > :then)""",
    )
    asked = _asked(state, "SELECT id FROM runs WHERE json_extract(document, '$.requested_at') <= :then ORDER BY id")
    assert sorted(row["run"] for row in ask("deployments", "history")) == asked
    (row,) = ask("deployments", "runs")
    assert [row["run"]] == going_on
    assert [each["status"] for each in ask("deployments", "status", going_on[0])] == ["InProgress"]
    ended = _asked(state, "SELECT machine_id FROM machine_runs WHERE json_extract(document, '$.ended_at') <= :then")
    of_machines = ask("deployments", "history", "--machine", "*", "--limit", "10000")
    assert sum(row["status"] not in ("InProgress", "Waiting") for row in of_machines) == len(ended)
    results = ask("deployments", "results", going_on[0])
    assert {row["machine"] for row in results} <= {row["machine"] for row in of_machines if row["run"] == row["run"]}


def test_messages_and_events_are_those_until_then(ask: Callable[..., Rows], state: sqlite3.Connection) -> None:
    """With the attempts that had been made, and for one machine with what had happened to it."""
    sent = _asked(state, "SELECT id FROM messages WHERE at <= :then ORDER BY id")
    rows = ask("messages", "list", "--limit", "1000")
    assert sorted({row["message_id"] for row in rows}) == sent != []
    assert ask("messages", "show", sent[0])[0]["message_id"] == sent[0]
    name = ask("machines", "list")[0]["name"]
    events = ask("machines", "history", name)
    assert events
    assert max(row["at"] for row in events) <= THEN
    assert ask("deployments", "approvals", "--all") == []
    assert len(ask("deployments", "approvals", "--all", at="2026-11-20T11:55Z")) == 1


@pytest.mark.soak
def test_reasons_are_those_of_then(ask: Callable[..., Rows], state: sqlite3.Connection) -> None:
    """A run was at work on some machines then, and had failed on others."""
    then = "2026-11-19T15:01:30Z"
    (run,) = (row["run"] for row in ask("deployments", "runs", at=then))
    reasons = ask("why", "web-01", "openssl", at=then)
    assert [row["kind"] for row in reasons][:2] == ["run-in-progress", "will-be-installed"]
    assert reasons[0]["run_id"] == run
    of_all = ask("why", "openssl", at=then)
    missing = [row for row in ask("updates", at=then) if row["name"] == "openssl"]
    assert {name for row in of_all for name in row["machines"]} == {row["machine"] for row in missing}
    ended = state.execute(
        """SELECT json_extract(document, '$.machine_name') FROM machine_runs
        WHERE run_id = ? AND status = 'Failed' AND json_extract(document, '$.ended_at') <= ? ORDER BY 1""",
        (run, then[:-1]),
    )
    failed = [name for (name,) in ended]
    told = [
        row["machines"]
        for row in of_all
        if row["kind"] == "install-failed" and row["about"] == "linux-production-frankfurt"
    ]
    assert sorted(name for names in told for name in names) == failed == ["dns-01", "log-01"]
    about = ask("about", "openssl", at=then)
    assert {name for row in about for name in row["machines"]} == {row["machine"] for row in missing}
    assert "advisories" in about[0]


def test_what_was_not_there_yet_is_not_found(
    patchdeck: Patchdeck, sample: Path, monkeypatch: pytest.MonkeyPatch, state: sqlite3.Connection
) -> None:
    """A name of later ends as a name that there is not, with the same code."""
    monkeypatch.setattr("ops.state.audit.utc_now", lambda: NOW)
    later = _asked(state, "SELECT target FROM audit WHERE action = 'deployment.add' AND at > :then")[0]
    missing = [("deployments", verb, name) for verb in ("show", "runs", "history") for name in (later, "no-such")]
    for words in (*missing, ("alerts", "open", "no-such"), ("alerts", "show", "no-such")):
        said = patchdeck("--home", str(sample), "--read-only", *words, "--as-of", THEN, code=2)
        assert words[-1] in said.err
