"""Functions of times: bins, beginnings and ends of periods, differences, parts."""

from collections.abc import Callable

from query.kql.arithmetic import interval, shifted
from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.types import KqlType

_NOW = Bound("now()", KqlType.DATETIME)
_DAY = 864_000_000_000
# Kusto's bins of times begin with the year 1; those of DuckDB do not, which shows where a size divides no day.
_ORIGIN = "TIMESTAMP '0001-01-01 00:00:00'"
_PARTS = {
    "year": ("year", "to_years"),
    "quarter": ("quarter", "to_quarters"),
    "month": ("month", "to_months"),
    "week": ("week", "to_weeks"),
    "day": ("day", "to_days"),
    "hour": ("hour", "to_hours"),
    "minute": ("minute", "to_minutes"),
    "second": ("second", "to_seconds"),
    "millisecond": ("millisecond", "to_milliseconds"),
    "microsecond": ("microsecond", "to_microseconds"),
    "nanosecond": ("microsecond", "to_microseconds"),
}
_FIELDS = {
    "year": "year({0})",
    "quarter": "quarter({0})",
    "month": "month({0})",
    "week_of_year": "weekofyear({0})",
    "weekofyear": "weekofyear({0})",
    "day": "day({0})",
    "dayofyear": "dayofyear({0})",
    "hour": "hour({0})",
    "minute": "minute({0})",
    "second": "second({0})",
    "millisecond": "epoch_us({0}) // 1000 % 1000",
    "microsecond": "epoch_us({0}) % 1000000",
    "nanosecond": "epoch_us({0}) % 1000000 * 1000",
}


def _now(arguments: Arguments) -> Bound:
    return shifted(_NOW, "+", arguments[0]) if len(arguments) else _NOW


def _ago(arguments: Arguments) -> Bound:
    return shifted(_NOW, "-", arguments[0])


def bin_of_time(moment: Bound, size: Bound, origin: str = "") -> Bound:
    """A datetime rounded down to a multiple of a timespan, counted from ``origin`` or from the year 1."""
    ticks = size.literal if size.is_literal and isinstance(size.literal, int) else 0
    if ticks <= 0:
        sql = f"kql_bin_time({moment.sql}, {size.sql}, {origin or _ORIGIN})"
    elif ticks == _DAY and not origin:
        sql = f"date_trunc('day', {moment.sql})"
    elif ticks < 10:
        sql = moment.sql
    else:
        base = f", {origin}" if origin else "" if _DAY % ticks == 0 else f", {_ORIGIN}"
        sql = f"time_bucket({interval(ticks)}, {moment.sql}{base})"
    return Bound(sql, KqlType.DATETIME)


def _start(part: str, offset: str) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        return Bound(_start_of(part, offset, arguments, ""), KqlType.DATETIME, is_atom=False, is_arithmetic=True)

    return write


def _start_of(part: str, offset: str, arguments: Arguments, more: str) -> str:
    moment = arguments[0]
    if part == "week":
        # A week begins on Sunday in Kusto, on Monday in DuckDB.
        sql = f"date_trunc('week', {moment.compared} + INTERVAL '1 day') - INTERVAL '1 day'"
    else:
        sql = f"date_trunc('{part}', {moment.sql})"
    count = arguments[1].sql if len(arguments) > 1 else ""
    count = f"{count} + 1" if count and more else count or more
    return f"{sql} + {offset}(CAST({count} AS INTEGER))" if count else sql


def _end(part: str, offset: str) -> Callable[[Arguments], Bound]:
    def write(arguments: Arguments) -> Bound:
        # Kusto's last tick is 100 ns before the next period; DuckDB's last microsecond comes closest.
        sql = f"{_start_of(part, offset, arguments, '1')} - INTERVAL '1 microsecond'"
        return Bound(sql, KqlType.DATETIME, is_atom=False, is_arithmetic=True)

    return write


def _part(arguments: Arguments, index: int = 0) -> str:
    name = arguments.text(index).lower()
    if name not in _PARTS:
        raise arguments.problem(index, f"{name!r} is no part of a time: {', '.join(_PARTS)} are.")
    return name


def _datetime_add(arguments: Arguments) -> Bound:
    part, count = _part(arguments), arguments[1].operand
    amount = f"{count} // 1000" if part == "nanosecond" else f"CAST({count} AS INTEGER)"
    amount = f"CAST({count} AS BIGINT)" if part in ("microsecond", "millisecond", "second") else amount
    sql = f"{arguments[2].compared} + {_PARTS[part][1]}({amount})"
    return Bound(sql, KqlType.DATETIME, is_atom=False, is_arithmetic=True)


def _datetime_diff(arguments: Arguments) -> Bound:
    """How many boundaries lie between: DuckDB's date_diff counts alike, from the earlier to the later."""
    part, later, earlier = _part(arguments), arguments[1], arguments[2]
    unit = _PARTS[part][0]
    if part == "week":
        first, last = (f"date_trunc('week', {end.compared} + INTERVAL '1 day')" for end in (earlier, later))
        return Bound(f"date_diff('day', {first}, {last}) // 7", KqlType.LONG, is_atom=False, is_arithmetic=True)
    sql = f"date_diff('{unit}', {earlier.sql}, {later.sql})"
    if part == "nanosecond":
        return Bound(f"{sql} * 1000", KqlType.LONG, is_atom=False, is_arithmetic=True)
    return Bound(sql, KqlType.LONG)


