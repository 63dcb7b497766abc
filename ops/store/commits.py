"""The commits of a batch: each table once with the batch's number, then the state; and the publishing of machines.

All of it is for the holder of the lock. Every part can be done again: a table that has the number is not written again,
and until Update has it, which comes last, the rows are computed from the same current rows as the first time.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version

import polars as pl

from fleet.assessments import Assessment
from fleet.errors import HomeUnusable
from fleet.records import machine_row
from fleet.status import MachineStatus
from fleet.tables import (
    ASSESSMENT,
    HEARTBEAT,
    MACHINE,
    MISSING_FIX,
    REPOSITORY,
    UPDATE,
    UPDATE_HISTORY,
    UPDATE_SUMMARY,
)
from ops.feeds.ingest import examine
from ops.home import Home
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook
from ops.state.versions import VersionBook
from ops.store.batch import BY_MACHINE, Batch, Known
from ops.store.batch_frames import BatchFrames, make_frames
from ops.store.delta import StoredTable, today_in_utc
from ops.store.first_seen import late_sightings, learn_versions, name_versions, seed_versions, stamp_first_seen
from ops.store.frames import are_corrected, make_frame, rename_machines, replace_machines
from ops.store.lacking import replace_lacking
from ops.store.numbers import BATCHES, MACHINES, explain, published_revision
from ops.store.pieces import Pieces, StoredRows
from ops.store.place import prepare_to_write, tables_of
from ops.store.returned import find_returned, with_returned
from ops.store.scope_marks import with_crossing

_CURRENT = (MISSING_FIX, *BY_MACHINE)
_ORDER = (ASSESSMENT, HEARTBEAT, UPDATE_SUMMARY, UPDATE_HISTORY, *_CURRENT)  # Update last, see above

# A commit leaves a file behind in each table; tidying lists all of them, which costs as much as a few commits.
_TIDY_EVERY = 20


Rows = pl.DataFrame | Pieces


class Commits:
    """Commits to the tables and the state of ``home``; ``on_step`` is told of each that is done."""

    def __init__(self, home: Home, on_step: Callable[[str], None]) -> None:
        self._home = home
        self._on_step = on_step
        self._place = prepare_to_write(home, tables_of(home))
        self._tables = {table.name: StoredTable(self._place, table) for table in (*_ORDER, MACHINE)}

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """What a store that stops answering says while rows are read is an error of the home, not of the batch."""
        try:
            yield
        except (OSError, pl.exceptions.PolarsError) as error:
            if self._place.is_local:
                raise
            why = explain(error, self._place)
            raise HomeUnusable(f"Cannot read the tables at {self._place}: {why}") from error

    def prepare(self, batch: Batch) -> Mapping[str, Rows]:
        """What ``batch`` writes, by name of table; tables that it does not change are left out.

        Raises:
            ValueError, TypeError, ArithmeticError: a value does not fit its column.
            HomeUnusable: the store of the tables does not answer.
        """
        with self._reading():
            return self._prepare(batch)

    def _prepare(self, batch: Batch) -> Mapping[str, Rows]:
        machine_ids = {assessment.machine_id for assessment in batch.assessments}
        stored = StoredRows(self._tables[UPDATE.name].scan())
        with opened(self._home.state_file) as connection:
            known = Known(
                machines=MachineBook(connection).with_ids(machine_ids),
                current={},
                answered_at=StatusBook(connection).answered_at(machine_ids),
            )
        examined = examine(self._home, batch.assessments)
        given = Batch(batch.id, examined.assessments)
        made = make_frames(given, known, stored, _own_version(), examined.missing)
        first_seen = self._learn_versions(made.versions, [each for each in batch.assessments if known.is_late(each)])
        return {**self._small(made), **self._lacking(made), **_large(made, stored, first_seen)}

    def _small(self, made: BatchFrames) -> dict[str, Rows]:
        frames: dict[str, Rows] = {name: frame for name, frame in made.small.items() if not frame.is_empty()}
        if replaced := made.replaced[REPOSITORY.name]:
            before = self._tables[REPOSITORY.name].read()
            if REPOSITORY.name in frames or not before.is_empty():
                frames[REPOSITORY.name] = replace_machines(REPOSITORY, before, replaced, made.small[REPOSITORY.name])
        return frames

    def _lacking(self, made: BatchFrames) -> dict[str, Rows]:
        lacked = self._tables[MISSING_FIX.name].read()
        if any(each.fixes for each in made.lacking.values()) or (made.lacking and not lacked.is_empty()):
            return {MISSING_FIX.name: replace_lacking(lacked, made.lacking)}
        return {}

    def _learn_versions(self, named: pl.DataFrame, late: Sequence[Assessment]) -> pl.DataFrame:
        """When the fleet first saw the versions of this batch, and those that Update holds already."""
        before = name_versions(self._tables[UPDATE.name].scan()).collect()
        with opened(self._home.state_file) as connection:
            book = VersionBook(connection)
            seed_versions(book, self._tables[UPDATE_HISTORY.name])
            return learn_versions(book, pl.concat([before, named]), late_sightings(late))

    def next_number(self) -> int:
        """A number that no batch has had."""
        return 1 + max(self._tables[table.name].last_number(BATCHES) for table in _ORDER)

    def commit(self, batch: Batch, frames: Mapping[str, Rows], number: int) -> None:
        """Write ``frames`` to the tables that do not have ``number`` yet, then record the status of the machines."""
        for table in _ORDER:
            stored = self._tables[table.name]
            if table.name in frames and stored.last_number(BATCHES) < number:
                stored.commit(frames[table.name], BATCHES, number)
                self._on_step(f"committed {table.name}")
        with opened(self._home.state_file) as connection:
            StatusBook(connection).record(batch.assessments)
        self._on_step("recorded")

    def tidy(self, number: int) -> bool:
        """Keep the tables small, after every twentieth batch; whether this was one."""
        if number % _TIDY_EVERY != 0:
            return False
        for stored in self._tables.values():
            stored.keep_small(today_in_utc())
        self._on_step("tidied")
        return True

    def publish_machines(self) -> bool:
        """Write Machine anew if the state has changed, and first put removals and new names into the others."""
        with self._reading():
            return self._publish_machines()

    def _publish_machines(self) -> bool:
        published = published_revision(self._home)
        with opened(self._home.state_file) as connection:
            book = StatusBook(connection)
            revision = book.revision()
            if revision == published:
                return False
            known = published if published < revision else 0  # higher: the state was put back from a copy
            stored = self._tables[MACHINE.name].read()
            told = {status.machine.id: status for status in book.changed_since(known)}
            changed = with_crossing(self._home, book, stored, told)
            removed = MachineBook(connection).removed_since(known)
        self._correct(_names_to_check(stored, changed), removed)
        self._bring_back(find_returned(stored, changed, self._tables[UPDATE.name].scan()))
        rows = make_frame(MACHINE, [machine_row(status) for status in changed.values()])
        replaced = replace_machines(MACHINE, stored if known else stored.clear(), [*changed, *removed], rows)
        self._tables[MACHINE.name].commit(replaced, MACHINES, revision)
        self._on_step("published")
        return True

    def _bring_back(self, returned: Mapping[str, MachineStatus]) -> None:
        if not returned:
            return
        current, history = self._tables[UPDATE.name], self._tables[UPDATE_HISTORY.name]
        rows = with_returned(current.read(), history.scan(), returned)
        current.commit(rows, BATCHES, current.last_number(BATCHES))
        self._on_step("brought back")

    def _correct(self, names: Mapping[str, str], removed: Sequence[str]) -> None:
        if not names and not removed:
            return
        for table in _CURRENT:
            current = self._tables[table.name]
            if not are_corrected(current.scan(), names, removed):
                corrected = rename_machines(table, current.read(), names, removed)
                current.commit(corrected, BATCHES, current.last_number(BATCHES))
                self._on_step("corrected")


def _large(made: BatchFrames, stored: StoredRows, first_seen: pl.DataFrame) -> dict[str, Rows]:
    updates, changes, replaced = made.large[UPDATE.name], made.large[UPDATE_HISTORY.name], made.replaced[UPDATE.name]

    def current() -> Iterator[pl.DataFrame]:
        return (stamp_first_seen(first_seen, frame) for frame in stored.with_replaced(UPDATE, replaced, updates))

    def history() -> Iterator[pl.DataFrame]:
        return (stamp_first_seen(first_seen, frame) for frame in changes)

    large: dict[str, Rows] = {}
    if changes:
        large[UPDATE_HISTORY.name] = Pieces(UPDATE_HISTORY, history, changes.rows)
    if replaced:
        large[UPDATE.name] = Pieces(UPDATE, current, stored.rows + updates.rows)
    return large


def _names_to_check(stored: pl.DataFrame, changed: Mapping[str, MachineStatus]) -> dict[str, str]:
    """The names of the machines that are not known to Machine, or under another name, by id."""
    known = dict(stored.select("SourceComputerId", "Computer").iter_rows())
    names = {machine_id: status.machine.name for machine_id, status in changed.items()}
    return {machine_id: name for machine_id, name in names.items() if known.get(machine_id) != name}


def _own_version() -> str:
    try:
        return version("patchdeck")
    except PackageNotFoundError:  # run from a source tree that is not installed
        return ""
