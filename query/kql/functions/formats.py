"""Times and timespans as text, by a format in KQL's letters."""

import re

from query.kql.bound import Bound
from query.kql.functions.function import Function
from query.kql.literals_in_sql import quoted
from query.kql.signature import Arguments
from query.kql.types import KqlType

_LETTERS = re.compile(r"y+|M+|d+|H+|h+|m+|s+|f+|F+|t+|[^A-Za-z'\"\\%]|T|Z")
_MOMENT = {
    "yyyy": "%Y", "yy": "%y", "y": "%-y", "MM": "%m", "M": "%-m", "MMM": "%b", "MMMM": "%B", "dd": "%d", "d": "%-d",
    "ddd": "%a", "dddd": "%A", "HH": "%H", "H": "%-H", "hh": "%I", "h": "%-I", "mm": "%M", "m": "%-M", "ss": "%S",
    "s": "%-S", "tt": "%p",
}  # fmt: skip
_SPAN = {"H": (36_000_000_000, 24), "h": (36_000_000_000, 24), "m": (600_000_000, 60), "s": (10_000_000, 60)}
_MOST_DIGITS = 7


def _format_datetime(arguments: Arguments) -> Bound:
    moment, pieces, plain = arguments[0].sql, [], ""
    for letters in _split(arguments):
        if letters[0] in "fF":
            pieces += [_strftime(moment, plain, arguments), _fraction(f"strftime({moment}, '%f') || '0'", letters)]
            plain = ""
        else:
            plain += _MOMENT.get(letters, letters)
    pieces.append(_strftime(moment, plain, arguments))
    sql = " || ".join(piece for piece in pieces if piece)
    return Bound(f"coalesce({sql or quoted('', arguments.span)}, '')", KqlType.STRING)


def _strftime(moment: str, plain: str, arguments: Arguments) -> str:
    if not plain:
        return ""
    return f"strftime({moment}, {quoted(plain, arguments.span)})" if "%" in plain else quoted(plain, arguments.span)


def _fraction(digits: str, letters: str) -> str:
    cut = f"left({digits}, {len(letters)})"
    return cut if letters[0] == "f" else f"rtrim({cut}, '0')"


def _format_timespan(arguments: Arguments) -> Bound:
    ticks, pieces = f"abs({arguments[0].sql})", []
    for letters in _split(arguments):
        if letters[0] == "d":
            pieces.append(_padded(f"{ticks} // 864000000000", len(letters)))
        elif letters[0] in _SPAN:
            size, modulus = _SPAN[letters[0]]
            width = "" if len(letters) == 1 else f", {len(letters)}, '0')"
            number = f"CAST({ticks} // {size} % {modulus} AS VARCHAR)"
            pieces.append(f"lpad({number}{width}" if width else number)
        elif letters[0] in "fF":
            pieces.append(_fraction(f"lpad(CAST({ticks} % 10000000 AS VARCHAR), 7, '0')", letters))
        else:
            pieces.append(quoted(letters, arguments.span))
    sql = " || ".join(pieces)
    return Bound(f"coalesce({sql or quoted('', arguments.span)}, '')", KqlType.STRING)


def _padded(number: str, width: int) -> str:
    if width == 1:
        return f"CAST({number} AS VARCHAR)"
    return (
        f"if({number} < {10 ** (width - 1)}, lpad(CAST({number} AS VARCHAR), {width}, '0'), CAST({number} AS VARCHAR))"
    )


def _split(arguments: Arguments) -> list[str]:
    """The runs of letters and the marks between them.

    Raises:
        KqlProblem: a letter has no meaning.
    """
    text, is_span = arguments.text(1), arguments[0].type is KqlType.TIMESPAN
    found = _LETTERS.findall(text)
    for letters in found:
        known = letters in _MOMENT or (letters[0] in "fF" and len(letters) <= _MOST_DIGITS) or not letters.isalpha()
        if is_span:
            known = letters[0] in "dHhmsfF" or not letters.isalpha()
        if not (known or letters in "TZ"):
            raise arguments.problem(1, f"{letters!r} is no part of a format: yyyy MM dd HH hh mm ss fff tt are.")
    if "".join(found) != text:
        raise arguments.problem(1, "the format has letters without a meaning: yyyy MM dd HH hh mm ss fff tt have one.")
    return found


FORMATS = (
    Function(
        "format_datetime(date: datetime, format: string): string",
        "A time as text: yyyy-MM-dd HH:mm:ss.fff and their like.",
        _format_datetime,
        keeps_name=True,
    ),
    Function(
        "format_timespan(span: timespan, format: string): string",
        "A timespan as text: d.HH:mm:ss.fff and their like.",
        _format_timespan,
        keeps_name=True,
    ),
)
