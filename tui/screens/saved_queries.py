"""The predefined and the saved queries, by group, with what each answers."""

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.hostile import clean
from tui.background import in_thread
from tui.editing import edit_saved
from tui.permitting import barred, role_of_action
from tui.presence import is_up
from tui.saving import remove, rename
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.prompt import Prompt
from tui.widgets.rows import Row, TableColumn
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from query.library import SavedQuery
    from tui.app import PatchdeckApp


class SavedQueries(Overlay["tuple[SavedQuery, bool]"]):
    """Gives the chosen query, and whether it is to be asked."""

    DEFAULT_CSS = """
    SavedQueries > .box { width: 100; height: 90%; }
    SavedQueries Detail { height: 4; }
    SavedQueries .keys { background: $surface; }
    """
    TITLE_TEXT = "Queries"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "choose", "ask", tooltip="Put it into the editor and ask it"),
        Binding("slash", "filter", "filter", priority=True, tooltip="Filter by name, title and group"),
        Binding("e", "edit", "edit", tooltip="Put it into the editor without asking it"),
        Binding("o", "open_editor", "$EDITOR", tooltip="Open one of your own queries in $EDITOR"),
        Binding("r", "rename", "rename", tooltip="Rename one of your own queries"),
        Binding("x", "remove", "remove", tooltip="Remove one of your own queries"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._queries: tuple[SavedQuery, ...] = ()

    def content(self) -> ComposeResult:
        """The queries, and what the one under the cursor answers."""
        yield BigTable(
            (
                TableColumn("title", "Query", most=60, least=20, priority=0),
                TableColumn("group", "Group", most=20, least=10, priority=1),
                TableColumn("name", "Name", most=32, least=10, priority=2),
            )
        )
        yield Detail()
        yield Prompt()
        yield Line(classes="keys")

    def on_mount(self) -> None:
        """Reads the queries, in a thread: they are files."""
        names = (
            ("enter", " ask  ", "choose"),
            ("/", " filter  ", "filter"),
            ("e", " edit  ", "edit"),
            ("o", " $EDITOR  ", "open_editor"),
            ("r", " rename  ", "rename"),
            ("x", " remove", "remove"),
        )
        keys = [
            piece
            for key, label, action in names
            for piece in (
                Piece(key, Tone.DIM if barred(self._deck, role_of_action(self, action)) else Tone.KEY),
                Piece(label, Tone.DIM),
            )
        ]
        self.query_one(".keys", Line).show(keys)
        self._read()

    def _read(self) -> None:
        deck = self._deck

        def read() -> "tuple[SavedQuery, ...]":
            from ops.questions import saved_queries

            return saved_queries(deck.home)

        in_thread(deck, read, self._take, deck.complain, what="reading the saved queries")

    @property
    def _deck(self) -> "PatchdeckApp":
        return cast("PatchdeckApp", self.app)

    def _take(self, queries: "tuple[SavedQuery, ...]") -> None:
        self._queries = queries
        rows = [
            Row(
                str(number),
                (clean(each.title, 120), clean(each.group, 60), clean(each.name, 60)),
                (Tone.BAD if each.problem else Tone.STRONG, Tone.DIM, Tone.DIM),
            )
            for number, each in enumerate(queries)
        ]
        if is_up(self):
            self.query_one(BigTable).set_rows(rows)

    def on_big_table_cursor_moved(self, event: BigTable.CursorMoved) -> None:
        """Shows what the query under the cursor answers and takes."""
        event.stop()
        if event.row is None:
            return
        saved = self._queries[int(event.row.key)]
        if saved.problem:
            self.query_one(Detail).show([(Piece(saved.problem, Tone.BAD),)])
            return
        takes = ", ".join(f"${each.name} ({each.meaning})" for each in saved.parameters)
        lines: list[tuple[Piece, ...]] = [(Piece(saved.help or saved.title),)]
        lines += [(Piece("Takes", Tone.DIM), Piece(takes))] if takes else []
        self.query_one(Detail).show(lines)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click chooses too."""
        event.stop()
        self.action_choose()

    def action_choose(self) -> None:
        """Gives the query under the cursor; one that cannot be used stays where it is."""
        if (saved := self._under_cursor) is not None and not saved.problem:
            self.dismiss((saved, True))

    def action_edit(self) -> None:
        """Gives the query under the cursor, to be read or changed."""
        if (saved := self._under_cursor) is not None and saved.text:
            self.dismiss((saved, False))

    def action_open_editor(self) -> None:
        """Opens the file of the query under the cursor; one that is broken too."""
        if (saved := self._own_under_cursor()) is not None:
            edit_saved(self._deck, saved, self._read)

    def action_rename(self) -> None:
        """Renames the query under the cursor."""
        if (saved := self._own_under_cursor()) is not None:
            rename(self._deck, saved, self._read)

    def action_remove(self) -> None:
        """Removes the query under the cursor."""
        if (saved := self._own_under_cursor()) is not None:
            remove(self._deck, saved, self._read)

    def action_filter(self) -> None:
        """Asks for a filter."""
        self.query_one(Prompt).open("/", self.query_one(BigTable).filter_text)

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Filters by all that was typed."""
        self.query_one(BigTable).set_filter(event.text)

    def on_prompt_cancelled(self) -> None:
        """Clears the filter."""
        self.query_one(BigTable).set_filter("")

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Where the filter is typed, letters are letters, and enter takes the filter."""
        del parameters
        is_key = action in ("filter", "choose", "edit", "open_editor", "rename", "remove")
        return not is_key or not self.query_one(Prompt).is_open

    @property
    def _under_cursor(self) -> "SavedQuery | None":
        row = self.query_one(BigTable).cursor_row
        return self._queries[int(row.key)] if row is not None else None

    def _own_under_cursor(self) -> "SavedQuery | None":
        saved = self._under_cursor
        if saved is not None and saved.is_predefined:
            self._deck.say(f"{saved.name} is predefined and stays: e, then ctrl+s, makes one of your own of it.")
            return None
        return saved
