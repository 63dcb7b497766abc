"""An edit that met another one: who changed what and when, both side by side, and what is to become of them."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.edit_conflicts import EditConflict, EditedPlace
from ops.cli.edit_conflict_talk import Choice, conflict_lines
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

COLUMNS = (
    TableColumn("what", "What", most=30, least=8, priority=0),
    TableColumn("who", "Changed by", most=10, least=5, priority=0),
    TableColumn("theirs", "Theirs", most=60, least=8, priority=0),
    TableColumn("mine", "Yours", most=60, least=8, priority=0),
    TableColumn("was", "Was", most=60, least=6, priority=1),
)
_WIDE = 100


class EditConflictOverlay(Overlay[Choice]):
    """Gives what is to become of the two edits of ``conflict``; escape: back to what was typed."""

    TITLE_TEXT = "Changed by somebody else meanwhile"
    DEFAULT_CSS = f"""
    EditConflictOverlay > .box {{ width: {_WIDE}; height: 80%; }}
    EditConflictOverlay Detail {{ background: $surface; padding: 0; }}
    EditConflictOverlay #headline {{ height: 3; }}
    EditConflictOverlay #value {{ height: 4; }}
    EditConflictOverlay .keys {{ background: $surface; }}
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "choose('t')", "theirs", tooltip="Take theirs: nothing of what you typed is kept"),
        Binding("m", "choose('m')", "mine", tooltip="Keep mine: what only they changed stays theirs"),
        Binding("b,enter", "both", "both", tooltip="Look at both edits in full"),
    ]

    def __init__(self, conflict: EditConflict) -> None:
        super().__init__()
        self._conflict = conflict

    def content(self) -> ComposeResult:
        """Who did it, the values, the one under the cursor in full, the keys."""
        yield Detail(id="headline")
        yield BigTable(COLUMNS)
        yield Detail(id="value")
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Shows the values; those that both changed are first."""
        self.query_one("#headline", Detail).show(
            [(Piece(self._conflict.headline, Tone.PENDING),), (Piece("Nothing is kept of your edit yet.", Tone.DIM),)]
        )
        table = self.query_one(BigTable)
        table.set_rows([_row(number, place) for number, place in enumerate(self._conflict.places)])
        keys = (("t", " take theirs  "), ("m", " mine over theirs  "), ("b", " both  "))
        pieces = [piece for key, does in keys for piece in (Piece(key, Tone.KEY), Piece(does, Tone.DIM))]
        self.query_one(".keys", Line).show(
            [*pieces, Piece("esc", Tone.KEY), Piece(" back to what you typed", Tone.DIM)]
        )
        table.focus()

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows the value under the cursor in full."""
        event.stop()
        if event.row is not None:
            place = self._conflict.places[int(event.row.key)]
            sides = (("was", place.was), ("theirs", place.theirs), ("yours", place.mine))
            lines = [(Piece(f"{name}:", Tone.DIM), Piece(_text(value))) for name, value in sides]
            self.query_one("#value", Detail).show(lines)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click looks at both."""
        event.stop()
        self.action_both()

    def action_choose(self, word: str) -> None:
        """Says what is to become of them."""
        self.dismiss(Choice(word))

    def action_both(self) -> None:
        """Shows both edits in full."""
        from tui.screens.full_text import FullText

        self.app.push_screen(FullText("Both edits", "\n".join(conflict_lines(self._conflict))))


def _row(number: int, place: EditedPlace) -> Row:
    whose = "both" if place.is_theirs and place.is_mine else "them" if place.is_theirs else "you"
    tone = Tone.PENDING if place.is_contested else Tone.NORMAL
    cells = (place.path or "text", whose.upper() if place.is_contested else whose)
    values = tuple(map(_text, (place.theirs, place.mine, place.was)))
    return Row(str(number), (*cells, *values), (tone, tone, Tone.NORMAL, Tone.NORMAL, Tone.DIM))


def _text(value: str | None) -> str:
    return "(default)" if value is None else " ".join(value.split()) or "(empty)"
