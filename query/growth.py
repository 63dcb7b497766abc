"""Functions that turn a short text into a huge one, with a ceiling.

DuckDB does not count the texts of a running expression against memory_limit: ``repeat('x', 1e8)`` over a hundred rows
took 8 GB and could not be interrupted (measured with 2.0.0). The ceiling is on each value; a result is never cut
silently, the query fails.
"""

from duckdb import DuckDBPyConnection

MAX_GROWN_CHARACTERS = 100_000
_TOO_LONG = f"error('A text may grow to {MAX_GROWN_CHARACTERS:,} characters, not more.')"


def create_growth_limits(connection: DuckDBPyConnection) -> None:
    """Shadow ``repeat``, ``lpad`` and ``rpad``; lists are left to memory_limit, which counts them."""
    # The check guards the argument: as a CASE around the call, constant folding would call first.
    count = f"CASE WHEN len(thing) * number > {MAX_GROWN_CHARACTERS} THEN {_TOO_LONG} ELSE number END"
    connection.execute(f"CREATE MACRO repeat(thing, number) AS system.main.repeat(thing, {count})")
    width = f"CASE WHEN width > {MAX_GROWN_CHARACTERS} THEN {_TOO_LONG} ELSE width END"
    for name in ("lpad", "rpad"):
        connection.execute(
            f"CREATE MACRO {name}(text, width, filler) AS system.main.{name}(text, CAST({width} AS INTEGER), filler)"
        )
