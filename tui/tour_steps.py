"""The steps of the tour: what each shows, the key that goes on, and how one sees that it was pressed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

from tui.screens.machines import MachinesScreen
from tui.screens.table_screen import TableScreen

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Done = Callable[["PatchdeckApp"], bool]


@dataclass(frozen=True, slots=True)
class Step:
    """A step: ``key`` does ``action``, ``does`` says what that is, ``about`` what one looks at; until ``is_done``."""

    action: str
    key: str
    does: str
    about: str
    is_done: Done


def _in_front(name: str) -> Done:
    """Whether the screen of that class is in front, by its name: most are not imported before they are wanted."""
    return lambda deck: type(deck.screen).__name__ == name


def _table_says(says: Callable[[TableScreen], bool]) -> Done:
    def ask(deck: "PatchdeckApp") -> bool:
        front: Screen[object] = deck.screen
        return isinstance(front, TableScreen) and front.is_up and says(front)

    return ask


def _on_machines(deck: "PatchdeckApp") -> bool:
    return type(deck.screen) is MachinesScreen


STEPS: tuple[Step, ...] = (
    Step(
        "view('_default')",
        "1",
        "shows the machines",
        "Views have a key each, 0 to 9. Of the machines, what needs a look comes first.",
        _on_machines,
    ),
    Step(
        "open",
        "enter",
        "looks at the machine under the cursor",
        "A machine a row: what it misses by class, and how old that knowledge is.",
        _in_front("MachineScreen"),
    ),
    Step(
        "back",
        "esc",
        "goes back, as everywhere",
        "tab goes through what is known: updates, facts, findings, checks, history.",
        _on_machines,
    ),
    Step(
        "filter",
        "/",
        "filters: words, !not, column:value; then enter",
        "Type a part of a name, or compliance:non. esc takes the filter away again.",
        _table_says(lambda front: bool(front.table.filter_text.strip())),
    ),
    Step(
        "mark",
        "space",
        "marks a row; marks outlast the filter",
        "What comes next is done to all marked; it asks before it changes a machine.",
        _table_says(lambda front: bool(front.table.contents.marks)),
    ),
    Step(
        "view('missing')",
        "2",
        "shows what all machines together miss",
        "The other way to look at a fleet: by update.",
        _in_front("MissingScreen"),
    ),
    Step(
        "why",
        "w",
        "tells why the update is not installed",
        "Every reason on every machine, each with its evidence and what to do.",
        lambda deck: type(deck.screen).__name__.startswith("Why"),
    ),
    Step(
        "view('deployments')",
        "4",
        "shows what is installed where, and when",
        "There n defines one, c is the calendar; 5 are the runs that there were.",
        _in_front("DeploymentsScreen"),
    ),
    Step(
        "view('query')",
        "3",
        "asks the tables in SQL or KQL",
        "f2 has the predefined queries there; escape leaves the editor.",
        _in_front("QueryScreen"),
    ),
    Step(
        "help",
        "f1",
        "lists the keys that work where you are: ? too",
        "ctrl+p finds all by name, : takes commands, :tour is this once more.",
        _in_front("HelpOverlay"),
    ),
)
