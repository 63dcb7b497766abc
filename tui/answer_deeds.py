"""What is done with the rows of an answer: go to their machines, copy them, draw them."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from fleet.hostile import clean
from tui.background import in_thread
from tui.charts.plan import MOST_POINTS, ChartPlan, chart_data, guess_plan, plan_from_header, plan_from_render
from tui.clipboard import MOST_COPIED, copy_lines
from tui.marking import mark_machines
from tui.rows.result_machines import MachinesOfRows, machines_of_rows
from tui.rows.result_rows import describe_record, named_in, show_value

if TYPE_CHECKING:
    from query.library import SavedQuery
    from query.results import Row
    from tui.answers import Answer
    from tui.screens.answer_pane import AnswerPane


class AnswerDeeds:
    """The deeds of one ``pane``."""

    def __init__(self, pane: "AnswerPane") -> None:
        self._pane = pane

    def open_row(self) -> None:
        """Opens the machine that the row under the cursor is about, by its id or name; else shows the whole row."""
        found = self._cursor_values()
        if found is None:
            return
        answer, values = found
        deck = self._pane.deck_screen.deck
        machine_id = named_in(answer.columns, values, "SourceComputerId")
        name = named_in(answer.columns, values, "Computer")
        if machine_id is not None and deck.fleet.find(machine_id):
            deck.open_machine(machine_id)
        elif name is not None and deck.fleet.find_by_name(name):
            deck.open_named(name)
        else:
            self.view_row()

    def view_row(self) -> None:
        """Shows the row under the cursor, a column a line."""
        from tui.screens.record import RecordOverlay

        if found := self._cursor_values():
            answer, values = found
            self._pane.app.push_screen(RecordOverlay(describe_record(answer.columns, values), values))

    def mark_machines(self) -> None:
        """Marks every enrolled machine of the rows that are shown, and goes to the Machines screen."""
        answer, deck = self._pane.answer, self._pane.deck_screen.deck
        if answer is None or not len(answer):
            deck.say("There is no answer to take machines from.")
            return
        names = {column.name.casefold() for column in answer.columns}
        if not names & {"computer", "sourcecomputerid"}:
            deck.say("The answer names no machines: it has neither a column Computer nor SourceComputerId.")
            return
        numbers = self._shown_numbers(answer)
        by_name = {status.machine.name.casefold(): status.machine.id for status in deck.fleet.statuses}

        def collect() -> MachinesOfRows:
            return machines_of_rows((answer.values(number) for number in numbers), answer.columns, by_name)

        def mark(found: MachinesOfRows) -> None:
            mark_machines(deck, found.ids, len(found.unknown))

        in_thread(deck, collect, mark, deck.complain, what="marking machines")

    def copy_row(self) -> None:
        """Copies the row under the cursor, with a tab between cells."""
        if row := self._pane.table.cursor_row:
            self._pane.deck_screen.deck.copy("\t".join(row.cells), "the row")

    def copy_column(self) -> None:
        """Asks for a column and copies it of all rows that are shown, a value a line."""
        from tui.screens.column_picker import ColumnPicker

        answer = self._pane.answer
        if answer is not None and len(answer):
            self._pane.app.push_screen(ColumnPicker(self._pane.table.columns), self._copy_column)

    def _copy_column(self, index: int | None) -> None:
        answer, deck = self._pane.answer, self._pane.deck_screen.deck
        if index is None or answer is None:
            return
        kept: list[str] = []
        room = MOST_COPIED
        numbers = self._shown_numbers(answer)
        for number in numbers:
            text = show_value(answer.values(number)[index])
            room -= len(text.encode()) + 1
            if room < 0:
                break
            kept.append(text)
        total = len(numbers)
        what = f"{clean(answer.columns[index].name)} of {len(kept):,} rows"
        copy_lines(deck, kept, what if len(kept) == total else f"{what}: no more than these fit, of {total:,}")

    # Charts

    def show_wanted_chart(self, saved: "SavedQuery | None") -> None:
        """Draws the answer where its query asks for that."""
        plan = self._wanted_plan(saved)
        if plan is not None and self._pane.answer is not None and len(self._pane.answer):
            self._draw(plan, saved)

    def draw_chart(self, saved: "SavedQuery | None") -> None:
        """Draws the answer as its query asks, else as seems best; says why where that cannot be."""
        answer, deck = self._pane.answer, self._pane.deck_screen.deck
        plan = self._wanted_plan(saved) or (guess_plan(answer.columns) if answer is not None else None)
        if answer is None or not len(answer):
            deck.say("There is no answer to draw yet: f5 asks.")
        elif plan is None:
            deck.say("A chart needs a column of numbers beside another column; this answer has none.")
        else:
            self._draw(plan, saved)

    def _wanted_plan(self, saved: "SavedQuery | None") -> ChartPlan | None:
        answer = self._pane.answer
        if answer is None:
            return None
        if answer.chart is not None:
            return plan_from_render(answer.chart, answer.columns)
        return plan_from_header(saved.chart, answer.columns) if saved is not None and saved.chart else None

    def _draw(self, plan: ChartPlan, saved: "SavedQuery | None") -> None:
        answer = self._pane.answer
        if answer is None:
            return
        units = {column.name.casefold(): column.unit for column in saved.columns} if saved is not None else {}
        rows = [answer.values(number) for number in range(min(len(answer), MOST_POINTS + 1))]
        self._pane.chart.show(plan.kind, chart_data(plan, answer.columns, rows, units))
        self._pane.show_chart(is_shown=True)

    # Rows

    def _cursor_values(self) -> "tuple[Answer, Row] | None":
        row, answer = self._pane.table.cursor_row, self._pane.answer
        return (answer, answer.values(int(row.key))) if row is not None and answer is not None else None

    def _shown_numbers(self, answer: "Answer") -> Sequence[int]:
        """The numbers of the rows that are shown, in their order."""
        contents = self._pane.table.contents
        if contents.tail_count:
            return range(len(answer))
        return [int(row.key) for row in contents.shown]
