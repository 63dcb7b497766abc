"""Machines that come back into the fleet: what they needed when they left is put back into Update, from its history.

Without that their next scan would find everything missing for the first time, and a machine that is retired and
restored would be rid of the age of what it lacks.
"""

from collections.abc import Mapping

import polars as pl

from fleet.status import MachineStatus
from fleet.tables import LOADED_AT, UPDATE
from fleet.updates import UpdateState

_BY_ID = "SourceComputerId"
_KEY = ("UpdateID", "Product", "ProductArch")


def find_returned(
    published: pl.DataFrame, changed: Mapping[str, MachineStatus], current: pl.LazyFrame
) -> dict[str, MachineStatus]:
    """Those of the ``changed`` machines that lacked something at their last answer and are in neither table, by id.

    ``published`` are the rows of Machine, ``current`` those of Update: a machine that was just assessed for the first
    time has its rows there already.
    """
    known = set(published[_BY_ID])
    found = {
        machine_id: status
        for machine_id, status in changed.items()
        if machine_id not in known and status.last_answer is not None and status.last_answer.counts.listed
    }
    if found:
        for owner in current.select(_BY_ID).unique().collect()[_BY_ID]:
            found.pop(owner, None)
    return found


def with_returned(current: pl.DataFrame, history: pl.LazyFrame, returned: Mapping[str, MachineStatus]) -> pl.DataFrame:
    """The rows of Update with those of the ``returned`` machines, as ``history`` has them last; in the table's order.

    What retention has removed of the history does not come back before the next scan.
    """
    last = (
        history.filter(pl.col(_BY_ID).is_in(list(returned)) & pl.col(LOADED_AT.name).is_null())
        .sort("TimeGenerated", maintain_order=True)
        .group_by(_BY_ID, *_KEY)
        .last()
        .filter(pl.col("UpdateState") == UpdateState.NEEDED.value)
        .select(UPDATE.column_names)
        .collect()
    )
    names = {machine_id: status.machine.name for machine_id, status in returned.items()}
    answered = {
        machine_id: status.last_answer.ended_at for machine_id, status in returned.items() if status.last_answer
    }
    back = last.with_columns(
        Computer=pl.col(_BY_ID).replace_strict(names, return_dtype=pl.String()),
        TimeGenerated=pl.col(_BY_ID).replace_strict(answered, return_dtype=last.schema["TimeGenerated"]),
        Type=pl.lit(UPDATE.name),
    )
    return pl.concat([current, back]).sort(UPDATE.sort_by, maintain_order=True)
