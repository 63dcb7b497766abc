"""A full screen around one large table: its title with the facts, filter, sort, marks and copying."""

from datetime import datetime
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from tui import column_choice, table_deeds
from tui.screens.deck_screen import DeckScreen
from tui.screens.sort_picker import SortPicker
from tui.tones import Tone
from tui.widgets.contents import Sorting
from tui.widgets.filtering import filter_mistake, filter_offers
from tui.widgets.line import Piece, cut_to_cells
from tui.widgets.prompt import Prompt
from tui.widgets.rows import TableColumn
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

# Room for a dozen words; more would leave none for the other facts of a title.
FILTER_CELLS = 40
# Said where another instant is shown than now, and the screen cannot follow.
NO_PAST = "as it is now: no past is kept"


def shown_filter(table: BigTable) -> str:
    """The filter as titles show it: cut where it is long."""
    return cut_to_cells(clean(table.filter_text.strip()), FILTER_CELLS)


class TableScreen(DeckScreen):
    """A screen with a table. Subclasses say what its rows are."""

    COLUMNS: tuple[TableColumn, ...] = ()
    # What the rows are sorted by until the user says otherwise, in words.
    DEFAULT_ORDER = ""
    # Whether it shows `PatchdeckApp.instant`: the state of then. Others say that they show the present.
    KEEPS_PAST: ClassVar[bool] = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "slash",
            "filter",
            "filter",
            priority=True,
            tooltip="Filter: words that must all be there, !not, column:value",
        ),
        Binding("s", "sort", "sort", tooltip="Sort by a column; the same again turns it round"),
        Binding("less_than_sign", "sort_beside(-1)", "sort left", show=False, tooltip="Sort by the column to the left"),
        Binding(
            "greater_than_sign", "sort_beside(1)", "sort right", show=False, tooltip="Sort by the one to the right"
        ),
        Binding("circumflex_accent", "turn_order", "turn", show=False, tooltip="Sort the other way round"),
        Binding("y", "copy", "copy", show=False, tooltip="Copy the marked rows, else this one (OSC 52, also over SSH)"),
        Binding("Y", "copy_value", "copy value", show=False, tooltip="Copy one value of the row under the cursor"),
        Binding("ctrl+y", "copy_table", "copy all", show=False, tooltip="Copy all rows shown, for a spreadsheet"),
        Binding("space", "mark_row", "mark", show=False, tooltip="Mark the row; marks outlast the filter"),
        Binding(
            "ctrl+@", "mark_range", "mark range", show=False, tooltip="Mark all rows from the nearest mark to here"
        ),
        Binding("ctrl+a", "mark_shown", "mark all", show=False, tooltip="Mark all rows that are shown, or none"),
        Binding("vertical_line", "choose_columns", "columns", show=False, tooltip="Which columns, in which order"),
        Binding("V", "page", "pager", show=False, tooltip="Read all of the row under the cursor in $PAGER"),
    ]
    # Actions that need a row under the cursor, here and on the screens that say so too.
    ROW_ACTIONS: ClassVar[frozenset[str]] = frozenset({"copy", "copy_value", "mark_row", "mark_range", "page"})

    def __init__(self) -> None:
        super().__init__()
        self._known_columns: tuple[TableColumn, ...] = ()
        self._had_rows = False
        # Why its rows cannot be read; those that were there stay. Of which state they were read, None: of none.
        self.problem = self._shown_problem = ""
        self._read_for: object = None

    def body(self) -> ComposeResult:
        """The title over the table."""
        with Vertical(classes="pane"):
            yield TitleRule(id="title")
            yield BigTable(self.COLUMNS)

    @property
    def table(self) -> BigTable:
        """The table."""
        return self.query_one(BigTable)

    @property
    def table_title(self) -> str:
        """What the rows are."""
        return self.crumb

    def title_facts(self) -> list[Piece]:
        """More for the title, beside counts, filter, sort and marks."""
        return []

    @property
    def shown_now(self) -> datetime:
        """When that is what the screen shows: the instant of the app where it keeps the past, else the present."""
        return self.deck.clock() if self.KEEPS_PAST else self.deck.travel.present()

    def past_note(self) -> str:
        """What an earlier instant that is shown is not kept of, in a few words; empty where all of it is."""
        return "" if self.KEEPS_PAST else NO_PAST

    def instant_changed(self) -> None:
        """Says at once whether what stands there is of the present."""
        if self.is_up:
            self.show_title()

    def _past_facts(self) -> list[Piece]:
        note = self.past_note() if self.deck.instant else ""
        return [Piece(note, Tone.PENDING)] if note else []

    def show_title(self) -> None:
        """Shows how many rows of how many, by which filter, in which order, and how many columns did not fit."""
        table = self.table
        shown, total = len(table.contents), len(table.contents.rows)
        count = f"{shown:,} of {total:,}" if shown != total else f"{total:,}"
        facts = [*self._past_facts(), *self.title_facts()]
        if table.contents.rows and self.problem_here():
            facts.insert(0, Piece("cannot be read now", Tone.BAD))
        if table.filter_text.strip():
            facts.append(Piece(f"filter: {shown_filter(table)}", Tone.ACCENT))
            if mistake := filter_mistake(table.filter_text, table.columns):
                facts.append(Piece(mistake, Tone.PENDING))
        if table.contents.marks:
            facts.append(Piece(f"{len(table.contents.marks):,} marked", Tone.KEY))
        if table.sorting is not None:
            facts.append(Piece(f"by {self.table.columns[table.sorting.column].heading.lower()}", Tone.DIM))
        elif self.DEFAULT_ORDER:
            facts.append(Piece(f"by {self.DEFAULT_ORDER}", Tone.DIM))
        dropped = table.layout_of_columns.dropped if table.contents.rows else 0
        more = f"+{dropped} col{'s' if dropped > 1 else ''} ›" if dropped else ""
        self.query_one("#title", TitleRule).show_title(
            f"{self.table_title} {count}", *facts, right=more, key=self.title_key()
        )

    def title_key(self) -> str:
        """A key that the title tells of, with what it does."""
        return ""

    def on_big_table_view_changed(self, event: BigTable.ViewChanged) -> None:
        """Keeps the title true, and has other columns shown as this user wants them."""
        event.stop()
        if self._known_columns != self.table.columns:
            self._known_columns = self.table.columns
            self.deck.chosen_columns.show_on(self)
        if self._had_rows != bool(len(self.table.contents)):
            self._had_rows = not self._had_rows
            self.refresh_bindings()
        self.show_notice()
        self.show_title()

    def show_notice(self) -> None:
        """Says what an empty table means and which key helps."""
        table = self.table
        if table.contents.rows:
            table.set_notice(
                (Piece("Nothing fits the filter "), Piece(shown_filter(table), Tone.ACCENT), Piece(".")),
                (Piece("esc", Tone.KEY), Piece(" clears it, "), Piece("/", Tone.KEY), Piece(" changes it.")),
            )
        elif problem := self.problem_here():
            table.set_notice((Piece(problem, Tone.BAD),), (Piece("!", Tone.KEY), Piece("  shows all that was said")))
        else:
            table.set_notice(*(self._with_own_keys(line) for line in self.empty_notice()))

    def _with_own_keys(self, line: tuple[Piece, ...]) -> tuple[Piece, ...]:
        return tuple(Piece(self.key_of(text), tone) if tone is Tone.KEY else Piece(text, tone) for text, tone in line)

    def problem_here(self) -> str:
        """Why there are no rows, where they cannot be read: what is read after the fleet has none without it."""
        fleet = self.deck.fleet
        return self.problem or (fleet.problem if fleet.revision is None and not self.table.contents.rows else "")

    def show_problem(self) -> None:
        """Says in the place of rows, or in the title, what cannot be read."""
        shown, self._shown_problem = self._shown_problem, self.problem_here()
        if shown != self._shown_problem:
            self.show_notice()
            self.show_title()

    def fail_to_read(self, error: PatchdeckError) -> None:
        """Says in the place of rows why there are none, and once in a message; it is read again with the next news."""
        told, self.problem, self._read_for = self.problem, str(error), None
        if self.is_up:
            self.show_notice()
            self.show_title()
        if told != self.problem:
            self.deck.complain(error)

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What it means that there are no rows at all."""
        return ()

    def action_filter(self) -> None:
        """Asks for a filter, which acts while it is typed."""
        names = tuple(f"{column.name}:" for column in self.table.columns)
        self.ask("/", self.table.filter_text, names, lambda text: filter_offers(text, self.table.contents))

    def on_prompt_typed(self, event: Prompt.Typed) -> None:
        """Filters while typing."""
        if event.kind == "/":
            self.table.set_filter(event.text)

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Filters by the whole word: its enter may have come before what was typed was told."""
        if event.kind == "/":
            self.table.set_filter(event.text)

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Takes back the filter that was being typed; the screen below this one closes the prompt."""
        if event.kind == "/":
            self.table.set_filter("")

    def action_sort(self) -> None:
        """Asks for the column to sort by."""
        self.app.push_screen(SortPicker(self.table.columns, self.table.sorting), self._sort_by)

    def _sort_by(self, sorting: Sorting | None) -> None:
        if sorting is not None:
            self.table.sort_by(None if sorting.column < 0 else sorting)

    def action_sort_beside(self, step: int) -> None:
        """Sorts by a neighbouring column."""
        table_deeds.sort_beside(self.table, step)

    def action_turn_order(self) -> None:
        """Sorts the other way round."""
        table_deeds.turn_order(self.table)

    def action_copy(self) -> None:
        """Copies the marked rows, else the one under the cursor."""
        table_deeds.copy_rows(self.deck, self.table)

    def action_copy_value(self) -> None:
        """Asks which value of the row to copy."""
        table_deeds.ask_value(self.deck, self.table)

    def action_copy_table(self) -> None:
        """Copies all rows shown."""
        table_deeds.copy_table(self.deck, self.table, self.table_title)

    def action_mark_row(self) -> None:
        """Marks the row under the cursor."""
        self.table.toggle_mark()

    def action_mark_range(self) -> None:
        """Marks the rows from the nearest mark to the cursor."""
        table_deeds.mark_range(self.table)

    def action_mark_shown(self) -> None:
        """Marks all rows shown."""
        self.table.toggle_all_marks()

    def action_choose_columns(self) -> None:
        """Asks which columns to show, and keeps that for this user."""
        column_choice.ask(self)

    def action_page(self) -> None:
        """Opens the row under the cursor in the pager."""
        table_deeds.page(self)

    def paged_text(self) -> str:
        """What the pager shows: all of the row under the cursor."""
        row = self.table.cursor_row
        return table_deeds.row_text(self.table.columns, row) if row else ""

    def why_not(self, action: str) -> str:
        """That there is no row to do it with."""
        if action in self.ROW_ACTIONS and self.is_up and self.table.cursor_row is None:
            return "there is no row under the cursor"
        return super().why_not(action)

    def action_back(self) -> None:
        """Clears marks or the filter first, then goes back."""
        if self.table.filter_text:
            self.table.set_filter("")
        elif self.table.contents.marks:
            self.table.clear_marks()
        else:
            super().action_back()
