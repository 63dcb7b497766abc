"""Where one can jump on a screen, and the letters that lead there."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any  # Any: screens of every kind of answer, as Textual types them

from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget

from tui.widgets.contents import Contents
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

# Those that lie under the fingers first; none that looks like another.
LETTERS = "asdfghjkletuionwrcvbmpxqyz"


@dataclass(frozen=True, slots=True)
class Target:
    """Somewhere to go: where its letters are drawn, and what goes there."""

    at: Offset
    go: Callable[[], object]


def targets_on(screen: Screen[Any]) -> list[Target]:
    """The panes with the focus or without, the tabs, and the rows that are in view, from the top."""
    found = [*_tabs(screen), *_panes(screen), *_rows(screen)]
    return sorted(found, key=lambda target: (target.at.y, target.at.x))


def labels_for(count: int) -> list[str]:
    """As many different labels, of one letter each where those do, else of two; none begins another."""
    if count <= len(LETTERS):
        return list(LETTERS[:count])
    pairs = ("".join(pair) for pair in product(LETTERS, repeat=2))
    return [label for _, label in zip(range(count), pairs, strict=False)]


def _panes(screen: Screen[Any]) -> Iterator[Target]:
    for widget in screen.focus_chain:
        if widget.region and not (isinstance(widget, BigTable) and len(widget.contents)):
            yield Target(widget.region.offset, partial(screen.set_focus, widget))


def _tabs(screen: Screen[Any]) -> Iterator[Target]:
    for line in screen.query(TabLine):
        for number, x in enumerate(line.starts):
            yield Target(line.region.offset + Offset(x, 0), partial(line.bring, number))


def _rows(screen: Screen[Any]) -> Iterator[Target]:
    for table in screen.query(BigTable):
        first = table.scroll_offset.y
        for position in range(first, min(first + table.page_rows, _length(table.contents))):
            at = table.region.offset + Offset(0, 1 + position - first)
            yield Target(at, partial(_go, screen, table, position))


def _go(screen: Screen[Any], table: Widget, position: int) -> None:
    if isinstance(table, BigTable):
        screen.set_focus(table)
        table.move_cursor(position)


def _length(contents: Contents) -> int:
    return len(contents)
