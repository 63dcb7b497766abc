"""Filters as they are typed: ``web fra`` (both), ``!web`` (not), ``os:debian`` and ``!tags:prod`` (in one column)."""

from collections.abc import Sequence
from dataclasses import dataclass

from tui.widgets.rows import Row, TableColumn


@dataclass(frozen=True, slots=True)
class Term:
    """One word of a filter: what must be found, in which column (None: anywhere), or must not be."""

    text: str
    column: int | None = None
    is_inverse: bool = False


def parse_filter(text: str, columns: Sequence[TableColumn]) -> tuple[Term, ...]:
    """The terms of ``text``. A column is named by its name or heading or how that begins, whatever the case.

    A word with a colon that names no column is looked for as it stands.
    """
    return tuple(term for word in text.lower().split() if (term := _parse_term(word, columns)).text)


def joined_text(row: Row) -> str:
    """What a term without column is looked for in: all cells in lower case."""
    return "\n".join(row.cells).lower()


def matching(rows: Sequence[Row], joined: Sequence[str], terms: Sequence[Term]) -> list[int]:
    """The indexes of the rows that every term fits, in order; ``joined`` holds `joined_text` of each row."""
    found: Sequence[int] = range(len(rows))
    for term in terms:
        text, wanted = term.text, not term.is_inverse
        if term.column is None:
            found = [index for index in found if (text in joined[index]) is wanted]
        else:
            column = term.column
            found = [index for index in found if (text in rows[index].cells[column].lower()) is wanted]
    return list(found)


def _parse_term(word: str, columns: Sequence[TableColumn]) -> Term:
    is_inverse = word.startswith("!")
    body = word.removeprefix("!")
    name, colon, value = body.partition(":")
    column = _find_column(name, columns) if colon and name else None
    return Term(value if column is not None else body, column, is_inverse)


def _find_column(name: str, columns: Sequence[TableColumn]) -> int | None:
    names = [(column.name.lower(), column.heading.lower()) for column in columns]
    exact = [index for index, known in enumerate(names) if name in known]
    starting = [index for index, known in enumerate(names) if any(each.startswith(name) for each in known)]
    return next(iter(exact + starting), None)
