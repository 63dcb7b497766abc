"""The columns that this user wants on each screen: read once, shown, asked for, kept."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from ops.logs import log_error
from tui.background import in_thread
from tui.key_ids import scope_of
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.app import PatchdeckApp
    from tui.screens.table_screen import TableScreen


class ColumnChoice:
    """What the user of ``deck`` chose, by the name of a screen."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self._deck = deck
        self._chosen: dict[str, tuple[str, ...]] | None = None

    def show_on(self, screen: "TableScreen") -> None:
        """Has the table of ``screen`` show what was chosen for it, as soon as that is read."""
        if self._chosen is not None:
            apply(screen.table, self._chosen.get(_name_of(screen), ()))
            return
        from ops.chosen_columns import read_chosen_columns

        def take(read: Mapping[str, tuple[str, ...]]) -> None:
            if self._chosen is None:
                self._chosen = dict(read)
            if screen.is_up:
                self.show_on(screen)

        home = self._deck.home
        in_thread(self._deck, lambda: read_chosen_columns(home), take, _keep_silent, what="reading chosen columns")

    def keep(self, screen: "TableScreen", names: tuple[str, ...]) -> None:
        """Has ``names`` hold for ``screen``, now and in later sessions."""
        from ops.chosen_columns import keep_chosen_columns

        name, home = _name_of(screen), self._deck.home
        self._chosen = {**(self._chosen or {}), name: names}
        apply(screen.table, names)

        def write() -> None:
            try:
                keep_chosen_columns(home, name, names)
            except OSError as error:  # a full disk: for this session they hold
                log_error("the chosen columns are not kept", error)

        in_thread(self._deck, write, lambda _: None, _keep_silent, what="keeping the columns")


def apply(table: BigTable, names: tuple[str, ...]) -> None:
    """Shows the columns called ``names``, in that order, after the first, which always stays; none: as by default."""
    index_of = {column.name: index for index, column in enumerate(table.columns)}
    table.choose_columns(tuple(index_of[name] for name in names if name in index_of))


def _name_of(screen: "TableScreen") -> str:
    """What the list in front of ``screen`` is called: a tab by its first columns."""
    scope, columns = scope_of(type(screen)), screen.table.columns
    return scope if columns == screen.COLUMNS else ".".join([scope, *(column.name for column in columns[:3])])


def ask(screen: "TableScreen") -> None:
    """Asks which columns to show."""
    from tui.screens.column_chooser import ColumnChooser

    table = screen.table
    deck = screen.deck

    def answered(names: tuple[str, ...] | None) -> None:
        if names is not None and screen.is_up:
            deck.chosen_columns.keep(screen, names)

    deck.push_screen(ColumnChooser(table.columns, table.chosen_columns), answered)


def _keep_silent(error: PatchdeckError) -> None:
    """Without the file the columns are those of the screen."""
