"""What taking a list over would do: machines new, changed, unchanged or refused, to be marked and taken over."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.importing.preview import ImportPreview, ImportRow, ImportState
from tui import import_deeds
from tui.background import in_thread
from tui.rows.import_rows import (
    IMPORT_COLUMNS,
    IMPORT_GROUP_COLUMNS,
    count_facts,
    describe_import,
    import_group_rows,
    import_rows,
    row_key,
)
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.import_form import WantedList
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.importing.source import Following
    from fleet.machines import Machine

# A list of thousands of files may have thousands of notes.
_MOST_NOTES = 5
_COLUMNS = (IMPORT_COLUMNS, IMPORT_GROUP_COLUMNS)


class ImportScreen(DetailedScreen):
    """The rows of ``preview``; nothing is done before it is asked for. ``following``: how the list is followed then."""

    COLUMNS = IMPORT_COLUMNS
    DEFAULT_ORDER = "state"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("I", "take_over", "import", tooltip="Import the marked machines, else all that are not refused; asks"),
        Binding("space", "mark", "mark", tooltip="Mark the machine; marks outlast the filter"),
        Binding("ctrl+a", "mark_all", "mark all", show=False, tooltip="Mark all that are shown, or none"),
        Binding("enter", "open", "changes", tooltip="All that the list says of the machine, value by value"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: machines, groups"),
        Binding("e", "edit", "other list", show=False, tooltip="Read it in another way, or another list"),
        Binding("f5", "again", "again", show=False, tooltip="Read the list once more"),
        Binding("escape", "back", "back", tooltip="Clear filter or marks, else leave; nothing is imported"),
    ]

    def __init__(self, preview: ImportPreview, following: "Following | None" = None) -> None:
        super().__init__()
        self._preview = preview
        self._following = following
        self._tab = 0
        self.crumb = f"Import {preview.source}"

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    def on_mount(self) -> None:
        """Shows the rows, and what is to be known of the list."""
        self._show()
        notes = self._preview.notes
        for note in notes[:_MOST_NOTES]:
            self.deck.say(str(note))
        if len(notes) > _MOST_NOTES:
            self.deck.say(f"… and {len(notes) - _MOST_NOTES:,} more: patchdeck machines import FILE --json has all")

    def _show(self) -> None:
        shown = self._preview
        names = (f"Machines {len(shown.rows):,}", f"Groups {len(shown.groups):,}")
        self.query_one(TabLine).show_tabs(names, self._tab)
        self.table.set_rows(import_group_rows(shown.groups) if self._tab else import_rows(shown.rows))
        self.show_notice()
        self.show_title()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """The list and its format."""
        return f"{self.crumb} ({self._preview.listed.format})"

    def title_facts(self) -> list[Piece]:
        """How many rows have each state."""
        facts = count_facts(self._preview)
        left_out = self._preview.left_out
        return facts + ([Piece(f"{left_out:,} not asked for", Tone.DIM)] if left_out else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor."""
        found = self._row(row.key)
        if found is not None:
            return describe_import(found)
        return [(Piece(row.cells[0], Tone.STRONG), Piece(row.cells[1])), (Piece(row.cells[3]),)]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That the list has no groups, or names nothing that was asked for."""
        what = "The list has no groups." if self._tab else "The list names no machine that was asked for."
        return ((Piece(what),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def _row(self, key: str) -> ImportRow | None:
        return next((row for row in self._preview.rows if row_key(row) == key), None) if not self._tab else None

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens the row too."""
        event.stop()
        self.action_open()

    def action_turn(self, step: int) -> None:
        """Brings the other tab to the front."""
        self._tab = (self._tab + step) % len(_COLUMNS)
        self.table.set_columns(_COLUMNS[self._tab])
        self._show()

    def action_mark(self) -> None:
        """Marks the row under the cursor."""
        if self._tab == 0:
            self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """Marks all rows shown."""
        if self._tab == 0:
            self.table.toggle_all_marks()

    def action_open(self) -> None:
        """Shows how the machine is and how it would be, value by value."""
        from tui.screens.record import RecordOverlay

        row = self.table.cursor_row
        found = self._row(row.key) if row else None
        if found is not None:
            self.app.push_screen(RecordOverlay(_facts(found)))

    def action_take_over(self) -> None:
        """Asks whether to import the marked machines, else all."""
        marked = {row.key for row in self.table.contents.marked} if self._tab == 0 else set()
        chosen = [row for row in self._preview.rows if row_key(row) in marked]
        if marked and all(row.state is ImportState.REFUSED for row in chosen):
            self.deck.say("What is marked is refused: the lines say why.", is_error=True)
            return
        if marked and self._following is not None:
            text = "A list that is followed is taken whole, or what Only says of it: e asks for that."
            self.deck.say(text, is_error=True)
            return
        names = [row.name for row in chosen if row.state is not ImportState.REFUSED] if marked else None
        import_deeds.take_over(self.deck, self._preview, names, self._following, self.action_again)

    def action_again(self) -> None:
        """Reads the list once more."""
        from ops.importing.previewing import preview_import

        request, home = self._preview.request, self.deck.home
        in_thread(self.deck, lambda: preview_import(home, request), self._take, self.deck.complain, what="reading it")

    def _take(self, preview: ImportPreview) -> None:
        self._preview = preview
        if self.is_up:
            self.table.clear_marks()
            self._show()

    def action_edit(self) -> None:
        """Asks for the list anew, beginning with this one."""
        self.app.pop_screen()
        import_deeds.ask_for_list(self.deck, WantedList(self._preview.request, self._following))


def _facts(row: ImportRow) -> list[tuple[Piece, Piece]]:
    named = [("Machine", row.name), ("State", row.state.value), ("Line", str(row.place)), ("Refused", row.reason)]
    changes = [(change.name.capitalize(), change.describe()) for change in row.changes]
    will_be = [] if row.machine is None else [("Will be", text) for text in _texts(row.machine)]
    rows = [*named, *changes, *(("Note", note) for note in row.notes), *will_be]
    return [(Piece(name, Tone.DIM), Piece(text)) for name, text in rows if text]


def _texts(machine: "Machine") -> list[str]:
    from fleet.reaching import describe_way
    from ops.cli.values import as_text

    names = (
        "transport",
        "address",
        "port",
        "user",
        "key_file",
        "proxy_jump",
        "become",
        "profile",
        "tags",
        "enabled",
        "source",
    )
    values = [(name, as_text(getattr(machine, name))) for name in names]
    texts = [f"{name.replace('_', ' ')}: {value}" for name, value in values if value]
    return [*texts, f"winrm: {way}"] if (way := describe_way(machine)) else texts
