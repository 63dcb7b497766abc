"""Missing updates counted: each update once, however many machines miss it; and the machines of one of them.

What is counted stays columns of a data frame until a few thousand rows are left: of 300,000 missing updates no object
is ever made.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any  # Any: values of a row, typed by fleet.tables

from fleet.shared_values import SharedValues
from fleet.tables import UPDATE
from fleet.updates import Blocker, Update, UpdateState
from ops.home import Home
from ops.missing import COLUMNS, IN_ORDER, MissingUpdate, missing_of_frame, missing_of_row

if TYPE_CHECKING:
    from polars import DataFrame, LazyFrame

# What updates are told apart by: the key of `Update` is made of nothing else. `Update.name` is the title on Windows.
_KEYS = ("UpdateID", "Product", "Title", "ProductArch", "ProductVersion", "KBID", "RevisionNumber")


@dataclass(frozen=True, slots=True)
class MissingGroup:
    """An update that machines miss; ``update`` is it as the first of them has it, by name.

    ``installable`` is on how many of ``machine_count`` an ordinary upgrade would install it, ``blockers`` why not on
    the others, each reason once, ``first_seen`` when the first of them was seen to need it.
    """

    update: Update
    machine_count: int
    installable: int
    blockers: tuple[Blocker, ...] = ()
    first_seen: datetime | None = None

    @property
    def key(self) -> str:
        """What tells it from the others."""
        return key_of(self.update)


@dataclass(frozen=True, slots=True)
class MissingGroups:
    """All updates that machines miss, by name, and how many machines miss any."""

    groups: tuple[MissingGroup, ...]
    machine_count: int


def key_of(update: Update) -> str:
    """What tells an update from others, whichever machine misses it and whatever it has instead."""
    return f"{update.name}\n{update.architecture}\n{update.offered_version}"


def group_missing(missing: Iterable[MissingUpdate]) -> list[MissingGroup]:
    """``missing``, which are by machine, counted by update; in the order in which each is met first."""
    members: dict[str, list[MissingUpdate]] = {}
    for each in missing:
        members.setdefault(key_of(each.update), []).append(each)
    return [_group_of(found) for found in members.values()]


def list_groups(home: Home, at: datetime | None = None) -> MissingGroups:
    """The missing updates of all machines, counted; at ``at``, an earlier instant, those of then. Blocking.

    Raises:
        StoreBusy: another process holds the tables.
        QueryFailed, QueryTimedOut: those of then could not be asked.
    """
    frame = _needed(home, at)
    return MissingGroups(groups_of_frame(frame), frame.get_column("SourceComputerId").n_unique())


def list_needing(home: Home, update: Update, at: datetime | None = None) -> list[MissingUpdate]:
    """``update`` on each of the machines that miss it, by name; at ``at``, an earlier instant, those of then. Blocking.

    Raises:
        StoreBusy, QueryFailed, QueryTimedOut: as `list_groups`.
    """
    key = key_of(update)
    found = missing_of_frame(_needed(home, at, update.name).sort(IN_ORDER))
    return [each for each in found if key_of(each.update) == key]


def groups_of_frame(frame: "DataFrame") -> tuple[MissingGroup, ...]:
    """The missing updates in the rows of ``frame``, which has `COLUMNS`, counted."""
    import polars

    blocker = polars.col("NotInstallableReason")
    has_blocker = blocker.is_not_null() & (blocker != "")
    position = polars.col("Position")
    counted = (
        frame.with_row_index("Position")
        .group_by(_KEYS)
        .agg(
            position.get(polars.col("Computer").arg_min()).alias("Position"),
            polars.len().alias("Count"),
            has_blocker.sum().alias("Blocked"),
            blocker.filter(has_blocker).unique().alias("Blockers"),
            polars.col("FirstSeen").min().alias("First"),
            polars.col("Computer").min().alias("Name"),
        )
        .sort("Name", "Position")
    )
    examples = frame.select(polars.all().gather(counted.get_column("Position")))
    merged: dict[str, list[tuple[Update, Mapping[str, Any]]]] = {}
    share = SharedValues().share  # what is equal is handed over once, and kept once
    for row, numbers in zip(examples.iter_rows(named=True), counted.iter_rows(named=True), strict=True):
        update = missing_of_row({name: share(value) for name, value in row.items()}).update
        merged.setdefault(key_of(update), []).append((update, numbers))
    return tuple(_sum_of(parts) for _, parts in sorted(merged.items()))


def _needed(home: Home, at: datetime | None, name: str | None = None) -> "DataFrame":
    """The rows of updates that are needed; only those that ``name`` may stand for."""
    if at is not None:
        from ops.past.missing import missing_frame_at

        return missing_frame_at(home, at, name)
    import polars

    from ops.store import TableStore
    from ops.store.delta import StoredTable
    from ops.store.place import tables_of

    TableStore(home).replay()
    rows: LazyFrame = StoredTable(tables_of(home), UPDATE).scan()
    is_wanted = polars.col("UpdateState") == UpdateState.NEEDED.value
    if name is not None:
        is_wanted &= (polars.col("Product") == name) | (polars.col("Title") == name)
    return rows.filter(is_wanted).select(COLUMNS).collect()


def _sum_of(parts: Sequence[tuple[Update, Mapping[str, Any]]]) -> MissingGroup:
    """The group of ``parts``, whose keys differ in what the update does not show: the first has the first machine."""
    count = sum(numbers["Count"] for _, numbers in parts)
    blockers = {Blocker(each) for _, numbers in parts for each in numbers["Blockers"]}
    return MissingGroup(
        parts[0][0],
        count,
        count - sum(numbers["Blocked"] for _, numbers in parts),
        tuple(sorted(blockers)),
        min((numbers["First"] for _, numbers in parts if numbers["First"]), default=None),
    )


def _group_of(found: Sequence[MissingUpdate]) -> MissingGroup:
    return MissingGroup(
        found[0].update,
        len(found),
        sum(each.update.is_installable for each in found),
        tuple(sorted({each.update.blocker for each in found if each.update.blocker})),
        min((each.first_seen for each in found if each.first_seen), default=None),
    )
