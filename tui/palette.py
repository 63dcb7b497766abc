"""What the palette (ctrl+p) offers: every command, and every key that works here with what it does."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any  # Any: screens of every kind of answer, as Textual types them

from textual.app import SystemCommand
from textual.screen import Screen

from tui.active_keys import active_keys
from tui.commands import COMMANDS
from tui.permitting import barred

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def offered(deck: "PatchdeckApp", screen: Screen[Any]) -> Iterator[SystemCommand]:
    """The keys of ``screen``, then the commands; nothing of Textual's own that writes files where the app runs.

    What cannot be done now stays, and says why: chosen, it says so once more.
    """
    for entry in active_keys(deck, screen):
        yield SystemCommand(
            f"{entry.label or entry.meaning}  ({entry.keys})",
            _told(entry.meaning, entry.why),
            lambda node=entry.node, action=entry.action: deck.call_later(deck.run_action, action, node),
        )
    for command in COMMANDS:
        yield SystemCommand(
            f":{command.name}",
            _told(f"{command.meaning}: {command.argument}".removesuffix(": "), barred(deck, command.role)),
            lambda name=command.name, takes=command.argument: _begin(deck, name, takes),
        )
    for name, text in deck.keymap.own.aliases.items():
        yield SystemCommand(f":{name}", f":{text}", lambda name=name: deck.run_command(name))


def _begin(deck: "PatchdeckApp", name: str, takes: str) -> None:
    """Asks for the argument of a command that cannot do without, else runs it."""
    from tui.screens.deck_screen import DeckScreen

    if takes and takes not in ("FILTER", "SQL", "TIME") and isinstance(deck.screen, DeckScreen):
        deck.screen.ask_command(f"{name} ")
    else:
        deck.run_command(name)


def _told(meaning: str, why: str) -> str:
    return f"{meaning} (not now: {why})" if why else meaning
