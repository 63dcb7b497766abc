"""The machines behind a reason why an update is not installed, each with its evidence."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.reasons.summary import ReasonGroup
from ops.why.answers import Answer
from tui.rows.why_rows import BEHIND_COLUMNS, behind_rows, describe_reason
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.why import WhyScreen
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class BehindReasonScreen(DetailedScreen):
    """The machines of ``answers`` that have the reason of ``group``, each with its evidence."""

    COLUMNS = BEHIND_COLUMNS
    DEFAULT_ORDER = "name"
    KEEPS_PAST = True  # what it shows does not change
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "why", tooltip="Every reason on the machine under the cursor"),
        Binding("m", "open_machine", "machine", tooltip="The machine's own page"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, group: ReasonGroup, answers: Sequence[Answer]) -> None:
        super().__init__()
        self._group = group
        self._answers = {each.missing.machine_id: each for each in answers}
        self.crumb = group.example.about or group.example.kind.value

    def fleet_changed(self) -> None:
        """Shows the machines; they are those of when the reasons were looked for."""
        if self.is_up:
            self.table.set_rows(behind_rows(self._answers.values(), self._group.key))
            self.show_title()
            self.show_detail()

    @property
    def table_title(self) -> str:
        """What they have in common."""
        return self._group.example.words.rstrip(".")

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The reason as it is of the machine under the cursor."""
        answer = self._answers.get(row.key)
        keys = [(ReasonGroup(each, (), 0).key, each) for each in answer.reasons] if answer else []
        return next((describe_reason(each) for key, each in keys if key == self._group.key), ())

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows every reason of the machine under the cursor."""
        row = self.table.cursor_row
        if row and (answer := self._answers.get(row.key)):
            self.app.push_screen(WhyScreen(answer.missing))

    def action_open_machine(self) -> None:
        """Opens the machine under the cursor."""
        if row := self.table.cursor_row:
            self.deck.open_machine(row.key)
