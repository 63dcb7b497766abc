"""Our tables as sqlglot wants them."""

from sqlglot.schema import MappingSchema

from fleet.tables import TABLES
from query.columns import SQL_TYPES, view_columns


def table_schema() -> MappingSchema:
    """Names, lower case, and types of all columns that queries see."""
    return MappingSchema(
        {
            table.name.casefold(): {c.name.casefold(): SQL_TYPES[c.type] for c in view_columns(table)}
            for table in TABLES
        },
        dialect="duckdb",
        normalize=False,
    )
