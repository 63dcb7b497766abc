"""The logs of tables in an object store: what is newest, in one request a table, and which files a version has."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from urllib.parse import unquote

from deltalake import DeltaTable

from fleet.errors import QueryFailed
from query.files import TABLES
from query.object_problems import explain_store_error
from query.objects import ObjectReader
from query.snapshots import LOADS, TableSnapshot

_TABLES_AT_ONCE = 4


class ObjectLogs:
    """Looks at the logs below the place of ``reader``; keeps the version of each table that it opened last."""

    def __init__(self, reader: ObjectReader) -> None:
        self._reader = reader
        self._opened: dict[str, DeltaTable] = {}

    def forget(self) -> None:
        """Trust nothing that was read."""
        self._opened.clear()

    def fetch_ahead(self, uris: Iterable[str]) -> None:
        """Read the small ones among the files now, several at once."""
        self._reader.fetch_ahead(uri.removeprefix(f"{TABLES}://") for uri in uris)

    def newest_commits(self, names: Iterable[str]) -> dict[str, str]:
        """The name of the last commit of each table, empty where there is none; some are asked for at once.

        Raises:
            QueryFailed: the store does not answer.
        """
        wanted = list(names)
        if not wanted:
            return {}
        with ThreadPoolExecutor(min(len(wanted), _TABLES_AT_ONCE), thread_name_prefix="logs") as pool:
            return dict(zip(wanted, pool.map(self._newest_commit, wanted), strict=True))

    def open(self, name: str, commit: str) -> TableSnapshot:
        """The newest version of the table, ``commit`` or later, whose files may be read from now on.

        Of the log only what is new is read.

        Raises:
            QueryFailed: it cannot be read.
        """
        with self._told(name):
            opened = self._opened[name]
            if _commit_of(opened) < commit:
                opened.update_incremental()
            uris = (f"{TABLES}://{file}" for file in self._note_files(name, opened))
            return TableSnapshot(name, tuple(sorted(uris)), opened.transaction_version(LOADS) is not None)

    def _note_files(self, name: str, opened: DeltaTable) -> list[str]:
        actions = opened.get_add_actions(flatten=True)
        paths = [unquote(str(path)) for path in actions.column("path").to_pylist()]
        if strange := next((path for path in paths if "://" in path or ".." in path.split("/")), None):
            raise QueryFailed(f"Table {name} names a file that is not its own: {strange}")
        files = [f"{name}/{path}" for path in paths]
        self._reader.note_files(dict(zip(files, map(int, actions.column("size_bytes").to_pylist()), strict=True)))
        return files

    def _newest_commit(self, name: str) -> str:
        with self._told(name):
            if (opened := self._opened.get(name)) is not None:
                return self._reader.newest_name(f"{name}/_delta_log", _commit_of(opened))
            if (opened := (self._reader.place / name).open()) is None:
                return ""
            self._opened[name] = opened
            return _commit_of(opened)

    @contextmanager
    def _told(self, name: str) -> Iterator[None]:
        try:
            yield
        except QueryFailed:
            raise
        # deltalake, its kernel and the store library raise errors of a dozen unrelated classes.
        except Exception as error:
            self._opened.pop(name, None)
            why = explain_store_error(error, self._reader.place)
            raise QueryFailed(f"Table {name} cannot be read: {why}.") from error


def _commit_of(opened: DeltaTable) -> str:
    return f"{opened.version():020}.json"
