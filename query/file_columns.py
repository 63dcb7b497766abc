"""What columns files have, as DuckDB reads them, learnt once for each file: a file of a Delta table never changes."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock

from duckdb import DuckDBPyConnection

from query.files import SharedFile
from query.footers import schema_bytes

# A year of every table is about a third of it.
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class FileColumns:
    """The columns of some files: DuckDB's types by casefolded names, empty where files differ in it or it is not known.

    ``are_alike`` says that each file has just these.
    """

    types: Mapping[str, str] = field(default_factory=dict)
    are_alike: bool = False


UNKNOWN = FileColumns()


class FileColumnsReader:
    """Tells what columns files have; ``open_file`` opens one by its URI."""

    def __init__(self, open_file: Callable[[str], SharedFile] | None) -> None:
        self._open_file = open_file
        self._schemas: dict[str, bytes] = {}
        self._columns: dict[bytes, Mapping[str, str]] = {}
        self._lock = Lock()

    def read(self, connection: DuckDBPyConnection, uris: Iterable[str]) -> FileColumns:
        """The columns of the files at ``uris``; `UNKNOWN` where they differ, or one is not as expected.

        Raises:
            duckdb.Error: DuckDB cannot read one.
        """
        if self._open_file is None:
            return UNKNOWN
        with self._lock:
            if len(self._schemas) >= _MOST_KNOWN:
                self._schemas.clear()
            found: set[bytes] = set()
            for uri in uris:
                schema = self._schemas.get(uri) or self._look_at(uri, self._open_file)
                if not schema:
                    return UNKNOWN
                if schema not in self._columns:
                    self._columns[schema] = _describe(connection, uri)
                found.add(schema)
            alike = {tuple(self._columns[schema].items()) for schema in found}
            return FileColumns(dict(alike.pop()), are_alike=True) if len(alike) == 1 else UNKNOWN

    def _look_at(self, uri: str, open_file: Callable[[str], SharedFile]) -> bytes | None:
        try:
            file = open_file(uri)
        except (OSError, ValueError):  # DuckDB says what is wrong with it
            return None
        try:
            schema = schema_bytes(file, self._columns)
        finally:
            file.close()
        if schema:
            self._schemas[uri] = schema
        return schema


def _describe(connection: DuckDBPyConnection, uri: str) -> Mapping[str, str]:
    escaped = uri.replace("'", "''")
    rows = connection.execute(f"DESCRIBE FROM read_parquet('{escaped}', hive_partitioning = false)").fetchall()
    return {str(row[0]).casefold(): str(row[1]) for row in rows}
