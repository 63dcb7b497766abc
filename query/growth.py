"""Functions that make a short query huge, with a ceiling.

DuckDB does not count the texts and lists of a running expression against memory_limit, and does not look at interrupts
within it: ``repeat('x', 1e8)`` over a hundred rows took 8 GB, ``range(1e9)`` as much, and neither could be stopped
(measured with 2.0.0). The ceiling is on each value; nothing is cut silently, the query fails. Sources such as
``FROM range(…)`` need none: they come in batches.
"""

from duckdb import DuckDBPyConnection

MAX_CHARACTERS = 100_000
MAX_ITEMS = 1_000_000

_TOO_LONG = f"error('A text may grow to {MAX_CHARACTERS:,} characters, not more.')"
_TOO_MANY = f"error('A list may grow to {MAX_ITEMS:,} items, not more.')"


def create_growth_limits(connection: DuckDBPyConnection) -> None:
    """Shadow the functions whose arguments say how long their result is."""
    for macro in (_REPEAT, _BITSTRING, *map(_pad, ("lpad", "rpad")), *map(_resize, ("array_resize", "list_resize"))):
        connection.execute(macro)
    for name in ("range", "generate_series"):
        connection.execute(_series(name))


def _guarded(value: str, size: str, most: int, failure: str) -> str:
    # The check stands inside the call: around it, constant folding would call first.
    return f"CASE WHEN {size} > {most} THEN {failure} ELSE {value} END"


_REPEAT = (
    "CREATE MACRO repeat(thing, number) AS system.main.repeat(thing, "
    + _guarded("number", "len(thing) * CAST(number AS DOUBLE)", MAX_CHARACTERS, _TOO_LONG)
    + ")"
)
_BITSTRING = (
    "CREATE MACRO bitstring(bits, width) AS system.main.bitstring(bits, "
    + _guarded("width", "width", MAX_CHARACTERS, _TOO_LONG)
    + ")"
)


def _pad(name: str) -> str:
    width = _guarded("width", "width", MAX_CHARACTERS, _TOO_LONG)
    return f"CREATE MACRO {name}(text, width, filler) AS system.main.{name}(text, CAST({width} AS INTEGER), filler)"


def _resize(name: str) -> str:
    size = _guarded("size", "size", MAX_ITEMS, _TOO_MANY)
    return (
        f"CREATE MACRO {name}(list, size) AS system.main.{name}(list, {size}), "
        f"(list, size, filler) AS system.main.{name}(list, {size}, filler)"
    )


def _series(name: str) -> str:
    """A series of numbers or of times: which of them shows in the text of the arguments only."""
    distance = f"abs({_number('stop')} - {_number('start')})"
    numbers = f"{distance} / greatest(abs({_number('step')}), 1)"
    spans = f"abs({_moment('stop')} - {_moment('start')}) / {_span('step')}"
    stop_alone = _guarded("stop", _number("stop"), MAX_ITEMS, _TOO_MANY)
    stop_after = _guarded("stop", distance, MAX_ITEMS, _TOO_MANY)
    stop_by_steps = _guarded("stop", f"coalesce({numbers}, {spans}, 0)", MAX_ITEMS, _TOO_MANY)
    return (
        f"CREATE MACRO {name}(stop) AS system.main.{name}({stop_alone}), "
        f"(start, stop) AS system.main.{name}(start, {stop_after}), "
        f"(start, stop, step) AS system.main.{name}(start, {stop_by_steps}, step)"
    )


def _number(name: str) -> str:
    return f"TRY_CAST(TRY_CAST(CAST({name} AS VARCHAR) AS HUGEINT) AS DOUBLE)"


def _moment(name: str) -> str:
    return f"epoch(TRY_CAST(CAST({name} AS VARCHAR) AS TIMESTAMP))"


def _span(name: str) -> str:
    return f"greatest(abs(epoch(TRY_CAST(CAST({name} AS VARCHAR) AS INTERVAL))), 0.000001)"
