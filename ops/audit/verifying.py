"""Verifying the audit of a home: its chain, what keeps it from being changed, a known head, and the table Audit."""

from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from sqlite3 import Connection, OperationalError

from fleet.audit_head import Head
from fleet.audit_verification import Breach, BreachKind, Chain, check_copies, check_heads, check_witness, walk_chain
from fleet.errors import PatchdeckError
from fleet.hostile import clean, clean_name, decode
from fleet.state_records import audit_row
from ops.audit.book import audit_head, reading
from ops.audit.witness import COMPARED, ask_witness
from ops.home import Home
from ops.state.audit import ENTRY_COLUMNS, as_written
from ops.state.database import connect_in_memory, opened

_TABLE = "audit"
_MOST_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Verdict:
    """What `verify_audit` found. ``breaches`` are in the order of the entries; the audit is whole where there is none.

    Args:
        entries: how many there are.
        head: the newest of them.
        broken: at how many places an entry does not follow the one before it.
        known: the heads that were given.
        published: how many entries of the table Audit were compared, None where that could not be done.
        notes: what was not looked at, and why.
    """

    entries: int
    head: Head
    breaches: tuple[Breach, ...]
    broken: int = 0
    known: tuple[Head, ...] = ()
    published: int | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_whole(self) -> bool:
        """Whether nothing is off."""
        return not self.breaches


def verify_audit(home: Home, known: Sequence[Head] = ()) -> Verdict:
    """Whether the audit of ``home`` is as it was written, also in the eyes of whoever kept its heads ``known``.

    Raises:
        HomeUnusable: it cannot be read.
    """
    with opened(home.state_file) as connection:
        unguarded = list(_unguarded(connection))
        chain = _walk(connection, is_ours=not unguarded)
        breaches = [*unguarded, *chain.breaches]
    if (breach := check_heads(chain, known)) is not None:
        breaches.append(breach)
    published, witnessed, notes = _ask_table(home, chain)
    breaches += witnessed
    breaches.sort(key=lambda each: each.number or 0)
    head = replace(chain.head, at=audit_head(home).at)
    return Verdict(len(chain.hashes), head, tuple(breaches), chain.broken, tuple(known), published, notes)


def _walk(connection: Connection, *, is_ours: bool) -> Chain:
    query = f"SELECT {ENTRY_COLUMNS} FROM audit ORDER BY id"  # noqa: S608 - ours only
    if is_ours:
        with suppress(OperationalError):  # somebody wrote what is no UTF-8: reading all as if it were so takes longer
            return walk_chain(connection.execute(query))
    connection.text_factory = decode
    return walk_chain(map(as_written, connection.execute(query)))


def _unguarded(connection: Connection) -> Iterator[Breach]:
    """What of the audit's table and triggers is not as this Patchdeck makes them."""
    there, ours = _layout(connection), _layout_of_ours()
    for name, sql in ours.items():
        what = "table" if name == _TABLE else "trigger"
        if there.get(name) != sql:
            state = "is not as Patchdeck makes it" if name in there else "is not there"
            text = f"the {what} {name} of state.db {state}: entries could have been changed past Patchdeck"
            yield Breach(BreachKind.UNGUARDED, None, text)
    for name in there.keys() - ours.keys():
        text = f"the trigger {clean_name(name)} of state.db is not Patchdeck's: entries could have been kept away by it"
        yield Breach(BreachKind.UNGUARDED, None, text)


def _layout(connection: Connection) -> dict[str, str]:
    """How the audit's table and triggers were made, by their names."""
    query = """
        SELECT name, sql FROM sqlite_schema
        WHERE type IN ('table', 'trigger') AND tbl_name = 'audit' COLLATE NOCASE ORDER BY name DESC
    """
    return {name: " ".join(sql.split()) for name, sql in connection.execute(query)}


def _layout_of_ours() -> dict[str, str]:
    with closing(connect_in_memory()) as fresh:
        return _layout(fresh)


def _ask_table(home: Home, chain: Chain) -> tuple[int | None, list[Breach], tuple[str, ...]]:
    """How many entries of the table Audit were compared, what it tells against ``chain``, and what to note."""
    try:
        found = ask_witness(home, chain.hashes)
    except PatchdeckError as error:
        return None, [], (f"The table Audit was not asked: {error}",)
    witness = dict(found.rows)
    # A table that was written on both sides of a state put back from a copy has two entries of one number.
    witness |= {number: digest for number, digest in found.rows if chain.hashes.get(number, digest) != digest}
    breaches = check_witness(chain, witness, lambda number: _explain(home, number))
    breaches += check_copies(found.false, found.lacking, lambda number: _explain(home, number))
    waiting = (chain.head.number or 0) - max((*witness, *found.lacking), default=0)
    are = "The last of them is" if waiting == 1 else f"The last {waiting:,} of them are"
    notes = (f"{are} not in the table Audit yet.",) if waiting > 0 else ()
    return len(witness), breaches, notes


def _explain(home: Home, number: int) -> str:
    """How entry ``number`` differs from the row of it in the table Audit."""
    from ops.store.state_rows import rows_in_table

    with reading(home) as connection:
        query = f"SELECT {ENTRY_COLUMNS} FROM audit WHERE id = ?"  # noqa: S608 - ours only
        entry = connection.execute(query, (number,)).fetchone()
    is_now = audit_row(as_written(entry))
    rows = sorted(rows_in_table(home, number), key=lambda row: bool(row["Hash"] == is_now["Hash"]))
    if not rows:
        return ""
    was = rows[0]
    changed = [
        f"{name} was {_shown(was[name])}, and is {_shown(is_now[name])}"
        for name in COMPARED
        if (was[name] or "") != (is_now[name] or "")
    ]
    return "; ".join(changed) or "what it says is the same; an entry before it is not"


def _shown(value: object) -> str:
    return repr(clean(str(value or ""), _MOST_SHOWN))
