"""Filters as they are typed: words that must all be found, and what each may say.

``web fra`` both; ``!web`` not; ``"two words"`` as they stand; ``~wbf`` letters in this order within one cell;
``os:debian`` in one column; ``missing:>10``, ``assessed:>7d``, ``size:<=1.5GiB`` by amount, ``version:>3.5`` as such,
``severity:>=important``, ``assessed:<2026-11-01``; ``tags:=`` nothing there;
``! web fra``, with a space, turns the whole round. Nothing here knows a screen.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import compress, islice
from typing import Protocol

from fleet.errors import nearest_name
from tui.completing import Offers, offers_of
from tui.widgets.amounts import Comparison, amount_of, compare_cells
from tui.widgets.rows import Row, TableColumn

_COMPARISONS = (">=", "<=", ">", "<", "=")
# A word that can only be meant as the name of a column; `http://x` and `2:1.0-3` are looked for as they stand.
_NAME = re.compile(r"[a-z_][a-z_ -]*")


# Rows whose values are offered; those of more would only be a longer list.
_MOST_LOOKED_AT = 10_000


class HasCells(Protocol):
    """What a table holds, as far as its filter asks."""

    @property
    def columns(self) -> Sequence[TableColumn]:
        """Its columns."""
        ...

    @property
    def rows(self) -> Sequence[Row]:
        """Its rows."""
        ...


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter: what must be found, in which column (None: anywhere), how, or must not be."""

    text: str
    column: int | None = None
    is_inverse: bool = False
    comparison: Comparison | None = None
    is_fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Filter:
    """All terms must fit; where it ``is_inverse``, the rows are shown that they do not all fit."""

    terms: tuple[Term, ...] = ()
    is_inverse: bool = False


def parse_filter(text: str, columns: Sequence[TableColumn]) -> Filter:
    """What ``text`` means. A column is named by its name or heading or how that begins, whatever the case.

    A word with a colon that names no column is looked for as it stands; `filter_mistake` tells of it.
    """
    is_inverse = text.lstrip().startswith("! ")
    words = _words(text.lstrip().removeprefix("!") if is_inverse else text)
    terms = tuple(term for word in words if _says_something(term := _parse_term(word, columns)))
    return Filter(terms, is_inverse and bool(terms))


def filter_mistake(text: str, columns: Sequence[TableColumn]) -> str:
    """What is wrong with the first word of ``text`` that cannot be meant so: it names no column, or asks for more or
    less than what is no amount. Empty: nothing.
    """
    for word in _words(text):
        name, colon, value = word.lstrip("!").partition(":")
        if not colon or not _NAME.fullmatch(name) or value.startswith("//"):
            continue
        column = _find_column(name, columns)
        if column is None:
            nearest = nearest_name(name, [each.name for each in columns])
            return f"no column {name}" + (
                f", {nearest}?" if nearest else f": {', '.join(each.name for each in columns)}"
            )
        wanted = value.lstrip("<>=")
        if value[:1] in "<>" and wanted and columns[column].is_number and amount_of(wanted) is None:
            return f"{columns[column].name}: {wanted} is no number"
    return ""


def filter_offers(text: str, contents: "HasCells") -> Offers:
    """What may complete the last word of ``text``: a column, else a value that stands in the column that it names."""
    start = _start_of_last_word(text)
    start += len(text[start:]) - len(text[start:].lstrip("!"))
    name, colon, _ = text[start:].partition(":")
    column = _find_column(name.lower(), contents.columns) if colon and name else None
    if column is None:
        return offers_of(text, start, [f"{each.name}:" for each in contents.columns])
    start += len(name) + 1
    values = dict.fromkeys(row.cells[column] for row in islice(contents.rows, _MOST_LOOKED_AT))
    quote = text[start : start + 1] == '"'
    offers = offers_of(text, start + quote, sorted(value for value in values if value and '"' not in value))
    words = tuple(f'"{value}"' if quote or " " in value else value for value in offers.words)
    common = offers.common if quote else offers.common.partition(" ")[0]
    return Offers(start, words, f'"{common}' if quote else common)


