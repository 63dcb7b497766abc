"""Asking the tables of a home: the engine over what is stored now, its limits by the settings, the saved queries."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING

from fleet.errors import UnknownName
from ops.config import Settings
from ops.home import Home

if TYPE_CHECKING:
    from query.engine import QueryEngine
    from query.library import SavedQuery
    from query.limits import Limits
    from query.past import Past


def limits_of(settings: Settings) -> "Limits":
    """The limits of a query as the settings have them."""
    from query.limits import Limits

    return Limits(
        rows=settings.query_row_limit,
        seconds=settings.query_time_limit_seconds,
        memory=f"{settings.query_memory_mib}MiB",
        spill=f"{settings.query_spill_mib}MiB",
    )


@contextmanager
def open_engine(
    home: Home,
    settings: Settings,
    *,
    now: datetime | None = None,
    as_of: datetime | None = None,
    limits: "Limits | None" = None,
    publishes: bool = True,
) -> Iterator["QueryEngine"]:
    """An engine over the tables as they are now, closed at the end. Blocking; for a thread.

    Batches that a crash left half-written are finished first, and the table Machine is brought up to date. ``now`` is
    what queries take for now; None for the real one, or that of ``as_of``: an earlier time from whose state queries are
    answered, as far as it is kept (`Result.notes` says what is not). No query of this engine may take longer than
    ``limits``, which are those of the settings where none are given. ``publishes`` False: the tables are taken as they
    are, which waits for nobody.

    Raises:
        StoreBusy: another process holds the tables for too long.
    """
    from ops.store.place import tables_by
    from ops.store.settled import is_settled
    from query.engine import QueryEngine

    if publishes and not is_settled(home):
        from ops.store import TableStore

        TableStore(home).publish_machines()
    past = past_of(home, as_of) if as_of else None
    with QueryEngine(tables_by(home, settings), home.temp_dir, limits or limits_of(settings), now, past) as engine:
        yield engine


def past_of(home: Home, at: datetime) -> "Past":
    """The time ``at``, with the machines that were enrolled then. Blocking."""
    from ops.state.database import opened
    from ops.state.past_machines import enrolled_at
    from query.past import Past

    with opened(home.state_file) as connection:
        enrolled = enrolled_at(connection, at)
    return Past(at, enrolled.machines, enrolled.absent)


def saved_queries(home: Home) -> tuple["SavedQuery", ...]:
    """The predefined queries and those in the home's folder."""
    from query.library import find_queries

    return find_queries([home.queries_dir])


def find_query(home: Home, name: str) -> "SavedQuery":
    """The query called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    from query.library import find_queries

    for saved in find_queries([home.queries_dir], name=name):
        return saved
    raise UnknownName("query", name, [saved.name for saved in saved_queries(home)])
