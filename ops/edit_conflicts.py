"""Whether what is edited is still as it was read: asked inside the transaction that keeps the edit."""

import sqlite3
from datetime import datetime
from typing import TypeVar

from fleet.audit_masking import mask_document
from fleet.edit_conflicts import EditConflict, compare_edits
from fleet.errors import BadInput
from ops.state.audit import ENTRY_COLUMNS, AuditEntry, read_entry
from ops.state.documents import Codec

_Edited = TypeVar("_Edited")
# By the number, backwards: a change that is in the way is hardly ever old.
_LAST_CHANGE = f"""
SELECT {ENTRY_COLUMNS} FROM audit
WHERE target = ? COLLATE NOCASE AND action GLOB ? AND (before IS NOT NULL OR action GLOB '*.add')
ORDER BY id DESC LIMIT 1
"""  # noqa: S608 - ours only


def require_unchanged(
    connection: sqlite3.Connection, what: tuple[str, str], seen: _Edited | None, theirs: _Edited, mine: _Edited
) -> None:
    """Nothing, where ``theirs``, as it is kept now, may be replaced by ``mine``: it is as it was ``seen``.

    ``what`` is the kind of thing, as in the audit's ``group.edit``, and its name. Without ``seen`` nobody has read it
    before, and the same edit made twice is once.

    Raises:
        EditConflict: somebody changed it meanwhile; says who, when and what.
    """
    if seen is None or seen == theirs or theirs == mine:
        return
    kind, name = what
    change = last_change(connection, kind, name)
    codec = Codec(type(seen))
    documents = (mask_document(codec.dump(side)) or "" for side in (seen, theirs, mine))
    places = compare_edits(*documents)
    by, at = (change.actor.user, change.at) if change else ("somebody", None)
    raise EditConflict(f"{kind} {name}", seen, theirs, mine, by=by, at=at, places=places)


def explain_removal(connection: sqlite3.Connection, kind: str, name: str) -> BadInput:
    """That what is edited is there no more, who removed it and when."""
    change = last_change(connection, kind, name)
    removed = change is not None and change.action.endswith(".remove")
    who = (
        f"{change.actor.user} removed {kind} {name}{_when(change.at)}"
        if change and removed
        else f"{kind} {name} is gone"
    )
    return BadInput(f"{who}, after you had read it. Nothing was kept of the edit.")


def last_change(connection: sqlite3.Connection, kind: str, name: str) -> AuditEntry | None:
    """The newest change of the ``kind`` of thing that is called ``name``, as the audit has it."""
    row = connection.execute(_LAST_CHANGE, (name, f"{kind}.*")).fetchone()
    return None if row is None else read_entry(row)


def _when(at: datetime | None) -> str:
    return f" at {at:%Y-%m-%d %H:%M:%SZ}" if at else ""
