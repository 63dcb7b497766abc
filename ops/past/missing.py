"""Missing updates as of an earlier instant: the rows of Update as of then that are needed."""

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.updates import UpdateState
from ops.home import Home
from ops.missing import COLUMNS, IN_ORDER, MissingUpdate, missing_of_frame
from ops.past.room import PastRoom

if TYPE_CHECKING:
    from polars import DataFrame

_SQL = f"""
SELECT {", ".join(COLUMNS)}
FROM Update
WHERE UpdateState = '{UpdateState.NEEDED.value}'
    AND ($ids IS NULL OR list_contains(string_split(CAST($ids AS VARCHAR), ','), SourceComputerId))
    AND ($name IS NULL OR Product = $name OR Title = $name)
"""  # noqa: S608 - declared names


def missing_at(room: PastRoom, machine_ids: Collection[str] | None = None) -> list[MissingUpdate]:
    """The updates that the machines with ``machine_ids`` missed, None for all; as `ops.missing.list_missing`.

    Blocking.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    import polars

    rows = room.frame(_SQL, {"ids": None if machine_ids is None else ",".join(machine_ids), "name": None})
    found = missing_of_frame(rows)
    order = rows.select(polars.arg_sort_by(*IN_ORDER)).to_series()
    return [found[place] for place in order]


def list_missing_at(home: Home, at: datetime, machine_ids: Collection[str] | None = None) -> list[MissingUpdate]:
    """As `missing_at`, at ``at``, over the tables of ``home``."""
    from ops.config import load_settings
    from ops.past.room import opened_room

    with opened_room(home, load_settings(home), at) as room:
        return missing_at(room, machine_ids)


def missing_frame_at(home: Home, at: datetime, name: str | None = None) -> "DataFrame":
    """The rows of `missing_at` of all machines, with `COLUMNS`; only those that ``name`` may stand for. Blocking.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    from ops.config import load_settings
    from ops.past.room import opened_room

    with opened_room(home, load_settings(home), at) as room:
        return room.frame(_SQL, {"ids": None, "name": name})
