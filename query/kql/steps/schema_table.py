"""``getschema``: the columns of the rows as rows."""

from query.kql import tree
from query.kql.definitions import Context
from query.kql.literals_in_sql import quoted as text
from query.kql.names import quoted
from query.kql.program import select
from query.kql.rows import OrderKey, Rows, columns_of
from query.kql.types import KqlType

# The names of .NET, which Kusto shows.
_DATA_TYPES = {
    KqlType.BOOL: "System.SByte",
    KqlType.INT: "System.Int32",
    KqlType.LONG: "System.Int64",
    KqlType.REAL: "System.Double",
    KqlType.DECIMAL: "System.Data.SqlTypes.SqlDecimal",
    KqlType.STRING: "System.String",
    KqlType.DATETIME: "System.DateTime",
    KqlType.TIMESPAN: "System.TimeSpan",
    KqlType.GUID: "System.Guid",
    KqlType.DYNAMIC: "System.Object",
}


def bind_getschema(context: Context, rows: Rows, step: tree.GetSchema) -> Rows:
    """``getschema``."""
    columns = columns_of(
        [
            ("ColumnName", KqlType.STRING),
            ("ColumnOrdinal", KqlType.LONG),
            ("DataType", KqlType.STRING),
            ("ColumnType", KqlType.STRING),
        ]
    )
    lines = [
        f"  ({text(one.name, step.span)}, {place}, '{_DATA_TYPES[one.type]}', '{one.type.value}'),"
        for place, one in enumerate(rows.columns)
    ]
    names = ", ".join(quoted(column.sql_name) for column in columns)
    body = [*select(["*"], "(VALUES"), *lines[:-1], lines[-1].removesuffix(","), f") AS described ({names})"]
    order = (OrderKey(columns[1], is_ascending=True, nulls_first=False),)
    return Rows(context.program.add("described", body, step.span), columns, order=order)
