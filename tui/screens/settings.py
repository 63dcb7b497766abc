"""The settings: value, default, where each comes from; changed one at a time, or all in the editor."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from tui import setting_deeds
from tui.rows.setting_rows import SETTING_COLUMNS, config_pieces, describe_setting, describe_stranger, setting_rows
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from textual.signal import Signal

    from ops.settings.known import ConfigNow


class SettingsScreen(ReadingScreen["ConfigNow"]):
    """One row for each setting; keys of config.toml that are none stand first."""

    crumb = "Settings"
    READS = "the settings"
    COLUMNS = SETTING_COLUMNS
    DEFAULT_ORDER = "section"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "change", "change", tooltip="Change the setting under the cursor; checked while you type"),
        Binding(
            "x", "unset", "default", tooltip="Take it out of config.toml, so that its default holds again; asks first"
        ),
        Binding("e", "edit_file", "editor", tooltip="Open config.toml in $EDITOR; checked before it is kept"),
    ]

    def news(self) -> "Signal[None]":
        """That the file was written."""
        return self.deck.config.changed

    def read(self, statuses: Sequence[MachineStatus]) -> "ConfigNow":
        """The settings, whatever is wrong with the file; blocking."""
        del statuses
        from ops.settings.known import read_config

        return read_config(self.deck.home)

    def rows_of(self, known: "ConfigNow") -> Sequence[Row]:
        """A row for each setting."""
        return setting_rows(known)

    def title_facts(self) -> list[Piece]:
        """How many stand in the file, or that it cannot be used."""
        return config_pieces(self.known) if self.known else []

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the setting in ``row``; where the file cannot be read at all, why."""
        config = self.known
        if config is None:
            return ()
        stranger = next((each for each in config.strangers if each.name == row.key), None)
        if stranger is not None:
            return describe_stranger(stranger)
        told = describe_setting(config.find(row.key))
        is_told = any(each.problem for each in config.settings) or config.strangers
        return told if is_told or not config.problem else [(Piece(config.problem, Tone.BAD),), *told]

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click changes it, too."""
        event.stop()
        self.action_change()

    def action_change(self) -> None:
        """Asks for another value."""
        row, config = self.table.cursor_row, self.known
        if row is None or config is None:
            return
        if any(each.name == row.key for each in config.strangers):
            self.deck.say(f"{row.cells[0]} is no setting: x takes it out of config.toml, e opens the file.")
        else:
            setting_deeds.ask_value(self.deck, config, config.find(row.key))

    def action_unset(self) -> None:
        """Asks whether it is to go out of the file."""
        row, config = self.table.cursor_row, self.known
        if row is not None and config is not None:
            setting_deeds.ask_to_unset(self.deck, config, row.key)

    def action_edit_file(self) -> None:
        """Opens the file in the user's editor."""
        setting_deeds.edit_file(self.deck)
