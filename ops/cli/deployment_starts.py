"""Coming starts of a deployment as rows."""

from collections.abc import Sequence

from fleet.deployments.occurrences import Start
from ops.cli.listing import Column, Listing

_COLUMNS = (
    Column("local", "Start"),
    Column("at", "in UTC"),
    Column("moved_from", "Moved by a change of clocks"),
    Column("skipped", "Skipped"),
)


def list_starts(starts: Sequence[Start]) -> Listing:
    """A row for each start, also for those that a blackout skips; columns that say nothing have no heading."""
    moved = any(start.moved_from for start in starts)
    skipped = any(start.skipped for start in starts)
    columns = tuple(
        Column(column.name, column.title if shown else "")
        for column, shown in zip(_COLUMNS, (True, True, moved, skipped), strict=True)
    )
    return Listing(columns, [(start.local, start.at, start.moved_from, start.skipped) for start in starts])