def _start_of_last_word(text: str) -> int:
    start, is_quoted = 0, False
    for number, character in enumerate(text):
        is_quoted ^= character == '"'
        if character == " " and not is_quoted:
            start = number + 1
    return start


def joined_text(row: Row) -> str:
    """What a term without column is looked for in: all cells in lower case."""
    return "\n".join(row.cells).lower()


def matching(rows: Sequence[Row], joined: Sequence[str], wanted: Filter, now: datetime | None = None) -> list[int]:
    """The indexes of the rows that ``wanted`` lets through, in order; ``joined`` holds `joined_text` of each row.

    Ages and times are compared with each other where ``now`` is known.
    """
    found: Sequence[int] = range(len(rows))
    for term in wanted.terms:
        found = _fitting(found, rows, joined, term, now)
    if not wanted.is_inverse:
        return list(found)
    left_out = set(found)
    return [index for index in range(len(rows)) if index not in left_out]


def _fitting(
    found: Sequence[int], rows: Sequence[Row], joined: Sequence[str], term: Term, now: datetime | None
) -> Sequence[int]:
    text, column = term.text, term.column
    if term.comparison is not None and column is not None:
        cells = [rows[index].cells[column] for index in found]
        fitting = list(compress(found, compare_cells(cells, term.comparison, text, now)))
    elif term.is_fuzzy:
        fitting = _fuzzy(found, rows, joined, term)
    else:
        fitting = [index for index in found if text in joined[index]]
        if column is not None:
            fitting = [index for index in fitting if text in rows[index].cells[column].lower()]
    if not term.is_inverse:
        return fitting
    left_out = set(fitting)
    return [index for index in found if index not in left_out]


def _fuzzy(found: Sequence[int], rows: Sequence[Row], joined: Sequence[str], term: Term) -> list[int]:
    search = _letters_in_order(term.text).search
    last, column = term.text[-1], term.column
    likely = [index for index in found if last in joined[index]]
    if column is None:
        return [index for index in likely if search(joined[index])]
    return [index for index in likely if search(rows[index].cells[column].lower())]


def _letters_in_order(text: str) -> re.Pattern[str]:
    """Finds the letters of ``text`` in this order on one line; possessive, so that nothing is tried twice."""
    first, rest = text[0], text[1:]
    return re.compile(re.escape(first) + "".join(rf"[^{re.escape(letter)}\n]*+{re.escape(letter)}" for letter in rest))


def _says_something(term: Term) -> bool:
    return bool(term.text) or term.comparison is Comparison.IS


def _words(text: str) -> list[str]:
    """The words of ``text`` in lower case; what stands in quotes is one, and so is what has such at its end."""
    words, word, is_quoted = [], "", False
    for character in text.lower():
        if character == '"' and (is_quoted or not word or word[-1] in "!~:=<>"):
            is_quoted = not is_quoted
        elif character.isspace() and not is_quoted:
            words.append(word)
            word = ""
        else:
            word += character
    return [each for each in (*words, word) if each]


def _parse_term(word: str, columns: Sequence[TableColumn]) -> Term:
    is_inverse = word.startswith("!")
    body = word.removeprefix("!")
    name, colon, value = body.partition(":")
    column = _find_column(name, columns) if colon and name else None
    value = value if column is not None else body
    sign = next((each for each in _COMPARISONS if value.startswith(each)), None) if column is not None else None
    if sign is not None:
        return Term(value.removeprefix(sign), column, is_inverse, Comparison(sign))
    return Term(value.removeprefix("~"), column, is_inverse, is_fuzzy=value.startswith("~") and len(value) > 1)


def _find_column(name: str, columns: Sequence[TableColumn]) -> int | None:
    names = [(column.name.lower(), column.heading.lower()) for column in columns]
    exact = [index for index, known in enumerate(names) if name in known]
    starting = [index for index, known in enumerate(names) if any(each.startswith(name) for each in known)]
    return next(iter(exact + starting), None)
