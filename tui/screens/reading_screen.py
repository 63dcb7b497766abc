"""A detailed screen over something that is read in a thread, again whenever there is news."""

from collections.abc import Sequence
from datetime import datetime
from typing import Generic, TypeVar

from textual.signal import Signal

from fleet.errors import PatchdeckError
from fleet.status import MachineStatus
from tui.background import in_thread
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row

Known = TypeVar("Known")


class ReadingScreen(DetailedScreen, Generic[Known]):
    """Subclasses say what is read in `read`, and what its rows are in `rows_of`. One read goes on at a time."""

    # What is read, as told in messages: "the groups".
    READS = ""

    def __init__(self) -> None:
        super().__init__()
        self.known: Known | None = None
        self._is_reading = False
        self._reads_again = False
        self._instant_read: datetime | None = None

    def on_mount(self) -> None:
        """Follows the news, whoever makes them."""
        self.news().subscribe(self, lambda _: self._follow())

    def news(self) -> Signal[None]:
        """What tells that there may be something new to read: that somebody decided something."""
        return self.deck.work.decided

    def read(self, statuses: Sequence[MachineStatus]) -> Known:
        """What the screen shows, of the machines with ``statuses``; blocking, in a thread.

        Raises:
            PatchdeckError: it cannot be read.
        """
        raise NotImplementedError

    def rows_of(self, known: Known) -> Sequence[Row]:
        """What was read, as rows."""
        raise NotImplementedError

    def fleet_changed(self) -> None:
        """Reads anew, once the fleet is there."""
        deck = self.deck
        if deck.fleet.revision is None:
            return
        if self._is_reading:
            self._reads_again = True
            return
        statuses = deck.fleet.statuses if self.KEEPS_PAST else deck.fleet.present
        self._is_reading, self._instant_read = True, deck.instant
        in_thread(deck, lambda: self.read(statuses), self._take, self._fail, what=f"reading {self.READS}")

    def instant_changed(self) -> None:
        """What was read is of another instant; without a past it is as true as before."""
        if self.KEEPS_PAST and self.is_up:
            self.known = None
            self.table.set_rows(())
            self.show_notice()
            self.show_detail()

    def show_known(self) -> None:
        """Shows what was read last."""
        if self.is_up and self.known is not None:
            self.table.set_rows(self.rows_of(self.known))
            self.show_notice()
            self.show_title()
            self.show_detail()

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That it is being read, else what the subclass says in `nothing_notice`."""
        if self.known is None:
            return ((Piece(f"Reading {self.READS} …", Tone.DIM),),)
        return self.nothing_notice()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What it means that there is nothing, and which key helps."""
        return ()

    def _take(self, known: Known) -> None:
        if self._instant_read != self.deck.instant:
            self._reads_again = True
            self._done()
            return
        self.known, self.problem = known, ""
        self._done()
        self.show_known()

    def _fail(self, error: PatchdeckError) -> None:
        self._done()
        self.fail_to_read(error)

    def _done(self) -> None:
        self._is_reading = False
        if self._reads_again:
            self._reads_again = False
            self.fleet_changed()
