"""What people were told, on which channel, and whether it came there; the newest first."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.deliveries import DeliveryStatus
from fleet.status import MachineStatus
from tui import channel_deeds
from tui.rows.message_rows import MESSAGE_COLUMNS, describe_delivery, may_be_retried, message_rows, whole_delivery
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from ops.state.deliveries import StoredDelivery

# What anybody scrolls through; `patchdeck messages list` has all that are kept.
MOST_MESSAGES = 1_000


class MessagesScreen(ReadingScreen["dict[str, StoredDelivery]"]):
    """One row for each message on each channel; of ``channel`` only, where one is given."""

    READS = "the messages"
    COLUMNS = MESSAGE_COLUMNS
    DEFAULT_ORDER = "time"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The whole message, and every attempt to deliver it"),
        Binding("R", "retry", "retry", tooltip="Try the marked ones or this one again at once"),
        Binding("c", "show_channels", "channels", tooltip="The ways on which people are told"),
        Binding("space", "mark", "mark", show=False, tooltip="Mark the row, go on to the next"),
        Binding("ctrl+a", "mark_all", "mark all", show=False, tooltip="Mark all rows shown, or none"),
    ]

    def __init__(self, channel: str | None = None) -> None:
        super().__init__()
        self._channel = self.about = channel
        self.crumb = f"Messages on {channel}" if channel else "Messages"

    def news(self) -> Signal[None]:
        """Whatever is written: the service delivers, nobody decides that."""
        return self.deck.work.written

    def read(self, statuses: Sequence[MachineStatus]) -> "dict[str, StoredDelivery]":
        """The newest deliveries; blocking."""
        del statuses
        from ops.state.database import opened
        from ops.state.deliveries import DeliveryBook

        if (instant := self.deck.instant) is not None:
            from ops.past.telling import deliveries_at

            then = deliveries_at(self.deck.home, instant, self._channel, MOST_MESSAGES)
            return {str(each.id): each for each in then}
        with opened(self.deck.home.state_file) as connection:
            found = DeliveryBook(connection).list(self._channel, limit=MOST_MESSAGES)
        return {str(each.id): each for each in found}

    def rows_of(self, known: "dict[str, StoredDelivery]") -> Sequence[Row]:
        """A row for each delivery."""
        return message_rows(known.values())

    def title_facts(self) -> list[Piece]:
        """How many wait and failed, and whether there are more."""
        known = (self.known or {}).values()
        waiting = sum(each.status is DeliveryStatus.WAITING for each in known)
        failed = sum(each.status is DeliveryStatus.FAILED for each in known)
        facts = [Piece(f"{failed:,} failed", Tone.BAD)] if failed else []
        facts += [Piece(f"{waiting:,} waiting", Tone.PENDING)] if waiting else []
        return facts + ([Piece(f"newest {MOST_MESSAGES:,} only", Tone.PENDING)] if len(known) == MOST_MESSAGES else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the delivery in ``row``."""
        delivery = (self.known or {}).get(row.key)
        return describe_delivery(delivery, self.deck.clock()) if delivery else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """Who would be told what."""
        return (
            (Piece("Nobody was told anything yet.", Tone.STRONG),),
            (),
            (Piece("Alerts, deployments and reports name the channels on which they tell people.", Tone.DIM),),
            (Piece("c", Tone.KEY), Piece("  goes to the channels, where n adds one and T sends a message of trial")),
        )

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the whole message."""
        from tui.screens.full_text import FullText

        row = self.table.cursor_row
        if row and (delivery := (self.known or {}).get(row.key)):
            self.app.push_screen(FullText(f"Message on {delivery.channel}", whole_delivery(delivery)))

    def action_mark(self) -> None:
        """Marks the row."""
        self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """Marks all rows shown, or none."""
        self.table.toggle_all_marks()

    def action_retry(self) -> None:
        """Has the marked ones, or the one under the cursor, tried again at once."""
        row, marks = self.table.cursor_row, self.table.contents.marks
        keys = marks or ({row.key} if row else set())
        chosen = [each for key, each in (self.known or {}).items() if key in keys]
        if not chosen:
            return
        if retried := [each for each in chosen if may_be_retried(each)]:
            channel_deeds.retry(self.deck, retried)
            self.table.clear_marks()
        else:
            self.deck.say("It has arrived already." if len(chosen) == 1 else "They all have arrived already.")

    def action_show_channels(self) -> None:
        """Goes to the channels."""
        self.deck.action_view("channels")
