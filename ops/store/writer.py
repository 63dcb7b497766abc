"""The writer of the tables: batches are stored whole, once, in the order they were accepted, whatever crashes between.

A batch is written to the journal first; whoever holds the lock stores all that lies there. What a crash left over is
done by the next one to hold the lock. See docs/decisions/0003-batch-journal.md.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from fleet.errors import HomeUnusable, PatchdeckError
from ops.config import last_usable_settings
from ops.home import Home
from ops.logs import log_error
from ops.permission import refusal, require_writable
from ops.state.database import opened
from ops.state.statuses import StatusBook
from ops.store.batch import Batch
from ops.store.journal import Entry, Journal
from ops.store.lock import hold_lock
from ops.store.run_rows import RunRowStore
from ops.store.state_rows import are_published, publish_rows

if TYPE_CHECKING:
    from ops.store.commits import Commits


def _ignore(step: str) -> None:
    del step


class TableStore:
    """The record tables of ``home`` for writing. Opening one costs nothing; its methods block, so call them in threads.

    ``wait_seconds`` is how long to wait for another writer, by default as configured. ``on_step`` is told of each
    step that is done, by name.
    """

    def __init__(
        self, home: Home, *, wait_seconds: float | None = None, on_step: Callable[[str], None] = _ignore
    ) -> None:
        self._home = home
        self._journal = Journal(home.pending_dir)
        self._run_rows = RunRowStore(home, on_step)
        self._wait_seconds = wait_seconds
        self._on_step = on_step

    def commit_batch(self, batch: Batch) -> None:
        """Store ``batch`` in all tables and in the state of its machines.

        Raises:
            StoreBusy: another process holds the tables; the batch is in the journal and will be stored by the next.
            HomeUnusable: the batch cannot be written; nothing that was stored before is lost.
            PatchdeckError: the batch cannot be stored; it was set aside.
            NotPermitted: this process does not change the home.
        """
        require_writable(self._home.path)
        self._journal.accept(batch)
        self._on_step("accepted")
        try:
            with self._locked():
                set_aside = self._store_pending()
                self._commits.publish_machines()
                publish_rows(self._home, self._on_step)
        except HomeUnusable as error:
            raise HomeUnusable(f"{error} The scan {batch.id} is kept: the next that can write stores it.") from error
        if batch.id in set_aside:
            raise PatchdeckError(f"The scan {batch.id} cannot be stored; it was kept as {set_aside[batch.id]}.")

    def replay(self) -> None:
        """Store what crashed or busy writers left in the journal; without such this takes no lock.

        Where this process does not change the home, that is left to the next who does.

        Raises:
            StoreBusy, HomeUnusable: as `commit_batch`.
        """
        if refusal(self._home.path) is not None:
            return
        with self._told():
            has_entries = bool(self._journal.entries()) or self._run_rows.has_pending()
        if has_entries:
            with self._locked():
                self._store_pending()

    def publish_machines(self) -> bool:
        """Bring the tables Machine, Audit and Alert to what the state holds, and drop what other tables hold as current
        of machines that were removed. Whether anything was to be done; where nothing is, this takes no lock.

        Raises:
            StoreBusy, HomeUnusable: as `commit_batch`.
        """
        self.replay()
        if refusal(self._home.path) is not None or self._is_published():
            return False
        with self._locked():
            self._store_pending()
            is_done = self._commits.publish_machines()
            return publish_rows(self._home, self._on_step) or is_done

    def _is_published(self) -> bool:
        from ops.store.numbers import published_revision

        with opened(self._home.state_file) as connection:
            is_newest = StatusBook(connection).revision() == published_revision(self._home)
            return is_newest and are_published(self._home, connection)

    @cached_property
    def _commits(self) -> "Commits":
        from ops.store.commits import Commits

        return Commits(self._home, self._on_step)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        wait_seconds = (
            last_usable_settings(self._home).store_wait_seconds if self._wait_seconds is None else self._wait_seconds
        )
        with hold_lock(self._home.store_lock, wait_seconds), self._told():
            self._on_step("locked")
            yield

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise HomeUnusable(f"Cannot store what came in: {self._explain(error)}. It is kept.") from error

    def _explain(self, error: OSError) -> str:
        if error.strerror:
            return f"{error.filename or self._home.pending_dir}: {error.strerror}"
        from ops.store.numbers import explain
        from ops.store.place import tables_of

        place = tables_of(self._home)
        return f"{place}: {explain(error, place).rstrip('.')}"

    def _store_pending(self) -> dict[str, str]:
        """Store every entry of the journal; those that cannot be are set aside: their ids, and where they are."""
        set_aside = {}
        for entry in self._journal.entries():
            try:
                self._store(entry)
            except (ValueError, TypeError, LookupError, ArithmeticError) as error:
                path = self._journal.set_aside(entry)
                log_error("scan set aside", error, batch=entry.batch_id, kept=path)
                set_aside[entry.batch_id] = str(path)
        self._run_rows.store_pending()
        return set_aside

    def _store(self, entry: Entry) -> None:
        batch = self._journal.read(entry)
        frames = self._commits.prepare(batch)
        if entry.number is None:
            entry = self._journal.begin(entry, self._commits.next_number())
            self._on_step("begun")
        self._commits.commit(batch, frames, entry.number or 0)
        self._journal.remove(entry)
        self._on_step("removed")
        if self._commits.tidy(entry.number or 0):
            self._journal.remove_leftovers()
