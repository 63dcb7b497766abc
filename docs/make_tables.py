"""Makes docs/tables.md from the tables as they are declared in fleet/tables.py; run by docs/make_all.py."""

from pathlib import Path

from fleet.tables import TABLES, Column, Table, TableKind

PAGE = Path(__file__).with_name("tables.md")

_INTRODUCTION = """\
<!-- Made by docs/make_tables.py from fleet/tables.py: do not edit. -->

# Record tables

Every fact that Patchdeck records is a row of one of these tables: Delta tables under `tables/` in the home, which
DuckDB, Polars, Spark, Trino, Fabric and Power BI read in place. Names and columns are those of Azure Update
Management, so that its queries run unchanged; our own columns follow at the end. Times are UTC with microseconds.
`dynamic` is JSON text.

In a query, `Update` is more than the stored table: it is what each machine needs now, and every update that was
installed or fell away, with the time at which that was noticed. Every table has a `Day` there, the UTC day of
`TimeGenerated`; a lower bound on either in the WHERE of the SELECT that reads the table keeps older days unopened.

{contents}

{tables}"""


def make() -> str:
    """The text of the page."""
    contents = "\n".join(f"- [{table.name}](#{table.name.lower()}): {table.meaning}" for table in TABLES)
    return _INTRODUCTION.format(contents=contents, tables="\n".join(map(_section, TABLES)))


def _section(table: Table) -> str:
    kind = "grows; one folder a `Day`" if table.kind is TableKind.HISTORY else "holds what is true now"
    rows = "".join(map(_row, table.columns))
    return (
        f"## {table.name}\n\n{table.meaning} The table {kind}; rows are sorted by {', '.join(table.sort_by)}.\n\n"
        f"| column | type | meaning |\n| --- | --- | --- |\n{rows}"
    )


def _row(column: Column) -> str:
    meaning = column.meaning.replace("|", "\\|")
    return f"| `{column.name}` | {column.type.value} | {meaning}{f' ({column.unit})' if column.unit else ''} |\n"
