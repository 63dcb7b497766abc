"""What a query may name: tables and columns with their types and meanings."""

from dataclasses import dataclass

from fleet.tables import TABLES, UPDATE
from query.columns import SQL_TYPES, view_columns

# The view is more than the stored table of that name.
_UPDATE_MEANING = (
    "What each machine needs now, from its last whole scan, and every update that was installed or fell away."
)


@dataclass(frozen=True, slots=True)
class CatalogueColumn:
    """A column as a query sees it; ``type`` is DuckDB's."""

    name: str
    type: str
    meaning: str
    unit: str


@dataclass(frozen=True, slots=True)
class CatalogueTable:
    """A table as a query sees it."""

    name: str
    meaning: str
    columns: tuple[CatalogueColumn, ...]


def list_catalogue() -> tuple[CatalogueTable, ...]:
    """All tables, in the order in which they are declared."""
    return tuple(
        CatalogueTable(
            table.name,
            _UPDATE_MEANING if table is UPDATE else table.meaning,
            tuple(CatalogueColumn(c.name, SQL_TYPES[c.type], c.meaning, c.unit) for c in view_columns(table)),
        )
        for table in TABLES
    )
