"""A table as plain text: columns side by side, as wide as their contents, or fitted to a terminal."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

GAP = "  "
NARROWEST = 6
BOLD = "\x1b[1m"
PLAIN = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of text: its heading and its cells, each one clean line; numbers stand on the right.

    One that ``is_extra`` is left out, the last one first, before any other column is cut.
    """

    title: str
    cells: Sequence[str]
    is_number: bool = False
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class TextTable:
    """The lines of a table, and how many columns at its right end did not fit."""

    lines: tuple[str, ...]
    hidden_columns: int = 0


def lay_out(columns: Sequence[TextColumn], *, width: int | None, bold_heading: bool = False) -> TextTable:
    """The table in at most ``width`` cells; None: as wide as it is, nothing cut.

    First extra columns give way. What is still too wide is taken from the widest columns, whose long cells then end
    with an ellipsis. Where even narrow columns do not fit, those at the right end are left out.
    """
    shown = list(columns)
    widths = [max(map(_width, (column.title, *column.cells))) for column in shown]
    if width is not None:
        _leave_out_extras(shown, widths, width)
        del shown[_fitting(widths, width) :]
        widths = _fit(widths[: len(shown)], width)
    rows = zip(*(column.cells for column in shown), strict=True) if shown else iter(())
    heading = _line([column.title for column in shown], widths, shown)
    lines = [f"{BOLD}{heading}{PLAIN}" if bold_heading else heading]
    lines += (_line(row, widths, shown) for row in rows)
    return TextTable(tuple(lines), len(columns) - len(shown))


def _line(texts: Sequence[str], widths: Sequence[int], columns: Sequence[TextColumn]) -> str:
    return GAP.join(_cells(texts, widths, columns)).rstrip()


def _cells(texts: Sequence[str], widths: Sequence[int], columns: Sequence[TextColumn]) -> Iterator[str]:
    for text, width, column in zip(texts, widths, columns, strict=True):
        cut = _cut(text, width)
        padding = " " * (width - _width(cut))
        yield padding + cut if column.is_number else cut + padding


def _leave_out_extras(columns: list[TextColumn], widths: list[int], width: int) -> None:
    for index in reversed(range(len(columns))):
        if _total(widths) <= width:
            return
        if columns[index].is_extra:
            del columns[index], widths[index]


def _total(widths: Sequence[int]) -> int:
    return sum(widths) + len(GAP) * (len(widths) - 1)


def _fitting(widths: Sequence[int], width: int) -> int:
    """How many columns, from the left, fit when each is as narrow as it may be."""
    needed = -len(GAP)
    for count, natural in enumerate(widths):
        needed += len(GAP) + min(natural, NARROWEST)
        if needed > width:
            return max(count, 1)
    return len(widths)


def _fit(widths: Sequence[int], width: int) -> list[int]:
    fitted = list(widths)
    excess = _total(fitted) - width
    while excess > 0 and max(fitted) > NARROWEST:
        widest = fitted.index(max(fitted))
        fitted[widest] -= 1
        excess -= 1
    return fitted


def _cut(text: str, width: int) -> str:
    if _width(text) <= width:
        return text
    from rich.cells import set_cell_size

    return set_cell_size(text, max(width - 1, 0)) + "…"


def _width(text: str) -> int:
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)
