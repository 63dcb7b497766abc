"""The database file: made, migrated, refused; several processes at once."""

import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from fleet.audit_verification import walk_chain
from fleet.errors import HomeIsNewer, HomeUnusable
from ops.state import connect
from ops.state.audit import ENTRY_COLUMNS
from ops.state.migrations import MIGRATIONS
from ops.state.telling_layout import AUDIT_CHAIN

_ADD_MACHINES = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from fleet.machines import Machine, TransportKind
from ops.state import MachineBook, connect
name = sys.argv[2]
for number in range(25):
    connection = connect(Path(sys.argv[1]))
    machine = Machine(f"{name}-{number}", f"{name}-{number}", TransportKind.LOCAL, datetime.now(UTC))
    MachineBook(connection).add(machine)
    connection.close()
"""


def test_new_database_has_the_newest_layout(tmp_path: Path) -> None:
    """It is in WAL mode and knows its version."""
    with closing(connect(tmp_path / "state.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_newer_database_is_refused_untouched(tmp_path: Path) -> None:
    """A database of a newer version is not written to."""
    path = tmp_path / "state.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    before = path.read_bytes()

    with pytest.raises(HomeIsNewer, match="use a newer Patchdeck"):
        connect(path)
    assert path.read_bytes() == before


def test_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """One line, and the file stays as it is."""
    path = tmp_path / "state.db"
    path.write_bytes(b"not a database" * 1000)

    with pytest.raises(HomeUnusable, match="file is not a database"):
        connect(path)
    assert path.read_bytes() == b"not a database" * 1000


def test_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """A home that went away gives one line."""
    with pytest.raises(HomeUnusable, match="unable to open database file"):
        connect(tmp_path / "missing" / "state.db")


def test_migration_that_fails_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A step is done whole or not at all, and can be tried again."""
    broken = (*MIGRATIONS, "CREATE TABLE half (a TEXT) STRICT;\nCREATE TABLE machines (a TEXT) STRICT;")
    connect(tmp_path / "state.db").close()
    monkeypatch.setattr("ops.state.database.MIGRATIONS", broken)

    with pytest.raises(HomeUnusable, match="machines already exists"):
        connect(tmp_path / "state.db")

    with closing(sqlite3.connect(tmp_path / "state.db")) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'half'").fetchone() == (0,)


def test_a_long_audit_of_before_is_chained_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand entries hold nobody up for long when the home is first opened by this version."""
    path = tmp_path / "state.db"
    with monkeypatch.context() as before:
        before.setattr("ops.state.database.MIGRATIONS", MIGRATIONS[: MIGRATIONS.index(AUDIT_CHAIN)])
        connect(path).close()
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executemany(
            "INSERT INTO audit (at, user, ssh_client, command, action, target) VALUES ('t', 'u', '', 'c', 'a', ?)",
            [(str(number),) for number in range(20_000)],
        )
    begun = time.process_time()
    with closing(connect(path)) as connection:
        chain = walk_chain(connection.execute(f"SELECT {ENTRY_COLUMNS} FROM audit ORDER BY id"))
    assert (len(chain.hashes), chain.broken) == (20_000, 0)
    assert time.process_time() - begun < 5  # entries looked up one by one took 15 s, and four times as much for twice


def test_several_processes_make_and_write_it_at_once(tmp_path: Path) -> None:
    """Four processes race to make the database and write to it; nothing is lost and none fails."""
    path = tmp_path / "state.db"
    command = [sys.executable, "-c", _ADD_MACHINES, str(path)]
    writers = [subprocess.Popen([*command, name], stderr=subprocess.PIPE, text=True) for name in "abcd"]

    errors = [writer.communicate()[1] for writer in writers]

    assert errors == [""] * 4
    with closing(connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM machines").fetchone() == (100,)
        assert connection.execute("SELECT count(*) FROM audit").fetchone() == (100,)
