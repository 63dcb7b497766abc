"""The machines that a row of another screen counts, and no others."""

from collections.abc import Collection, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from fleet.status import MachineStatus
from tui.screens.machines import MachinesScreen
from tui.tones import Tone
from tui.widgets.line import Piece


class ChosenMachinesScreen(MachinesScreen):
    """The machines with ``ids``, as they are now: one that needs nothing any more stays until the screen is left."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", tooltip="Clear filter and marks, else go back"),
    ]

    def __init__(self, crumb: str, ids: Collection[str]) -> None:
        super().__init__()
        self.crumb = clean_name(crumb)
        self._ids = frozenset(ids)

    def statuses(self) -> Sequence[MachineStatus]:
        """Those of the chosen machines that are still enrolled."""
        return [status for status in self.deck.fleet.statuses if status.machine.id in self._ids]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That none of them is there any more."""
        return (
            (Piece("None of these machines is enrolled any more."),),
            (Piece("esc", Tone.KEY), Piece("  goes back")),
        )
