"""Rows of machines that are kept: of ten thousand, only those are made anew of which something is other than before."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from threading import Lock

from fleet.status import MachineStatus
from tui.rows.ages import describe_age
from tui.rows.judged import are_fresh
from tui.rows.machine_rows import AGE_COLUMN, COMPLIANCE_COLUMN, in_default_order, machine_row, put_in_order
from tui.widgets.changed_places import changed_places
from tui.widgets.rows import Row

# More rows than these are sorted all together; fewer are each put in their place, a hundredth of the work.
_PUT_ONE_BY_ONE = 20


class KeptRows:
    """The rows of the machines that were last asked for; threads take their turn."""

    def __init__(self) -> None:
        self._statuses: Sequence[MachineStatus] = ()
        self._made: list[Row] = []  # of each status, in their order
        self._rows: list[Row] = []
        self._progress: Mapping[str, str] = {}
        self._looked_at: datetime | None = None
        self._turn = Lock()

    def rows(self, statuses: Sequence[MachineStatus], now: datetime, progress: Mapping[str, str]) -> list[Row]:
        """As `machine_rows`. The two words that time alone changes are looked at as often as `judged` says."""
        with self._turn:
            return self._renew(statuses, now, progress)

    def _renew(self, statuses: Sequence[MachineStatus], now: datetime, progress: Mapping[str, str]) -> list[Row]:
        is_fresh = are_fresh(self._looked_at, now)
        moved = {key for key in progress.keys() | self._progress.keys() if progress.get(key) != self._progress.get(key)}
        if is_fresh and not moved and (places := self._places_of_others(statuses)) is not None:
            return self._replace(statuses, places, now, progress)
        changed: list[tuple[Row | None, Row]] = []
        made: list[Row] = []
        for status, (known, row) in zip(statuses, self._known_of(statuses), strict=True):
            is_same = known is status and row is not None and not (moved and status.machine.id in moved)
            if row is None or not is_same or not (is_fresh or _still_says(row, status, now, progress)):
                new = machine_row(status, now, progress.get(status.machine.id))
                changed.append((row, new))
                row = new  # noqa: PLW2901  # in the place of the one that was known
            made.append(row)
        if len(made) != len(self._made) or len(changed) > _PUT_ONE_BY_ONE or any(row is None for row, _ in changed):
            self._rows = in_default_order(made)
        elif changed:
            self._rows = put_in_order(self._rows, changed)
        self._statuses, self._made, self._progress = [*statuses], made, progress
        self._looked_at = self._looked_at if is_fresh else now
        return self._rows

    def _places_of_others(self, statuses: Sequence[MachineStatus]) -> list[int] | None:
        """Where something else is known of the same machines; None where that is not all, or of many of them."""
        known = self._statuses
        if len(known) != len(statuses):
            return None
        places = changed_places(known, statuses)
        is_all = all(known[place].machine.id == statuses[place].machine.id for place in places)
        return places if is_all and len(places) <= _PUT_ONE_BY_ONE else None

    def _replace(
        self, statuses: Sequence[MachineStatus], places: Sequence[int], now: datetime, progress: Mapping[str, str]
    ) -> list[Row]:
        made = [*self._made]
        for place in places:
            status = statuses[place]
            made[place] = machine_row(status, now, progress.get(status.machine.id))
        if places:
            self._rows = put_in_order(self._rows, [(self._made[place], made[place]) for place in places])
        self._statuses, self._made = [*statuses], made
        return self._rows

    def _known_of(self, statuses: Sequence[MachineStatus]) -> Sequence[tuple[MachineStatus | None, Row | None]]:
        """What was known of each machine of ``statuses``, and its row."""
        known = list(zip(self._statuses, self._made, strict=True))
        if len(known) == len(statuses) and all(
            old is new or old.machine.id == new.machine.id for (old, _), new in zip(known, statuses, strict=True)
        ):
            return known
        by_id = {status.machine.id: (status, row) for status, row in known}
        return [by_id.get(status.machine.id, (None, None)) for status in statuses]


def _still_says(row: Row, status: MachineStatus, now: datetime, progress: Mapping[str, str]) -> bool:
    """Whether the two words of ``row`` that hang on time are as they were."""
    attempt = status.last_attempt
    age = progress.get(status.machine.id) or describe_age(attempt.ended_at if attempt else None, now)
    return row.cells[AGE_COLUMN] == age and row.cells[COMPLIANCE_COLUMN] == status.compliance(now).value
