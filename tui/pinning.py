"""The instant that every screen shows, how the app gets there and comes back; and what now() means in queries."""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from textual.signal import Signal

from fleet.errors import BadInput, PatchdeckError
from fleet.instants import instant_text, read_instant
from fleet.status import MachineStatus
from ops.permission import Closed, close_to_writing, open_to_writing, refusal
from tui.background import in_thread

if TYPE_CHECKING:
    from ops.past.statuses import PastFleet
    from tui.app import PatchdeckApp

# Fleets of instants stay while the past is looked at: stepping back and forth reads each once.
_KEPT_FLEETS = 4


class TimeMachine:
    """The clock of ``deck``: the present by ``clock``, or an earlier ``instant`` that every screen shows.

    ``going_to`` is the instant that is being read. ``changed`` tells once another instant, or the present again, is
    shown; `PatchdeckApp.publish` follows. ``leaving`` and ``returning`` tell before that when the present is left, and
    when it comes back. While there is an instant, this process changes nothing in the home.
    """

    def __init__(self, deck: "PatchdeckApp", clock: Callable[[], datetime]) -> None:
        self.instant: datetime | None = None
        self.going_to: datetime | None = None
        self.fleet: PastFleet | None = None
        self.changed: Signal[None] = Signal(deck, "another instant")
        self.leaving: Signal[None] = Signal(deck, "the present is left")
        self.returning: Signal[None] = Signal(deck, "the present comes back")
        self.present = clock
        self._deck = deck
        # The instants to step to, of each track and what it is about; kept while the past is looked at.
        self.changes: dict[tuple[str, str], Sequence[datetime]] = {}
        self._fleets: OrderedDict[datetime, PastFleet] = OrderedDict()
        self._has_closed = False
        self._is_reading = False
        # Why the present may not be left now, of each work that ends with a change of the home.
        self._holds: dict[object, str] = {}

    def now(self) -> datetime:
        """What the screens take for now."""
        return self.instant or self.present()

    @property
    def sign(self) -> str:
        """What stands at the top of each screen; empty while it is the present."""
        if self.going_to is not None:
            shown = f"AS OF {instant_text(self.instant)}, " if self.instant else ""
            return f"{shown}reading {instant_text(self.going_to)} …"
        return f"AS OF {instant_text(self.instant)}" if self.instant else ""

    @property
    def bar(self) -> str:
        """Why nothing is changed now; empty while it is the present."""
        if self.instant is None:
            return ""
        return f"the app shows {instant_text(self.instant)}, and the past is only looked at: `:asof` comes back to now"

    def go(self, instant: datetime) -> None:
        """Reads the fleet as of ``instant`` in a thread; then every screen shows it.

        Raises:
            BadInput: it is yet to come, an assessment or a preview runs, or a form is open.
        """
        self._check(instant)
        self.going_to = instant
        self._read_on()
        self._deck.show_context()

    @property
    def heading_for(self) -> datetime:
        """Where the app is going, else what it shows: keys that are held step on from there."""
        return self.going_to or self.now()

    def _read_on(self) -> None:
        """Reads the fleet of the instant that is wanted by now; one read at a time, however long a key is held."""
        instant = self.going_to
        if instant is None or self._is_reading:
            return
        if instant in self._fleets:
            self._show(self._fleets[instant])
            return
        self._is_reading = True

        def take(fleet: "PastFleet") -> None:
            self._is_reading = False
            self._keep(fleet)
            self._read_on()

        def fail(error: PatchdeckError) -> None:
            self._is_reading = False
            if self.going_to == instant:
                self.going_to = None
            self._deck.show_context()
            self._deck.complain(error)
            self._read_on()

        known = self._deck.fleet.present if self._deck.fleet.revision is not None else None
        in_thread(self._deck, lambda: self._read(instant, known), take, fail, what="reading the fleet of then")

    def keep_present(self, why: str) -> Callable[[], object]:
        """Refuses to leave the present, for ``why``, until what this gives is called."""
        work = object()
        self._holds[work] = why
        return partial(self._holds.pop, work, None)

    def come_back(self) -> None:
        """Shows the present again."""
        self.going_to = None
        if self.instant is None:
            self._deck.show_context()
            return
        self.instant = self.fleet = None
        self.changes.clear()
        self._fleets.clear()  # what comes in late is of then too; and of 10,000 machines each takes 15 MB
        self._open()
        self.returning.publish(None)
        self._deck.fleet.leave_past()
        self._tell()
        self._deck.reload()

    def close(self) -> None:
        """The home may be changed again."""
        self._open()

    def _check(self, instant: datetime) -> None:
        from tui.screens.deck_screen import DeckScreen

        deck = self._deck
        if instant > self.present():
            raise BadInput(f"{instant_text(instant)} is yet to come: nothing is known of it.")
        if deck.scan is not None:
            raise BadInput("An assessment is running: x stops it. Until it is over, the screens show the present.")
        for why in self._holds.values():
            raise BadInput(f"{why} Until then, the screens show the present.")
        if not all(isinstance(screen, DeckScreen) for screen in deck.screen_stack):
            raise BadInput("A form is open: leave it first. What it changes is the present.")

    def _read(self, instant: datetime, known: list[MachineStatus] | None) -> "PastFleet":
        from ops.apart.reader import ask_apart
        from ops.past.statuses import fleet_of, read_past_rows

        home = self._deck.home
        return fleet_of(home, ask_apart(home, read_past_rows, instant), known)

    def _keep(self, fleet: "PastFleet") -> None:
        self._fleets[fleet.at] = fleet
        while len(self._fleets) > _KEPT_FLEETS:
            self._fleets.popitem(last=False)

    def _show(self, fleet: "PastFleet") -> None:
        self._fleets.move_to_end(fleet.at)
        try:
            self._check(fleet.at)
        except BadInput as error:  # a form was opened meanwhile, or an assessment begun
            self.going_to = None
            self._deck.complain(error)
            return
        if self.instant is None:
            self.leaving.publish(None)
        self.going_to, self.instant, self.fleet = None, fleet.at, fleet
        self._close()
        self._deck.fleet.take_past(fleet.statuses)
        self._tell()

    def _tell(self) -> None:
        self.changed.publish(None)
        self._deck.publish()
        self._deck.screen.refresh_bindings()

    def _close(self) -> None:
        """Keeps this process from changing the home; one that may not anyway stays as it is."""
        home = self._deck.home.path
        if self._has_closed or refusal(home) is None:
            close_to_writing(home, Closed(self.bar, is_asked=True))
            self._has_closed = True

    def _open(self) -> None:
        if self._has_closed:
            open_to_writing(self._deck.home.path)
            self._has_closed = False


