"""The keys that work on the screen in front, from its own bindings."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult

from tui.key_list import keys_of, keys_with_inherited
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.screens.deck_screen import DeckScreen


class HelpOverlay(Overlay[None]):
    """The keys of ``screen``, of its table, and those that work everywhere."""

    DEFAULT_CSS = """
    HelpOverlay > .box { width: 84; height: 92%; }
    """
    TITLE_TEXT = "Keys that work here"

    def __init__(self, screen: "DeckScreen") -> None:
        super().__init__()
        self._screen = screen

    def content(self) -> ComposeResult:
        """The keys."""
        yield BigTable(
            (TableColumn("key", "Key", most=22, least=12, priority=0), TableColumn("does", "Does", most=120, least=20))
        )

    def on_mount(self) -> None:
        """Lists the keys, those of this screen first."""
        groups = [
            (self._screen.crumb, keys_with_inherited(type(self._screen))),
            *((title, keys_of(kind)) for title, kind in self._screen.parts_with_keys()),
            ("In the table", keys_of(BigTable)),
            ("Everywhere", [*keys_of(type(self.app)), ("ctrl+p", "Everything that can be done, to search in")]),
        ]
        rows: list[Row] = []
        for title, keys in groups:
            rows.append(Row(f"title {title}", (title, ""), (Tone.STRONG, Tone.NORMAL)))
            rows += [Row(f"{title} {names}", (f"  {names}", does), (Tone.KEY, Tone.NORMAL)) for names, does in keys]
        self.query_one(BigTable).set_rows(rows)
