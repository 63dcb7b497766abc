"""The keys that work on the screen in front, to read, to search and to choose from."""

from typing import TYPE_CHECKING, Any, ClassVar, cast  # Any: screens of every kind of answer, as Textual types them

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.active_keys import ActiveKey, active_keys, groups_of
from tui.key_ids import declared
from tui.key_list import names_of
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.prompt import Prompt
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class HelpOverlay(Overlay[None]):
    """The keys of ``screen``: of the widget with the focus first, then its own, its table's, those of the whole app."""

    DEFAULT_CSS = """
    HelpOverlay > .box { width: 78; height: 92%; max-height: 21; }
    HelpOverlay Detail { height: 2; background: $surface; padding: 0 1; }
    HelpOverlay .keys { background: $surface; }
    """
    TITLE_TEXT = "Keys that work here"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "do it", tooltip="Do what the key under the cursor does"),
        Binding("slash", "filter", "search", tooltip="Search in the keys and what they do"),
        Binding("question_mark,f1", "leave", "leave", tooltip="Back to where you were"),
    ]

    def __init__(self, screen: Screen[Any]) -> None:
        super().__init__()
        self._screen = screen
        self._entries: list[ActiveKey] = []

    def content(self) -> ComposeResult:
        """The keys, and how to search in them."""
        yield BigTable(
            (TableColumn("key", "Key", most=24, least=12, priority=0), TableColumn("does", "Does", most=160, least=20))
        )
        yield Detail()
        yield Prompt()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Lists the keys that work now, greyed where they cannot be used, with why."""
        self._entries = active_keys(cast("PatchdeckApp", self.app), self._screen)
        rows: list[Row] = []
        for title, entries in groups_of(self._entries):
            rows.append(_heading(title))
            rows += [self._row(entry) for entry in entries]
        for title, kind in getattr(self._screen, "parts_with_keys", tuple)():
            if all(entry.title != title for entry in self._entries):
                rows += [_heading(title), *self._rows_of_kind(title, kind)]
        table = self.query_one(BigTable)
        table.set_notice((Piece("No key does that. "), Piece("esc", Tone.KEY), Piece(" clears the search.")))
        table.set_rows(rows)
        table.move_cursor(1)
        self.query_one(".keys", Line).show(
            [Piece("enter", Tone.KEY), Piece(" does it  ", Tone.DIM), Piece("/", Tone.KEY), Piece(" search", Tone.DIM)]
        )

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows in full what the key under the cursor does."""
        event.stop()
        self.query_one(Detail).show([(Piece(event.row.cells[1], event.row.tones[1]),)] if event.row else ())

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Does what the key under the cursor does, where the cursor is on one that works where one was."""
        row = self.query_one(BigTable).cursor_row
        chosen = next((entry for entry in self._entries if row and row.key == _key_of(entry)), None)
        if chosen is not None and not self.is_over:
            self.dismiss(None)
            self.app.call_later(self.app.run_action, chosen.action, chosen.node)

    def action_filter(self) -> None:
        """Asks what to look for."""
        self.query_one(Prompt).open("/", self.query_one(BigTable).filter_text)

    def action_leave(self) -> None:
        """Clears the search first, then leaves."""
        table = self.query_one(BigTable)
        if table.filter_text:
            table.set_filter("")
        else:
            super().action_leave()

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Searches while typing."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Searches for all that was typed."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_cancelled(self) -> None:
        """Shows all again."""
        self.query_one(BigTable).set_filter("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where something is typed, its letters and its enter are of the text."""
        del parameters
        return action not in ("filter", "choose") or not self.query_one(Prompt).is_open

    def _row(self, entry: ActiveKey) -> Row:
        if entry.why:
            does = f"{entry.meaning} (not now: {entry.why})"
            return Row(_key_of(entry), (f"  {entry.keys}", does), (Tone.OFFLINE, Tone.OFFLINE))
        return Row(_key_of(entry), (f"  {entry.keys}", entry.meaning), (Tone.KEY, Tone.NORMAL))

    def _rows_of_kind(self, title: str, kind: type) -> list[Row]:
        """The keys of a part that has not the focus, as this user has them."""
        keys_for = cast("PatchdeckApp", self.app).keymap.keys_for
        told = ((keys_for(kind, each.action), each) for each in declared(kind))
        named = [(names_of(each.key if keys is None else ",".join(keys)), str(each.tooltip)) for keys, each in told]
        return [
            Row(f"{title} {names}", (f"  {names}", does), (Tone.KEY, Tone.NORMAL)) for names, does in named if names
        ]


def _key_of(entry: ActiveKey) -> str:
    return f"{entry.title} {entry.keys} {entry.action}"


def _heading(title: str) -> Row:
    return Row(f"title {title}", (title, ""), (Tone.STRONG, Tone.NORMAL))
