"""The table Audit as a witness of the audit: which entries it has, and whether it says what they say."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from fleet.state_records import moment_of
from fleet.tables import AUDIT
from ops.audit.book import reading
from ops.home import Home
from ops.state.audit import ENTRY_COLUMNS, as_written

if TYPE_CHECKING:
    from polars import DataFrame, Expr

# What rows and entries are compared by, beside their hashes.
COMPARED = (
    *("TimeGenerated", "Caller", "CallerIpAddress", "SshClient", "OperationName", "Target", "Command"),
    *("Before", "After", "Origin"),
)
# So many entries are in memory at once: each may be large.
_ENTRIES_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Witness:
    """What the table Audit has, and where it was changed.

    Args:
        rows: the number and hash of each row.
        false: numbers of rows that have the hash of their entry and say something else.
        lacking: numbers of entries that were written into it and are not there, though newer days than theirs are
            not let go either.
    """

    rows: tuple[tuple[int, str], ...]
    false: tuple[int, ...]
    lacking: tuple[int, ...]


def ask_witness(home: Home, hashes: Mapping[int, str]) -> Witness:
    """What the table Audit of ``home`` has, beside the entries of ``hashes``.

    Raises:
        HomeUnusable: it cannot be read.
    """
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of
    from ops.store.state_rows import AUDIT_COMMITS

    stored = StoredTable(tables_of(home), AUDIT)
    published = stored.last_number(AUDIT_COMMITS)
    found = stored.scan().select("Sequence", "Hash", _day(), _fingerprint()).collect(engine="streaming")
    rows = tuple(found.select("Sequence", "Hash").iter_rows())
    first_day = min(found["day"].drop_nulls(), default=None)
    there = {number for number, _ in rows}
    missing = {number for number in hashes if number <= published and number not in there}
    false, lacking = [], []
    with reading(home) as connection:
        said = {number: says for number, digest, _, says in found.iter_rows() if hashes.get(number) == digest}
        for number, day, says in _entries(connection, max(there, default=0), missing):
            if said.get(number, says) != says:
                false.append(number)
            if number in missing and first_day is not None and day is not None and day >= first_day:
                lacking.append(number)
    return Witness(rows, tuple(false), tuple(lacking))


def _entries(connection: Connection, last: int, missing: set[int]) -> Iterator[tuple[int, date | None, int]]:
    """The number, day and fingerprint of each entry up to ``last``, and of those that are ``missing``."""
    query = f"SELECT {ENTRY_COLUMNS} FROM audit WHERE id <= ? ORDER BY id"  # noqa: S608 - ours only
    cursor = connection.execute(query, (max(last, *missing, 0),))
    while batch := list(map(as_written, islice(cursor, _ENTRIES_AT_ONCE))):
        yield from _frame(batch).select("Sequence", _day(), _fingerprint()).iter_rows()


def _frame(entries: Sequence[Sequence[Any]]) -> "DataFrame":  # Any: rows of SQLite
    """What the table says of ``entries``, by columns: a third of the time that whole rows take."""
    import polars as pl

    number, at, user, ssh_client, command, action, target, before, after, origin, _ = zip(*entries, strict=True)
    addresses = [text.partition(" ")[0] for text in ssh_client]
    texts = (user, addresses, ssh_client, action, target, command, before, after, origin)
    columns = [pl.Series("Sequence", number, pl.Int64)]
    columns.append(pl.Series("TimeGenerated", [*map(moment_of, at)], pl.Datetime("us", "UTC")))
    columns += [pl.Series(name, held, pl.String) for name, held in zip(COMPARED[1:], texts, strict=True)]
    return pl.DataFrame(columns)


def _day() -> "Expr":
    import polars as pl

    return pl.col("TimeGenerated").dt.date().alias("day")


def _fingerprint() -> "Expr":
    """A number for all that a row says: the same for the same, within one process."""
    import polars as pl

    texts = [pl.col(name).cast(pl.String).fill_null("") for name in COMPARED[1:]]
    return pl.struct(pl.col("TimeGenerated").dt.epoch("us"), *texts).hash().alias("says")
