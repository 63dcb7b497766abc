"""CREATE VIEW statements for another engine: the names and types that our queries expect, over the tables in place.

`Update` is made as `query.views` makes it. Times come out in UTC without a zone; text is compared by its bytes.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlglot import exp

from fleet.tables import DAY, LOADED_AT, TABLES, UPDATE, UPDATE_HISTORY, Column, ColumnType, Table, TableKind
from query.columns import view_columns
from query.dialects.engines import FACTS, Engine
from query.dialects.sources import SOURCES, TIMES

_TYPES: Mapping[ColumnType, Mapping[Engine, str]] = {
    ColumnType.STRING: {Engine.SPARK: "STRING", Engine.BIGQUERY: "STRING", Engine.POSTGRES: "TEXT"},
    ColumnType.BOOL: {Engine.BIGQUERY: "BOOL", Engine.TSQL: "BIT"},
    ColumnType.INT: {Engine.BIGQUERY: "INT64"},
    ColumnType.LONG: {Engine.BIGQUERY: "INT64"},
    ColumnType.REAL: {Engine.BIGQUERY: "FLOAT64", Engine.TSQL: "FLOAT", Engine.POSTGRES: "DOUBLE PRECISION"},
    ColumnType.DATETIME: {
        Engine.BIGQUERY: "DATETIME",
        Engine.TSQL: "DATETIME2(6)",
        Engine.TRINO: "TIMESTAMP(6)",
        Engine.SNOWFLAKE: "TIMESTAMP_NTZ",
    },
}
_DEFAULTS = {
    ColumnType.STRING: "VARCHAR",
    ColumnType.BOOL: "BOOLEAN",
    ColumnType.INT: "INT",
    ColumnType.LONG: "BIGINT",
    ColumnType.REAL: "DOUBLE",
    ColumnType.DATETIME: "TIMESTAMP",
    ColumnType.DATE: "DATE",
}
_BYTES = "COLLATE Latin1_General_100_BIN2_UTF8"


@dataclass(frozen=True, slots=True)
class StoredTable:
    """What lies in the store for a table: where, and which columns its files have; none where it is not there."""

    name: str
    location: str = ""
    columns: Collection[str] = ()


def view_statements(engine: Engine, stored: Mapping[str, StoredTable], table_prefix: str = "") -> str:
    """The statements that make every table's view, in an order in which they can be run, with what must come before."""
    parts = [_comment(engine)]
    for table in TABLES:
        found = stored.get(table.name, StoredTable(table.name))
        setup = SOURCES[engine].setup
        if found.location and setup:
            parts.append(_filled(setup, table, found, engine))
    for table in TABLES:
        if engine is not Engine.POSTGRES:
            parts.append(f"{_head(engine, table_prefix, table)}\n{view_body(engine, table, stored)};")
        else:
            parts.append(_create_table(table, table_prefix))
    return "\n\n".join(parts) + "\n"


def view_body(engine: Engine, table: Table, stored: Mapping[str, StoredTable]) -> str:
    """The SELECT of one view."""
    body = _select(engine, table, stored)
    if table is not UPDATE:
        return body
    day = UPDATE_HISTORY
    kept = [column.name for column in view_columns(UPDATE)]
    history = _select(engine, day, stored)
    names = ", ".join(_quoted(name, engine) for name in kept)
    # Rows loaded from elsewhere for machines never assessed here are needed too: docs/decisions/0010.
    machines = (
        f"SELECT LOWER({_quoted('Computer', engine)}) FROM ({_select(engine, _table('Machine'), stored)}) AS machines"  # noqa: S608 - declared names
    )
    assessed = f"{machines} WHERE {_quoted('LastAnswered', engine)} IS NOT NULL"
    computer, state = _quoted("Computer", engine), _quoted("UpdateState", engine)
    strange = " AND ".join(
        f"{name} NOT IN ({assessed})" for name in (f"LOWER({computer})", _first_label(computer, engine))
    )
    is_loaded = f"{_quoted(LOADED_AT.name, engine)} IS NOT NULL"
    return (  # our own names
        f"SELECT {names}\nFROM ({body}) AS needed\nUNION ALL\nSELECT {names}\nFROM ({history}) AS history\n"
        f"WHERE LOWER({state}) <> 'needed'\n   OR ({is_loaded} AND {strange})"
    )


