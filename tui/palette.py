"""What the palette (ctrl+p) offers: every command, and every key that works here with what it does."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any  # Any: screens of every kind of answer, as Textual types them

from textual.app import SystemCommand
from textual.screen import Screen

from tui.commands import COMMANDS
from tui.screens.deck_screen import DeckScreen

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def offered(deck: "PatchdeckApp", screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The commands and keys of ``screen``; nothing of Textual's own that writes files where the app runs."""
    for command in COMMANDS:
        yield SystemCommand(f":{command.name}", command.meaning, lambda name=command.name: deck.run_command(name))
    for active in screen.active_bindings.values():
        binding = active.binding
        if binding.tooltip and isinstance(active.node, DeckScreen):
            yield SystemCommand(
                f"{binding.description}  ({binding.key})",
                binding.tooltip,
                lambda node=active.node, action=binding.action: deck.call_later(deck.run_action, action, node),
            )
