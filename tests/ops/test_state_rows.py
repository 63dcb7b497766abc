"""Entries of the audit and what became of alerts, published: each once, in order, whatever crashes or is put back."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.alerts.records import AlertEvent, AlertState
from fleet.alerts.rule import RuleKind
from fleet.alerts.severity import Severity
from fleet.tables import ALERT, AUDIT, Table
from ops.config import Settings
from ops.home import Home, open_home
from ops.questions import open_engine
from ops.state import connect
from ops.state.alerts import AlertBook
from ops.state.audit import Audit
from ops.store import TableStore
from ops.store.delta import StoredTable
from ops.store.settled import is_settled
from ops.store.state_rows import publish_rows

AT = datetime(2026, 11, 20, 12, tzinfo=UTC)


class KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it."""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with an audit of three entries."""
    made = open_home(tmp_path / "home")
    record(made, 3)
    return made


def record(home: Home, count: int, after: str = "{}") -> None:
    """Add so many entries."""
    with closing(connect(home.state_file)) as connection:
        for number in range(count):
            Audit(connection, clock=lambda: AT).record("a.b", f"t{number}", None, after)


def numbers(home: Home, table: Table = AUDIT) -> list[int]:
    """The numbers of the rows that the table has."""
    return sorted(StoredTable(home.tables_dir, table).read()["Sequence"].to_list())


def publish(home: Home) -> bool:
    """What any writer of tables does."""
    return TableStore(home).publish_machines()


def record_and_publish(home: Home) -> None:
    """What a verb and a question after it do."""
    record(home, 1)
    publish(home)


def test_each_entry_is_published_once(home: Home) -> None:
    """With all that the audit says of it; a second time there is nothing to do."""
    assert not is_settled(home)
    assert publish(home)
    assert (is_settled(home), publish(home)) == (True, False)
    record(home, 2)
    assert publish(home)

    assert numbers(home) == [1, 2, 3, 4, 5]
    row = StoredTable(home.tables_dir, AUDIT).read().sort("Sequence").row(0, named=True)
    with closing(connect(home.state_file)) as connection:
        entry = Audit(connection).list_entries()[-1]
    assert (row["TimeGenerated"], row["OperationName"], row["Target"], row["Hash"]) == (AT, "a.b", "t0", entry.hash)
    assert (row["Caller"], row["Command"], row["Before"], row["After"]) == (
        entry.actor.user,
        entry.actor.command,
        "",
        "{}",
    )


def test_a_question_sees_what_was_done_just_before(home: Home) -> None:
    """The tables are settled before they are asked."""
    with open_engine(home, Settings()) as engine:
        assert engine.run("SELECT count(*) FROM Audit").rows == [(3,)]


def test_a_writer_that_is_killed_behind_its_commit_repeats_nothing(home: Home) -> None:
    """The table itself knows what it has."""

    def die(step: str) -> None:
        if step == "published Audit":
            raise KilledError

    with pytest.raises(KilledError):
        publish_rows(home, die)
    record(home, 1)
    assert publish(home)
    assert numbers(home) == [1, 2, 3, 4]
    assert is_settled(home)


def test_writers_at_once_publish_each_entry_once(home: Home) -> None:
    """They wait for each other."""
    with ThreadPoolExecutor(3) as pool:
        for _ in range(2):
            list(pool.map(record_and_publish, [home] * 3))
    publish(home)
    assert numbers(home) == list(range(1, 10))


def test_large_entries_are_published_in_parts(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """As many at once as memory bears, and at least one."""
    monkeypatch.setattr("ops.store.state_rows._MOST_CHARACTERS", 50_000)
    record(home, 4, f'"{"x" * 100_000}"')
    steps: list[str] = []
    publish_rows(home, steps.append)
    assert steps == ["published Audit"] * 4
    assert numbers(home) == list(range(1, 8))


def test_a_table_that_is_gone_comes_back_whole(home: Home, tmp_path: Path) -> None:
    """From the state, at the next question."""
    publish(home)
    (home.tables_dir / AUDIT.name).rename(tmp_path / "gone")
    assert not is_settled(home)
    publish(home)
    assert numbers(home) == [1, 2, 3]


def test_a_table_that_takes_nothing_does_not_keep_scans_from_being_stored(home: Home) -> None:
    """What it lacks is tried again the next time."""
    home.tables_dir.mkdir()
    blocked = home.tables_dir / AUDIT.name
    blocked.write_text("in the way")
    publish(home)
    assert not is_settled(home)
    blocked.unlink()
    publish(home)
    assert numbers(home) == [1, 2, 3]


def test_a_state_that_was_put_back_from_a_copy_goes_on_beside_what_was_published(home: Home) -> None:
    """The table keeps both: what had happened, and what the copy went on with."""
    with closing(connect(home.state_file)) as connection:
        copy = sqlite3.connect(":memory:")
        connection.backup(copy)
    record(home, 2)
    publish(home)
    home.state_file.unlink()
    with closing(sqlite3.connect(home.state_file)) as back:
        copy.backup(back)
    copy.close()
    record(home, 1, '"other"')

    publish(home)

    assert numbers(home) == [1, 2, 3, 4, 4, 5]
    assert is_settled(home)


def event(state: AlertState) -> AlertEvent:
    """Something that became of an alert."""
    return AlertEvent(
        AT, state, "alert-1", "rule-1", "Disk low", RuleKind.QUERY, Severity.WARNING, "web-01", "/ is full", 5.0, AT,
        value=3.0, channels=("mail", "chat"), caller="alice", note="on it",
    )  # fmt: skip


def test_what_became_of_alerts_is_published_too(home: Home) -> None:
    """In a table of its own, each event once."""
    for state in (AlertState.OPENED, AlertState.RESOLVED):
        with closing(connect(home.state_file)) as connection:
            AlertBook(connection).add_events([event(state)])
        publish(home)

    rows = StoredTable(home.tables_dir, ALERT).read().sort("Sequence").rows(named=True)
    told = ("Sequence", "AlertName", "AlertState", "AlertKey", "Value", "Threshold", "Channels", "Caller", "Note")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (1, "Disk low", "Opened", "web-01", 3.0, 5.0, "mail;chat", "alice", "on it"),
        (2, "Disk low", "Resolved", "web-01", 3.0, 5.0, "mail;chat", "alice", "on it"),
    ]
