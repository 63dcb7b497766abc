"""Which machine is meant on the screen in front: that under the cursor, else the one that the screen is of."""

from typing import TYPE_CHECKING

from tui.screens.deck_screen import DeckScreen
from tui.screens.table_screen import TableScreen

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


def machine_meant(deck: "PatchdeckApp") -> str:
    """Its name, empty where none is meant."""
    screen = deck.screen
    if isinstance(screen, TableScreen) and (row := screen.table.cursor_row):
        status = deck.fleet.find(row.key) or deck.fleet.find_by_name(row.cells[0])
        if status is not None:
            return status.machine.name
    for each in reversed(deck.screen_stack):
        if isinstance(each, DeckScreen) and (status := deck.fleet.find_by_name(each.crumb)):
            return status.machine.name
    return ""