def _select(engine: Engine, table: Table, stored: Mapping[str, StoredTable]) -> str:
    found = stored.get(table.name, StoredTable(table.name))
    columns = ",\n  ".join(_column(engine, column, found) for column in view_columns(table))
    if not found.location:
        return f"SELECT\n  {columns}\nFROM (SELECT 1 AS one) AS nothing\nWHERE 1 = 0"
    return f"SELECT\n  {columns}\nFROM {_filled(SOURCES[engine].table, table, found, engine)}"


def _column(engine: Engine, column: Column, found: StoredTable) -> str:
    name, type_name = _quoted(column.name, engine), type_of(engine, column)
    has_it = column.name in found.columns
    if column is DAY and not has_it and "TimeGenerated" in found.columns:
        moment = TIMES[engine].replace("{0}", _quoted("TimeGenerated", engine))
        return f"CAST({moment} AS DATE) AS {name}"
    value = name if has_it else "NULL"
    if has_it and column.type is ColumnType.DATETIME:
        value = TIMES[engine].replace("{0}", name)
    collation = f" {_BYTES}" if engine is Engine.TSQL and type_name.startswith("VARCHAR") else ""
    return f"CAST({value} AS {type_name}){collation} AS {name}"


def type_of(engine: Engine, column: Column) -> str:
    """What the engine calls the type of ``column``; JSON is text."""
    kind = ColumnType.STRING if column.type is ColumnType.DYNAMIC else column.type
    if kind is ColumnType.STRING and engine is Engine.TSQL:
        return "VARCHAR(MAX)" if column.type is ColumnType.DYNAMIC else "VARCHAR(8000)"
    return _TYPES.get(kind, {}).get(engine, _DEFAULTS[kind])


def _create_table(table: Table, prefix: str) -> str:
    columns = ",\n  ".join(_declared(column) for column in view_columns(table))
    return f"CREATE TABLE {_name(Engine.POSTGRES, prefix, table.name)} (\n  {columns}\n);"


def _declared(column: Column) -> str:
    collation = ' COLLATE "C"' if column.type in (ColumnType.STRING, ColumnType.DYNAMIC) else ""
    return f"{_quoted(column.name, Engine.POSTGRES)} {type_of(Engine.POSTGRES, column)}{collation}"


def _head(engine: Engine, prefix: str, table: Table) -> str:
    name = _name(engine, prefix, table.name)
    if engine is Engine.SPARK and not prefix:
        return f"CREATE OR REPLACE TEMPORARY VIEW {name} AS"
    return f"CREATE OR {'ALTER' if engine is Engine.TSQL else 'REPLACE'} VIEW {name} AS"


def _filled(form: str, table: Table, found: StoredTable, engine: Engine) -> str:
    is_history = table.kind is TableKind.HISTORY
    return (
        form.replace("{location}", found.location.replace("'", "''"))
        .replace("{stored}", f"stored_{table.name.lower()}")
        .replace("{name}", table.name)
        .replace("{partition}", _quoted(DAY.name, engine) if is_history else "")
    )


def _first_label(computer: str, engine: Engine) -> str:
    forms = {
        Engine.TSQL: f"LEFT(LOWER({computer}), CHARINDEX('.', LOWER({computer}) + '.') - 1)",
        Engine.BIGQUERY: f"SPLIT(LOWER({computer}), '.')[OFFSET(0)]",
    }
    return forms.get(engine, f"SPLIT_PART(LOWER({computer}), '.', 1)")


def _table(name: str) -> Table:
    return next(table for table in TABLES if table.name == name)


def _quoted(name: str, engine: Engine) -> str:
    return exp.to_identifier(name, quoted=True).sql(engine.value)


def _name(engine: Engine, prefix: str, table: str) -> str:
    parts = [*(part for part in prefix.split(".") if part), table]
    return ".".join(_quoted(part, engine) for part in parts)


def _comment(engine: Engine) -> str:
    facts = FACTS[engine]
    lines = [f"Patchdeck's tables for {facts.title}. {facts.reaching}", *SOURCES[engine].notes]
    return "\n".join(f"-- {line}" for line in lines)
