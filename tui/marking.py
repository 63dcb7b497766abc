"""Marks that come from elsewhere: the machines of an answer, marked where they can be acted on."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ops.cli.values import count_of

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def mark_machines(deck: "PatchdeckApp", ids: Iterable[str], unknown: int, of: str = "the answer") -> None:
    """Goes to the machines with those of ``ids`` marked, and says how many; ``unknown`` are enrolled no more.

    ``of`` says where they are from.
    """
    from tui.screens.machines import MachinesScreen

    wanted = frozenset(ids)
    if not wanted:
        deck.say(f"None of the machines in {of} is enrolled.")
        return

    async def show() -> None:
        await deck.switch_mode(deck.DEFAULT_MODE)
        while len(deck.screen_stack) > 1:
            await deck.pop_screen()
        if isinstance(deck.screen, MachinesScreen):
            deck.screen.fleet_changed()
            deck.screen.table.set_filter("")
            deck.screen.table.mark(wanted)
            left_out = f"; 1 other in {of} is not enrolled" if unknown == 1 else ""
            left_out = f"; {unknown:,} others in {of} are not enrolled" if unknown > 1 else left_out
            deck.say(f"Marked the {count_of(len(wanted), 'machine')} of {of}{left_out}.")

    deck.run_worker(show, name="mark machines")  # type: ignore[arg-type]  # mypy takes it for its result