def pin_state(deck: "PatchdeckApp", text: str) -> None:
    """Shows the time that ``text`` says on every screen; an empty one comes back to now.

    Raises:
        BadInput: it is no time, or yet to come.
    """
    from ops.instants import find_instant

    if not text or text.casefold() == "now":
        deck.travel.come_back()
        return
    present = deck.travel.present()

    def go(instant: datetime) -> None:
        try:
            deck.travel.go(instant)
        except PatchdeckError as error:
            deck.complain(error)

    if text.startswith("run:"):
        work = lambda: find_instant(deck.home, text, present)  # noqa: E731  # one expression, used once
        in_thread(deck, work, go, deck.refusal(), what="looking for the run")
    else:
        deck.travel.go(read_instant(text, present))


def ask_to_come_back(deck: "PatchdeckApp") -> None:
    """Asks whether to come back to now."""
    from tui.screens.confirm import Confirm

    def answered(is_wanted: bool | None) -> None:
        if is_wanted:
            deck.travel.come_back()

    if deck.instant is not None:
        question = f"The app shows {instant_text(deck.instant)}."
        deck.push_screen(Confirm(question, "Come back to now?", yes="come back"), answered)


def pin_now(deck: "PatchdeckApp", text: str) -> None:
    """Takes the time that ``text`` says for now() in queries; an empty one takes that back."""
    moment: datetime | None = read_instant(text, deck.travel.present()) if text else None

    async def show() -> None:
        from tui.screens.query import QueryScreen

        await deck.switch_mode("query")
        if isinstance(deck.screen, QueryScreen):
            deck.screen.pinned_now = moment
            deck.screen.show_title()

    deck.run_worker(show, name="pin")  # type: ignore[arg-type]  # mypy takes it for its result
