"""Versions of the Delta tables: which files make one up, all tables of a query at one moment."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from threading import Lock
from types import MappingProxyType
from typing import Protocol
from urllib.parse import unquote, urlsplit

from deltalake import DeltaTable
from deltalake.exceptions import DeltaError, TableNotFoundError

from fleet.errors import QueryFailed
from query.file_columns import UNKNOWN, FileColumns
from query.files import TABLES
from query.place import Place, place_of

# Writers commit every few seconds at most; a third look at the logs always agreed with the second.
_ATTEMPTS = 5


# The application id of commits that `patchdeck tables load` makes.
LOADS = "patchdeck.loads"


@dataclass(frozen=True, slots=True)
class TableSnapshot:
    """The files of one version of a table, as DuckDB opens them; none where the table is not there or empty.

    ``has_loaded`` says that rows were loaded into it from another system's export; ``columns`` are those of its files.
    """

    name: str
    uris: tuple[str, ...] = ()
    has_loaded: bool = False
    columns: FileColumns = UNKNOWN

    def since(self, day: date | None) -> "TableSnapshot":
        """Without the files of days before ``day``; files that lie in no day's folder stay."""
        if day is None:
            return self
        return replace(self, uris=tuple(uri for uri in self.uris if _is_since(uri, day)))

    @property
    def first_day(self) -> str:
        """The first day of which there is a file, in ISO 8601; empty where files lie in no day's folder."""
        return min((day for uri in self.uris if (day := _day_of(uri))), default="")

    @property
    def last_day(self) -> str:
        """The last day of which there is a file, in ISO 8601; empty where files lie in no day's folder."""
        return max((_day_of(uri) for uri in self.uris), default="")

    def until(self, day: date) -> "TableSnapshot":
        """Without the files of days after ``day``; files that lie in no day's folder stay."""
        return replace(self, uris=tuple(uri for uri in self.uris if _day_of(uri) <= day.isoformat()))


class SnapshotReader:
    """Opens tables at a place; keeps what it read of a version until there is a newer one."""

    def __init__(self, tables: Path | Place) -> None:
        place = place_of(tables)
        self._logs: _Logs = _LocalLogs(place.path) if place.is_local else _object_logs(place)
        self._known: dict[str, tuple[str, TableSnapshot]] = {}
        self._held: Mapping[str, TableSnapshot] = MappingProxyType({})
        self._lock = Lock()

    def hold(self, names: Iterable[str]) -> None:
        """Give these tables from now on as they are at this moment, as long as the files are there.

        Raises:
            QueryFailed: as `read`.
        """
        self._held = MappingProxyType({})
        self._held = MappingProxyType(dict(self.read(names)))

    def read(self, names: Iterable[str], *, anew: bool = False) -> Mapping[str, TableSnapshot]:
        """The newest version of each table, all as they were at one moment. ``anew`` trusts nothing kept.

        Raises:
            QueryFailed: a table's log cannot be read.
        """
        wanted = sorted(names)
        if anew:
            self._held = MappingProxyType({})
        elif self._held.keys() >= set(wanted):
            return {name: self._held[name] for name in wanted}
        with self._lock:
            if anew:
                self._known.clear()
                self._logs.forget()
            for _ in range(_ATTEMPTS):
                before = self._logs.newest_commits(wanted)
                snapshots = {name: self._open(name, before[name]) for name in wanted}
                if self._logs.newest_commits(wanted) == before:
                    break
            return snapshots

    def fetch_ahead(self, snapshots: Iterable[TableSnapshot]) -> None:
        """Read small files at once that a query asks for one after the other, where each costs a request."""
        self._logs.fetch_ahead(uri for snapshot in snapshots for uri in snapshot.uris)

    def _open(self, name: str, commit: str) -> TableSnapshot:
        kept = self._known.get(name)
        if kept is None or kept[0] != commit:
            kept = (commit, self._logs.open(name, commit) if commit else TableSnapshot(name))
            self._known[name] = kept
        return kept[1]


class _Logs(Protocol):
    """The logs of tables, wherever they lie."""

    def newest_commits(self, names: Iterable[str]) -> dict[str, str]: ...

    def open(self, name: str, commit: str) -> TableSnapshot: ...

    def forget(self) -> None: ...

    def fetch_ahead(self, uris: Iterable[str]) -> None: ...


class _LocalLogs:
    """The logs in a folder of this machine."""

    def __init__(self, tables_dir: Path) -> None:
        self._tables_dir = tables_dir

    def newest_commits(self, names: Iterable[str]) -> dict[str, str]:
        return {name: _newest_commit(self._tables_dir / name / "_delta_log") for name in names}

    def open(self, name: str, _commit: str) -> TableSnapshot:
        return _open_table(self._tables_dir / name)

    def forget(self) -> None:
        """Nothing is kept."""

    def fetch_ahead(self, uris: Iterable[str]) -> None:
        """The kernel reads ahead."""


def _object_logs(place: Place) -> _Logs:
    from query.object_logs import ObjectLogs
    from query.objects import reader_of

    return ObjectLogs(reader_of(place))


def _newest_commit(log: Path) -> str:
    """The name of the last commit, empty where there is no table."""
    try:
        with os.scandir(log) as entries:
            return max((entry.name for entry in entries if entry.name.endswith(".json")), default="")
    except (FileNotFoundError, NotADirectoryError):
        return ""
    except OSError as error:
        raise QueryFailed(f"Table {log.parent.name} cannot be read: {error.strerror}.") from error


def _open_table(path: Path) -> TableSnapshot:
    try:
        table = DeltaTable(path)
        root = urlsplit(table.table_uri).path
        uris = (f"{TABLES}://{path.name}/{unquote(uri.removeprefix(root))}" for uri in table.file_uris())
        return TableSnapshot(path.name, tuple(sorted(uris)), table.transaction_version(LOADS) is not None)
    except TableNotFoundError:
        return TableSnapshot(path.name)
    except (DeltaError, OSError) as error:
        why = str(error).splitlines()[0].rstrip(".")
        raise QueryFailed(
            f"Table {path.name} cannot be read: {why}. `patchdeck tables check` says what to do."
        ) from error


def _is_since(uri: str, day: date) -> bool:
    return not _day_of(uri) or _day_of(uri) >= day.isoformat()


def _day_of(uri: str) -> str:
    """The day in whose folder the file lies, empty for none."""
    return uri.partition("/Day=")[2][:10]
