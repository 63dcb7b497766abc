"""The column InScope of Machine: whom the scope leaves outside now, and who went in or out since it was written."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fleet.status import MachineStatus
from ops.home import Home
from ops.scope import ScopeGuard
from ops.state.statuses import StatusBook

if TYPE_CHECKING:
    import polars as pl


def with_crossing(
    home: Home, book: StatusBook, stored: "pl.DataFrame", changed: Mapping[str, MachineStatus]
) -> Mapping[str, MachineStatus]:
    """``changed``, by id, as the scope has them now, and the machines of which the rows ``stored`` say otherwise."""
    said = dict(zip(stored["SourceComputerId"], stored["InScope"], strict=True))
    with ScopeGuard(home) as guard:
        if guard.view() is None and all(said.values()):
            return changed
        statuses = {status.machine.id: status for status in guard.mark(book.list_statuses())}
    crossed = {id_: status for id_, status in statuses.items() if said.get(id_) is bool(status.outside)}
    return {**{id_: statuses.get(id_, status) for id_, status in changed.items()}, **crossed}
