"""What machines miss, each update once however many miss it: a large fleet misses few updates, many times over."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from fleet.deployments.selection import version_key
from fleet.tables import UPDATE
from fleet.updates import Update, UpdateState
from ops.home import Home
from ops.missing import COLUMNS, missing_of_row

_OF_MACHINES = ("SourceComputerId", "Computer", "TimeGenerated", "FirstSeen")
_OF_UPDATES = tuple(name for name in COLUMNS if name not in _OF_MACHINES)
_NEEDED = ("SourceComputerId", *_OF_UPDATES)
_NOBODY = dict.fromkeys(_OF_MACHINES)


@dataclass(frozen=True, slots=True)
class SharedMissing:
    """The missing updates of machines by their ids, and when the fleet first saw each version."""

    by_machine: Mapping[str, Sequence[Update]]
    first_seen: Mapping[tuple[str, str], datetime]


def read_shared_missing(home: Home, machine_ids: Collection[str]) -> SharedMissing:
    """What the machines with ``machine_ids`` missed at their last answers. Blocking; for a thread.

    Raises:
        StoreBusy: another process holds the tables.
    """
    import polars

    from ops.store import TableStore
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    TableStore(home).replay()
    is_wanted = polars.col("SourceComputerId").is_in(list(machine_ids))
    is_needed = polars.col("UpdateState") == UpdateState.NEEDED.value
    # Lazily: the table has twice the columns, and each of them is as long as the fleet is large.
    rows = StoredTable(tables_of(home), UPDATE).scan().filter(is_needed & is_wanted).select(_NEEDED).collect()
    shared = rows.group_by(_OF_UPDATES).agg("SourceComputerId")
    by_machine: dict[str, list[Update]] = {}
    first_seen: dict[tuple[str, str], datetime] = {}
    for row in shared.iter_rows(named=True):
        each = missing_of_row({**row, **_NOBODY})
        for machine_id in row["SourceComputerId"]:
            by_machine.setdefault(machine_id, []).append(each.update)
        if each.fleet_first_seen:
            first_seen[version_key(each.update)] = each.fleet_first_seen
    return SharedMissing(by_machine, first_seen)
