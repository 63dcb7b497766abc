"""Noticing that something was stored that a rule may ask, without asking: what files say of when they were written."""

import os
from contextlib import suppress
from pathlib import Path

from fleet.tables import TABLES
from ops.config import Settings
from ops.home import Home
from ops.state.database import opened
from ops.store.place import tables_by

Stamp = tuple[object, ...]


def read_stamp(home: Home, settings: Settings) -> Stamp:
    """A value that is another one once a table, the state of machines, a run or a saved query has changed.

    What only object storage could tell is not asked for: a scan or a run is known to the state as well.
    """
    with opened(home.state_file) as connection:
        revision = connection.execute("SELECT value FROM meta WHERE key = 'revision'").fetchone()
        runs = connection.execute("SELECT status, count(*) FROM runs GROUP BY status ORDER BY status").fetchall()
    place = tables_by(home, settings)
    logs = [Path(str(place)) / table.name / "_delta_log" for table in TABLES] if place.is_local else []
    pending = [home.pending_dir, home.pending_dir / "runs"]
    return (revision, tuple(runs), *map(_written_at, (*logs, *pending, *_query_files(home.queries_dir))))


def _written_at(path: Path) -> int:
    """When the file, or the names in the folder, last changed; 0 where there is none."""
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0


def _query_files(folder: Path) -> list[Path]:
    """The folder of saved queries, and all that is in it; hidden folders, as git's, are not looked into."""
    found = [folder]
    for parent, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found += [Path(parent) / name for name in (*folders, *sorted(files))]
    return found
