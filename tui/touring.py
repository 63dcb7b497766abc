"""The tour: a minute over the real screens, a step at a time; each goes on when its key was really pressed."""

from typing import TYPE_CHECKING

from ops.app_keys.key_names import show_key
from tui.screens.deck_screen import DeckScreen
from tui.tones import Tone
from tui.tour_steps import STEPS, Step
from tui.widgets.line import Piece
from tui.widgets.prompt import Prompt
from tui.widgets.tour_pane import TourPane

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class Tour:
    """Where the tour through ``deck`` stands; it is over where there is no such object."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self._deck = deck
        self._number = 0
        self._pane: TourPane | None = None

    @property
    def is_over(self) -> bool:
        """Whether it was left, or is at its end."""
        return self._number >= len(STEPS)

    def look(self) -> None:
        """Goes on where what the step asks for is done, and shows where it stands on the screen in front."""
        if not self.is_over and STEPS[self._number].is_done(self._deck):
            self.go_on()
            if self._number >= len(STEPS):
                self._deck.say("That was the tour. :tour shows it once more.")
        self._show()

    def go_on(self) -> None:
        """Goes to the next step without having done this one."""
        self._number += 1

    def leave(self) -> None:
        """Ends it here."""
        self._number = len(STEPS)

    def _show(self) -> None:
        front = self._deck.screen
        if self._pane is not None and (self.is_over or self._pane.screen is not front):
            self._pane.remove()
            self._pane = None
        if self.is_over or not isinstance(front, DeckScreen) or not front.is_up:
            return
        if self._pane is None:
            self._pane = TourPane()
            front.mount(self._pane, before=front.query_one(Prompt))
        step = STEPS[self._number]
        self._pane.show_step(
            f"{self._number + 1} of {len(STEPS)}",
            (Piece(_key_of(front, step), Tone.KEY), Piece(f" {step.does}", Tone.STRONG)),
            step.about,
        )


def _key_of(screen: DeckScreen, step: Step) -> str:
    """The key of the step as it is now: the user may have given it another one."""
    keys = [active.binding.key for active in screen.active_bindings.values() if active.binding.action == step.action]
    shown = [show_key(key) for key in keys]
    return step.key if step.key in shown or not shown else shown[0]
