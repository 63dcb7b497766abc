"""The channels: the ways on which people are told, and whether messages come through."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.status import MachineStatus
from tui import channel_deeds
from tui.rows.channel_rows import CHANNEL_COLUMNS, ChannelNow, channel_row, describe_channel
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class ChannelsScreen(ReadingScreen[dict[str, ChannelNow]]):
    """One row for each channel."""

    crumb = "Channels"
    ROW_ACTIONS = ReadingScreen.ROW_ACTIONS | {"edit", "remove", "set_secret", "switch", "test"}
    READS = "the channels"
    COLUMNS = CHANNEL_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "messages", tooltip="The messages on this channel, and whether they came"),
        Binding("T", "test", "test", tooltip="Send a message of trial at once, and say what comes back"),
        Binding("n", "add", "new", tooltip="Add a channel: mail, a webhook, a command, or any URL of apprise"),
        Binding("e", "edit", "edit", tooltip="Edit where it leads and what it says"),
        Binding("o", "switch", "on/off", tooltip="Enable or disable it: a disabled one passes messages over"),
        Binding("S", "set_secret", "set secret", show=False, tooltip="Give its URL, its password or its key anew"),
        Binding("m", "show_messages", "all messages", show=False, tooltip="What people were told on all channels"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove it, unless something names it"),
    ]

    def news(self) -> Signal[None]:
        """Whatever is written: the service delivers, nobody decides that."""
        return self.deck.work.written

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, ChannelNow]:
        """Every channel with how its messages fare; blocking."""
        del statuses
        from ops.state.channels import ChannelBook
        from ops.state.database import opened
        from ops.state.deliveries import DeliveryBook

        with opened(self.deck.home.state_file) as connection:
            channels, deliveries = ChannelBook(connection).list(), DeliveryBook(connection)
            last = {name.casefold(): each for name, each in deliveries.last_over().items()}
            counts = {name.casefold(): each for name, each in deliveries.counts().items()}
        return {
            each.name: ChannelNow(each, last.get(each.name.casefold()), counts.get(each.name.casefold(), {}))
            for each in channels
        }

    def rows_of(self, known: dict[str, ChannelNow]) -> Sequence[Row]:
        """A row for each channel."""
        return [channel_row(now, self.shown_now) for now in known.values()]

    @property
    def _current(self) -> ChannelNow | None:
        row = self.table.cursor_row
        return (self.known or {}).get(row.key) if row else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the channel in ``row``."""
        now = (self.known or {}).get(row.key)
        return describe_channel(now) if now else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a channel is, and how to have one."""
        return (
            (Piece("There is no channel yet: nobody can be told of anything.", Tone.STRONG),),
            (),
            (
                Piece(
                    "A channel is a way to people: mail, chat, a webhook, a command. Alerts, deployments "
                    "and reports name the channels on which they tell what happened.",
                    Tone.DIM,
                ),
            ),
            (Piece("n", Tone.KEY), Piece("  adds one")),
            (),
            (Piece("On the command line: patchdeck channels add --help", Tone.DIM),),
        )

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the messages on the channel."""
        from tui.screens.messages import MessagesScreen

        if now := self._current:
            self.app.push_screen(MessagesScreen(now.channel.name))

    def action_test(self) -> None:
        """Sends a message of trial."""
        if now := self._current:
            channel_deeds.test(self.deck, now.channel)

    def action_add(self) -> None:
        """Asks for a new one."""
        channel_deeds.add(self.deck)

    def action_edit(self) -> None:
        """Asks for what is to be other."""
        if now := self._current:
            channel_deeds.edit(self.deck, now.channel)

    def action_switch(self) -> None:
        """Enables or disables it."""
        if now := self._current:
            channel_deeds.switch(self.deck, now.channel)

    def action_set_secret(self) -> None:
        """Asks for its secret anew."""
        if now := self._current:
            channel_deeds.ask_for_secret(self.deck, now.channel)

    def action_show_messages(self) -> None:
        """Goes to the messages."""
        self.deck.action_view("messages")

    def action_remove(self) -> None:
        """Asks whether to remove it."""
        if now := self._current:
            channel_deeds.ask_to_remove(self.deck, now.channel)
