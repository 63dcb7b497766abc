"""The clock of a query: one instant, whatever function asks for the time.

Macros shadow DuckDB's own functions. So ``now()`` is a plain UTC TIMESTAMP like every time in the tables: comparing the
two needs no time zone, and a pinned engine (the demo, tests, ``--now``) answers as of its instant.
"""

from datetime import UTC, datetime

from duckdb import DuckDBPyConnection

_VARIABLE = "patchdeck_now"
_INSTANT = f"getvariable('{_VARIABLE}')"
_MOMENTS = (
    "now",
    "current_timestamp",
    "get_current_timestamp",
    "transaction_timestamp",
    "localtimestamp",
    "current_localtimestamp",
)
_DAYS = ("current_date", "today")
_TIMES = ("current_time", "get_current_time", "localtime", "current_localtime")

CLOCK_FUNCTIONS = frozenset((*_MOMENTS, *_DAYS, *_TIMES, "ago", "age"))


def create_clock(connection: DuckDBPyConnection) -> None:
    """Shadow the functions that tell the time, for every connection to this database."""
    for names, type_ in ((_MOMENTS, "TIMESTAMP"), (_DAYS, "DATE"), (_TIMES, "TIME")):
        for name in names:
            connection.execute(f"CREATE MACRO {name}() AS CAST({_INSTANT} AS {type_})")
    connection.execute(f"CREATE MACRO ago(span) AS CAST({_INSTANT} AS TIMESTAMP) - span")
    # DuckDB's age of one argument counts from midnight of today.
    today = f"CAST(CAST({_INSTANT} AS DATE) AS TIMESTAMP)"
    connection.execute(
        "CREATE MACRO age(moment) AS system.main.age(" + today + ", CAST(moment AS TIMESTAMP)), "
        "(later, earlier) AS system.main.age(CAST(later AS TIMESTAMP), CAST(earlier AS TIMESTAMP))"
    )


def set_clock(connection: DuckDBPyConnection, now: datetime) -> None:
    """Make ``now``, an aware time, the time of this connection."""
    moment = now.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ")
    connection.execute(f"SET VARIABLE {_VARIABLE} = TIMESTAMP '{moment}'")
