"""Values of columns for completion: looked up once each, in a thread, while one goes on writing."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from query.completion.candidates import ColumnValues
from tui.background import in_thread

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class KnownValues:
    """What columns hold, as far as it was looked up. A column that could not be read is not tried again."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self._deck = deck
        self._known: dict[ColumnValues, tuple[str, ...]] = {}
        self._sought: set[ColumnValues] = set()

    def find(self, column: ColumnValues) -> tuple[str, ...] | None:
        """The values of ``column``; None while nobody has looked."""
        return self._known.get(column)

    def fetch(self, column: ColumnValues, then: Callable[[], None]) -> None:
        """Looks the values of ``column`` up, unless that was done, and calls ``then`` once there are any."""
        if not column.table or column in self._sought:
            return
        self._sought.add(column)
        deck = self._deck

        def look() -> tuple[str, ...]:
            from ops.column_values import list_column_values

            return list_column_values(deck.home, column.table, column.column, deck.clock())

        def take(values: tuple[str, ...]) -> None:
            self._known[column] = values
            if values:
                then()

        def nothing(error: PatchdeckError) -> None:
            del error  # nobody asked for these values: what is typed goes on without them
            self._known[column] = ()

        in_thread(deck, look, take, nothing, what="looking up the values of a column")
