"""Homes with channels, runs that have ended, and saved queries."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fleet.alerts.rule import AlertRule, QueryMeasure, RuleKind, RunSignal
from fleet.channels import Channel, ChannelKind
from fleet.messages import Message
from fleet.records import Row, blank_row
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, Table
from ops.alerts.evaluating import new_id
from ops.home import Home, open_home
from ops.state.channels import ChannelBook
from ops.state.database import opened
from ops.state.outbox import Outbox
from ops.store.run_rows import RunRows, RunRowStore

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)

EndRun = Callable[..., None]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the channels ops and chat."""
    home = open_home(tmp_path / "home")
    with opened(home.state_file) as connection:
        for number, name in enumerate(("ops", "chat")):
            ChannelBook(connection).put(Channel(str(number), name, ChannelKind.COMMAND, command=("/bin/true",)))
    return home


@pytest.fixture
def end_run(home: Home) -> EndRun:
    """Stores a run that has ended, with its machines: ``end_run("web", "Failed", NOON, m1="Failed")``."""
    numbers = iter(range(1000))

    def store(deployment: str, status: str, at: datetime, **machines: str) -> None:
        run = f"r-{next(numbers)}"
        rows = {DEPLOYMENT_RUN.name: [_row(DEPLOYMENT_RUN, run, deployment, status, at)]}
        rows[MACHINE_RUN.name] = [
            {**_row(MACHINE_RUN, run, deployment, each, at), "Computer": name, "SourceComputerId": f"id-{name}"}
            for name, each in machines.items()
        ]
        RunRowStore(home).commit(RunRows(run, rows), wait_seconds=10)

    return store


def _row(table: Table, run: str, deployment: str, status: str, at: datetime) -> Row:
    known: Row = {"TimeGenerated": at, "Day": at.date(), "CorrelationId": run, "UpdateRunName": deployment}
    return {**blank_row(table), **known, "Status": status, "Type": table.name}


def run_rule(name: str = "run-failed", **more: object) -> AlertRule:
    """A rule over deployment runs that failed within an hour, told to ops."""
    fields: dict[str, object] = {
        "id": new_id(),
        "name": name,
        "kind": RuleKind.DEPLOYMENT_RUNS,
        "signal": RunSignal(statuses=("Failed",)),
        "window_minutes": 60,
        "split_by": ("deployment",),
        "channels": ("ops",),
        "group_minutes": 0,
    }
    return AlertRule(**{**fields, **more})  # type: ignore[arg-type]  # of several types


def query_rule(query: str, **more: object) -> AlertRule:
    """A rule of the query's name that fires at each machine in its rows."""
    measure = QueryMeasure(query)
    fields = {"kind": RuleKind.QUERY, "measure": measure, "window_minutes": 0, "split_by": ("Computer",), **more}
    return run_rule(query, **fields)


def save_query(home: Home, name: str, sql: str) -> None:
    """A saved query."""
    home.queries_dir.mkdir(exist_ok=True)
    (home.queries_dir / f"{name}.sql").write_text(f"-- title: {name}\n{sql}\n", encoding="utf-8")


def messages(home: Home) -> list[Message]:
    """All that waits for channels, in order."""
    with opened(home.state_file) as connection:
        ids = [row[0] for row in connection.execute("SELECT id FROM messages ORDER BY at, rowid")]
        found = [Outbox(connection).find(each) for each in ids]
    return [message for message in found if message is not None]


def titles(home: Home) -> list[str]:
    """Their titles."""
    return [message.title for message in messages(home)]
