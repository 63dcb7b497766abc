"""What would be done on one machine, package by package."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import MachinePlan
from fleet.hostile import clean_name
from tui.rows.plan_rows import CHANGE_COLUMNS, change_rows, changes_text, describe_change, describe_plan, problem_of
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row


class MachinePlanScreen(DetailedScreen):
    """The plan of one machine: what is changed, what is left out and why, what the manager keeps."""

    COLUMNS = CHANGE_COLUMNS
    DEFAULT_ORDER = "what"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("m", "open_machine", "machine", tooltip="The machine's own page"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, plan: MachinePlan, deployment: Deployment) -> None:
        super().__init__()
        self._plan = plan
        self._deployment = deployment
        self.crumb = clean_name(plan.machine_name)

    def on_mount(self) -> None:
        """Shows the plan, which does not change."""
        self.table.set_rows(change_rows(self._plan))
        self.show_notice()
        self.show_detail()

    @property
    def table_title(self) -> str:
        """The machine."""
        return f"{self.crumb} would change"

    def title_facts(self) -> list[Piece]:
        """How much is done, of what is there."""
        if problem := problem_of(self._plan):
            return [Piece(problem, Tone.BAD)]
        return [Piece(changes_text(self._plan.simulation.changes)), Piece(f"wave {self._plan.wave + 1}", Tone.DIM)]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """Nothing to do, or nothing that can be done."""
        problem = problem_of(self._plan)
        return ((Piece(problem or "Nothing is to be done on this machine.", Tone.BAD if problem else Tone.NORMAL),),)

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The package in full, and what is true of the machine."""
        return [*describe_change(row), *describe_plan(self._plan, self._deployment.window)]

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """What is true of the machine."""
        return describe_plan(self._plan, self._deployment.window)

    def action_open_machine(self) -> None:
        """Opens the machine's own page."""
        self.deck.open_machine(self._plan.machine_id)
