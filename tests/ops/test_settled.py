"""When the tables hold all that was accepted: what is asked before each question."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.machines import Machine, TransportKind
from ops.home import Home, open_home
from ops.state import MachineBook, connect
from ops.store import Batch, TableStore
from ops.store.journal import Journal
from ops.store.run_rows import RunRows, RunRowStore
from ops.store.settled import is_settled

_MACHINE = Machine("id-web-01", "web-01", TransportKind.LOCAL, datetime(2026, 11, 20, tzinfo=UTC))


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home whose only machine is published."""
    made = open_home(tmp_path / "home")
    with closing(connect(made.state_file)) as connection:
        MachineBook(connection).add(_MACHINE)
    TableStore(made).publish_machines()
    return made


def test_what_is_published_is_settled(home: Home) -> None:
    """A change of the state unsettles it, and publishing settles it."""
    assert is_settled(home)
    with closing(connect(home.state_file)) as connection:
        MachineBook(connection).set_enabled("web-01", enabled=False)
    assert not is_settled(home)
    TableStore(home).publish_machines()
    assert is_settled(home)


def test_a_scan_that_waits_is_to_be_stored_first(home: Home) -> None:
    """Whatever kept its writer from it."""
    Journal(home.pending_dir).accept(Batch("a", ()))
    assert not is_settled(home)


def test_rows_of_a_run_that_wait_are_to_be_stored_first(home: Home) -> None:
    """They have a journal of their own."""
    RunRowStore(home).accept(RunRows("a", {}))
    assert not is_settled(home)


def test_who_does_not_change_the_home_settles_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """What waits is left to the next who does, and nothing is asked of the state."""
    Journal(home.pending_dir).accept(Batch("a", ()))
    monkeypatch.setattr("ops.store.settled.refusal", lambda _path: "it was opened read-only")
    home.state_file.write_bytes(b"")
    assert is_settled(home)


def test_what_was_set_aside_or_is_being_written_waits_for_nobody(home: Home) -> None:
    """Else each question would take the lock for it."""
    for folder in (home.pending_dir, home.pending_dir / "runs"):
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("unreadable-a.json", ".a.json", ".a.7"):
            (folder / name).write_text("{")
    assert is_settled(home)
