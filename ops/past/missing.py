"""Missing updates as of an earlier instant: the rows of Update as of then that are needed."""

from collections.abc import Collection
from datetime import datetime

from fleet.updates import UpdateState
from ops.home import Home
from ops.missing import COLUMNS, MissingUpdate, missing_of_row
from ops.past.room import PastRoom

# Sorted as `list_missing` sorts.
_SQL = f"""
SELECT {", ".join(COLUMNS)}
FROM Update
WHERE UpdateState = '{UpdateState.NEEDED.value}'
    AND ($ids IS NULL OR list_contains(string_split(CAST($ids AS VARCHAR), ','), SourceComputerId))
ORDER BY Computer, Product, ProductArch, ProductVersion
"""  # noqa: S608 - declared names


def missing_at(room: PastRoom, machine_ids: Collection[str] | None = None) -> list[MissingUpdate]:
    """The updates that the machines with ``machine_ids`` missed, None for all; as `ops.missing.list_missing`.

    Blocking.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    ids = None if machine_ids is None else ",".join(machine_ids)
    result = room.ask(_SQL, {"ids": ids})
    return [missing_of_row(dict(zip(COLUMNS, row, strict=True))) for row in result.rows]


def list_missing_at(home: Home, at: datetime, machine_ids: Collection[str] | None = None) -> list[MissingUpdate]:
    """As `missing_at`, at ``at``, over the tables of ``home``."""
    from ops.config import load_settings
    from ops.past.room import opened_room

    with opened_room(home, load_settings(home), at) as room:
        return missing_at(room, machine_ids)