def _datetime_part(arguments: Arguments) -> Bound:
    name = arguments.text(0).lower()
    if name not in _FIELDS:
        raise arguments.problem(0, f"{name!r} is no part of a time: {', '.join(_FIELDS)} are.")
    sql = f"CAST({_FIELDS[name].format(arguments[1].sql)} AS INTEGER)"
    return Bound(sql, KqlType.INT)


def _make_datetime(arguments: Arguments) -> Bound:
    if len(arguments) in (2, 4):
        raise KqlProblem(
            "make_datetime() takes 3, 5 or 6 numbers: year, month, day, hour, minute, second.", arguments.span
        )
    parts = [value.sql for value in arguments.values]
    parts += ["1", "1", "0", "0", "0"][len(parts) - 1 :]
    if len(arguments) == 6 and arguments[5].type not in (KqlType.INT, KqlType.LONG):
        # What is below a microsecond is cut, not rounded.
        parts[5] = f"trunc(CAST({parts[5]} AS DECIMAL(18, 7)) * 1000000) / 1000000"
    return Bound(f"TRY(make_timestamp({', '.join(parts)}))", KqlType.DATETIME)


def _make_timespan(arguments: Arguments) -> Bound:
    parts = [value.operand for value in arguments.values]
    days, rest = (parts[0], parts[1:]) if len(parts) == 4 else ("0", parts)
    hours, minutes, seconds = (*rest, "0")[:3]
    sql = (
        f"if({hours} BETWEEN 0 AND 23 AND {minutes} BETWEEN 0 AND 59 AND {seconds} >= 0 AND {seconds} < 60, "
        f"CAST((({days}::BIGINT * 24 + {hours}) * 60 + {minutes}) * 600000000 + {seconds} * 10000000 AS BIGINT), NULL)"
    )
    return Bound(sql, KqlType.TIMESPAN)


def _period(part: str, unit: str) -> tuple[Function, Function]:
    return (
        Function(
            f"startof{part}(date: datetime, [offset: whole]): datetime",
            f"The beginning of the {part}, or of that many {part}s later.",
            _start(part, unit),
            keeps_name=part == "day",
        ),
        Function(
            f"endof{part}(date: datetime, [offset: whole]): datetime",
            f"The last moment of the {part}, or of that many {part}s later.",
            _end(part, unit),
        ),
    )


def _field(name: str, field: str, *aliases: str) -> Function:
    return Function(
        f"{name}(date: datetime): int",
        f"The {field.replace('_', ' ')} of a time.",
        _FIELDS[field].format("{date}"),
        aliases,
    )


def _unix(unit: str, ticks: str) -> Function:
    def write(arguments: Arguments) -> Bound:
        count = arguments[0]
        exact = f"{count.operand}::HUGEINT" if count.type in (KqlType.INT, KqlType.LONG) else count.operand
        scaled = f"{exact} // 100" if unit == "nanosecond" else f"{exact} * {ticks}"
        return Bound(f"kql_moment(TRY_CAST({scaled} AS BIGINT) + 621355968000000000)", KqlType.DATETIME)

    text = f"unixtime_{unit}s_todatetime(count: number): datetime"
    return Function(text, f"The time so many {unit}s after the beginning of 1970.", write)


TIMES = (
    Function("now([offset: timespan]): datetime", "The time of the query, UTC.", _now),
    Function("ago(span: timespan): datetime", "The time of the query less a timespan.", _ago),
    *_period("day", "to_days"),
    *_period("week", "to_weeks"),
    *_period("month", "to_months"),
    *_period("year", "to_years"),
    Function(
        "datetime_add(part: string, count: whole, date: datetime): datetime",
        "A time so many years, months, days, hours, … later.",
        _datetime_add,
    ),
    Function(
        "datetime_diff(part: string, later: datetime, earlier: datetime): long",
        "How many boundaries of years, months, days, hours, … lie between two times.",
        _datetime_diff,
    ),
    Function(
        "datetime_part(part: string, date: datetime): int",
        "The year, month, day, hour, … of a time.",
        _datetime_part,
        ("datepart",),
    ),
    Function(
        "dayofweek(date: datetime): timespan",
        "The days since Sunday, as a timespan.",
        "dayofweek({date}) * 864000000000",
    ),
    _field("dayofmonth", "day"),
    _field("dayofyear", "dayofyear"),
    _field("hourofday", "hour"),
    _field("monthofyear", "month", "getmonth"),
    _field("getyear", "year"),
    _field("week_of_year", "week_of_year", "weekofyear"),
    Function(
        "make_datetime(year: whole, [month: whole], [day: whole], [hour: whole], [minute: whole], [second: number])"
        ": datetime",
        "A time of its parts; null where there is no such time.",
        _make_datetime,
    ),
    Function(
        "make_timespan(days_or_hours: whole, hours_or_minutes: whole, [minutes_or_seconds: number], [seconds: number])"
        ": timespan",
        "A timespan of hours, minutes and seconds, or of days, hours, minutes and seconds.",
        _make_timespan,
    ),
    _unix("second", "10000000"),
    _unix("millisecond", "10000"),
    _unix("microsecond", "10"),
    _unix("nanosecond", ""),
    Function(
        "datetime_utc_to_local(date: datetime, timezone: string): datetime",
        "A time of UTC as the clocks of a time zone show it.",
        "timezone({timezone}, timezone('UTC', {date}))",
    ),
    Function(
        "datetime_local_to_utc(date: datetime, timezone: string): datetime",
        "What the clocks of a time zone show as a time of UTC.",
        "timezone('UTC', timezone({timezone}, {date}))",
    ),
)
