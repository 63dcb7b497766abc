"""The types of KQL, and how each is held in DuckDB."""

from enum import Enum


class KqlType(Enum):
    """A scalar type; the value is its name in KQL.

    A string is never null. A datetime is a naive UTC TIMESTAMP of microseconds. A timespan is a whole number of ticks
    of 100 ns, so that it can be divided, binned and summed like one. A guid is lower-case text. A dynamic is JSON.
    """

    BOOL = "bool"
    INT = "int"
    LONG = "long"
    REAL = "real"
    DECIMAL = "decimal"
    STRING = "string"
    DATETIME = "datetime"
    TIMESPAN = "timespan"
    GUID = "guid"
    DYNAMIC = "dynamic"

    @property
    def sql_type(self) -> str:
        """The type of DuckDB that holds it."""
        return _SQL_TYPES[self]

    @property
    def is_number(self) -> bool:
        """Whether one can count with it: int, long, real, decimal."""
        return self in (KqlType.INT, KqlType.LONG, KqlType.REAL, KqlType.DECIMAL)


_SQL_TYPES = {
    KqlType.BOOL: "BOOLEAN",
    KqlType.INT: "INTEGER",
    KqlType.LONG: "BIGINT",
    KqlType.REAL: "DOUBLE",
    KqlType.DECIMAL: "DECIMAL(38, 12)",
    KqlType.STRING: "VARCHAR",
    KqlType.DATETIME: "TIMESTAMP",
    KqlType.TIMESPAN: "BIGINT",
    KqlType.GUID: "VARCHAR",
    KqlType.DYNAMIC: "JSON",
}

TICKS_PER_SECOND = 10_000_000
