"""Which column of a table a heading of an export means."""

import re
from collections.abc import Mapping
from enum import StrEnum

from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from fleet.tables import DAY, LOADED_AT, Column, Table

# As the portal writes times: "TimeGenerated [UTC]".
_WITH_ZONE = re.compile(r"(.+?)\s*\[(.+)\]")
# What we say of a row ourselves.
_OURS = frozenset({DAY.name, LOADED_AT.name})


class Unknown(StrEnum):
    """What becomes of columns that a table does not have."""

    REFUSE = "refuse"
    ASIDE = "aside"
    DROP = "drop"


class Headings:
    """The headings of exports of ``table``, each looked up once."""

    def __init__(self, table: Table, unknown: Unknown) -> None:
        self._table = table
        self._unknown = unknown
        self._by_folded = {column.name.casefold(): column for column in table.columns}
        self._known: dict[str, Column | None] = {}

    def sort(self, values: Mapping[str, object], where: str) -> tuple[dict[Column, object], dict[str, object]]:
        """``values`` by column, and those that are of none and not empty, by heading; ``where`` is for errors.

        Raises:
            UnknownName: a heading is of no column, and such are refused.
            BadInput: two headings are of one column, or a time is in another zone.
        """
        named: dict[Column, object] = {}
        strange: dict[str, object] = {}
        for heading, value in values.items():
            column = self._find(heading, where)
            if column is None:
                if value not in (None, ""):
                    strange[heading] = value
            elif column in named:
                raise BadInput(f"{where}: the column {column.name} is there twice.")
            elif column.name not in _OURS:
                named[column] = value
        return named, strange

    def _find(self, heading: str, where: str) -> Column | None:
        if heading not in self._known:
            self._known[heading] = self._look_up(heading, where)
        return self._known[heading]

    def _look_up(self, heading: str, where: str) -> Column | None:
        name = heading.strip()
        if (with_zone := _WITH_ZONE.fullmatch(name)) is not None:
            name = with_zone[1]
            if with_zone[2].casefold() != "utc" and name.casefold() in self._by_folded:
                raise BadInput(f"{where}: the times of {clean(heading, 80)!r} are not in UTC: export them in UTC.")
        column = self._by_folded.get(name.casefold())
        if column is None and self._unknown is Unknown.REFUSE:
            shown = clean(heading, 80)
            error = UnknownName(f"column of {self._table.name}", shown, self._table.column_names)
            raise BadInput(f"{where}: {error} With --unknown aside it is kept in a file, with drop left out.")
        return column
