"""The runs that a row of another screen counts, and no others."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from tui.screens.runs import RunsScreen
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.deployments.history import RunSummary


class ChosenRunsScreen(RunsScreen):
    """The runs with ``ids``, in that order, as they are now."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]
    DEFAULT_ORDER = ""

    def __init__(self, crumb: str, ids: Sequence[str]) -> None:
        super().__init__()
        self.crumb = clean_name(crumb)
        self._ids = tuple(ids)

    def find_runs(self) -> "Sequence[RunSummary]":
        """Those runs, as they stood at the instant that is shown; blocking."""
        from ops.deployments.history import summarise_run
        from ops.past.runs import list_runs_at

        if (at := self.deck.instant) is not None:
            return [each for each in list_runs_at(self.deck.home, at) if each.run.id in self._ids]
        return [summarise_run(self.deck.home, each) for each in self._ids]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That they are being read: they do not go away."""
        return ((Piece("Reading the runs …", Tone.DIM),),)
