"""Noticing what other processes change in state.db: one cheap question a second, a read in a thread when it moved."""

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.machines import Machine
from fleet.status import MachineStatus
from ops.home import Home
from ops.state.database import renewed, told
from ops.state.statuses import StatusBook
from tui.background import in_thread
from tui.garbage import give_back

if TYPE_CHECKING:
    from ops.scope import ScopeGuard
    from tui.app import PatchdeckApp


class Revisions:
    """The revision of the fleet that is shown, and whether state.db has a newer one."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._connection: sqlite3.Connection | None = None
        # One thread, always the same: the status book reads again only what changed, and SQLite stays in its thread.
        self._reader = ThreadPoolExecutor(max_workers=1, thread_name_prefix="fleet")
        self._read_from: sqlite3.Connection | None = None
        self._book: StatusBook | None = None
        self._guard: ScopeGuard | None = None
        self._is_reading = False
        self._has_read = False

    def has_moved(self, deck: "PatchdeckApp") -> bool:
        """Whether state.db changed since it was read; tells when it cannot be read, and when it can again."""
        if self._is_reading:
            return False
        try:
            moved = self._current() != deck.fleet.revision
        except PatchdeckError as error:
            self._take_problem(deck, str(error))
            return False
        if not moved:
            self._take_problem(deck, "")
        return moved

    def read(self, deck: "PatchdeckApp", done: Callable[[], None]) -> None:
        """Reads the fleet in a thread; then ``done`` in the app."""
        self._is_reading = True

        def take(answer: tuple[int, list[MachineStatus]]) -> None:
            self._is_reading = False
            deck.fleet.problem = ""
            deck.fleet.take(*answer)
            done()

        def fail(error: PatchdeckError) -> None:
            self._is_reading = False
            self._take_problem(deck, str(error))

        def read_and_judge() -> tuple[int, list[MachineStatus]]:
            revision, statuses = self._reader.submit(self._read).result()
            deck.judge_ahead(statuses)
            return revision, statuses

        in_thread(deck, read_and_judge, take, fail, what="reading the fleet")

    def find(self, machine: Machine) -> MachineStatus:
        """All that state.db has of ``machine``; one short question, in the app's own thread.

        Raises:
            PatchdeckError, sqlite3.Error: state.db cannot be read.
        """
        self._connection = renewed(self._connection, self._home.state_file)
        return StatusBook(self._connection).find(machine)

    def close(self) -> None:
        """Gives the connections back."""
        self._reader.submit(self._close_reader)
        self._reader.shutdown(wait=True)
        if self._connection is not None:
            self._connection.close()

    def _take_problem(self, deck: "PatchdeckApp", problem: str) -> None:
        known, deck.fleet.problem = deck.fleet.problem, problem
        if known == problem:
            return
        if problem:
            deck.say(problem, is_error=True)
        deck.publish()

    def _read(self) -> tuple[int, list[MachineStatus]]:
        connection = renewed(self._read_from, self._home.state_file)
        if self._book is None or connection is not self._read_from:
            self._read_from, self._book = connection, StatusBook(connection, is_brief=True)
        if self._guard is None:
            from ops.scope import ScopeGuard  # with all that groups are: not before the first screen

            self._guard = ScopeGuard(self._home)
        # The revision first: what changes in between is noticed at the next look.
        is_first = not self._has_read
        with told(self._home.state_file):
            revision, statuses = self._book.revision(), self._guard.mark(self._book.list_statuses())
        if is_first:
            self._has_read = True
            connection.execute("PRAGMA shrink_memory")  # the pages of the whole table, of which no other look needs all
            give_back()
        return revision, statuses

    def _close_reader(self) -> None:
        if self._guard is not None:
            self._guard.close()
        if self._read_from is not None:
            self._read_from.close()

    def _current(self) -> int:
        self._connection = renewed(self._connection, self._home.state_file)
        with told(self._home.state_file):
            return StatusBook(self._connection).revision()
