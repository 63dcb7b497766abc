"""The lines of text that show a chart: bars, lines, sparklines. Every colour has a letter or a name beside it."""

import math
from collections.abc import Sequence

from rich.cells import cell_len

from tui.charts.plan import ChartData, Series
from tui.charts.scale import bounds, short_number
from tui.tones import Tone
from tui.widgets.line import Piece, cut_to_cells

Lines = list[list[Piece]]

_TONES = (Tone.ACCENT, Tone.GOOD, Tone.PENDING, Tone.REBOOT, Tone.BAD, Tone.STRONG)
_LETTERS = "abcdef"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_LEVELS = "▁▂▃▄▅▆▇█"
# Braille: the bit of each dot, by column and by row from the top.
_DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
_BRAILLE = 0x2800


def draw_chart(kind: str, data: ChartData, width: int, height: int) -> Lines:
    """The chart in at most ``height`` lines of ``width`` cells."""
    if not data.series or not data.labels:
        return [[Piece("There is nothing to draw: no row has a number.", Tone.DIM)]]
    draw = {"line": _draw_lines, "sparkline": _draw_sparklines}.get(kind, _draw_bars)
    return draw(data, max(20, width), max(4, height))[:height]


def _legend(data: ChartData, width: int) -> list[Piece]:
    pieces: list[Piece] = []
    for number, series in enumerate(data.series):
        unit = _unit(data, number)
        name = cut_to_cells(series.name, max(8, width // len(data.series) - 6))
        pieces.append(Piece(f"{_LETTERS[number]} ", _TONES[number]))
        pieces.append(Piece(f"{name}{f' [{unit}]' if unit else ''}   "))
    note = ("the first rows only",) if data.is_cut else ()
    return [*pieces, *(Piece(text, Tone.PENDING) for text in note)]


def _unit(data: ChartData, number: int) -> str:
    return data.units[number] if number < len(data.units) else (data.units[0] if data.units else "")


# Bars


def _draw_bars(data: ChartData, width: int, height: int) -> Lines:
    values = [value for series in data.series for value in series.points.values()]
    low, high = min(0.0, *values), max(0.0, *values)
    high = high if high > low else 1.0  # all are zero
    texts = [short_number(value) for value in values]
    room_for_value = max(map(len, texts)) + 1
    room_for_label = min(max(map(cell_len, data.labels)), max(8, width // 3))
    room = max(4, width - room_for_label - room_for_value - 4)
    lines: Lines = [_legend(data, width)]
    places = max(1, (height - 2) // len(data.series))
    for place, label in enumerate(data.labels[:places]):
        for number, series in enumerate(data.series):
            shown = label if not number else ""
            value = series.points.get(place)
            lines.append(_bar(shown, number, value, (low, high), (room_for_label, room)))
    left = len(data.labels) - places
    lines.append(
        [Piece(f"… and {left:,} more; c shows the table", Tone.PENDING)] if left > 0 else _bar_axis(data, low, high)
    )
    return lines


def _bar(
    label: str, number: int, value: float | None, scale: tuple[float, float], rooms: tuple[int, int]
) -> list[Piece]:
    for_label, room = rooms
    low, high = scale
    cut = cut_to_cells(label, for_label)
    head = " " * (for_label - cell_len(cut)) + cut
    letter = Piece(f" {_LETTERS[number]}", _TONES[number])
    # What is below zero goes to the left of the line, which stands at zero.
    for_negative = round(room * -low / (high - low))
    if value is None or not math.isfinite(value):
        return [Piece(head), letter, Piece(" " * for_negative + "▕ no value", Tone.DIM)]
    text = f" {short_number(value)}"
    if value < 0:
        cells = max(1, round(for_negative * value / low))
        before = " " * (for_negative - cells)
        return [Piece(head), letter, Piece(before + "█" * cells, _TONES[number]), Piece("▕", Tone.DIM), Piece(text)]
    eighths = round((room - for_negative) * 8 * value / high) if high else 0
    bar = "█" * (eighths // 8) + (_EIGHTHS[eighths % 8] if eighths % 8 else "")
    return [Piece(head), letter, Piece(" " * for_negative + "▕", Tone.DIM), Piece(bar, _TONES[number]), Piece(text)]


def _bar_axis(data: ChartData, low: float, high: float) -> list[Piece]:
    return [Piece(f"{data.along} down, {short_number(low)} to {short_number(high)} across", Tone.DIM)]


# Lines


def _draw_lines(data: ChartData, width: int, height: int) -> Lines:
    low, high = bounds([value for series in data.series for value in series.points.values()])
    edge = max(len(short_number(value)) for value in (low, high, (low + high) / 2)) + 1
    columns, rows = max(8, width - edge - 2), max(2, height - 3)
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for number, series in enumerate(data.series):
        for part in data.unbroken(series):
            _plot(cells, number, _dots(part, data.positions, columns, rows, (low, high)))
    ends = {_end_cell(series, data.positions, columns, rows, (low, high)): n for n, series in enumerate(data.series)}
    lines: Lines = [_legend(data, width)]
    for row in range(rows):
        value = {0: high, rows // 2: (low + high) / 2, rows - 1: low}.get(row)
        label = short_number(value) if value is not None else ""
        lines.append([Piece(label.rjust(edge), Tone.DIM), Piece("┤" if label else "│", Tone.DIM)])
        lines[-1] += _row_of_cells(cells, ends, row, columns)
    lines.append([Piece(" " * edge + "└" + "─" * columns, Tone.DIM)])
    lines.append([Piece(" " * (edge + 1) + _labels_below(data, columns), Tone.DIM)])
    return lines


def _dots(
    series: Series, places: Sequence[float], columns: int, rows: int, scale: tuple[float, float]
) -> list[tuple[int, int]]:
    low, high = scale
    span = high - low or 1.0
    return [
        (round(places[place] * (columns * 2 - 1)), round((high - value) / span * (rows * 4 - 1)))
        for place, value in sorted(series.points.items())
        if math.isfinite(value)
    ]


def _plot(cells: dict[tuple[int, int], tuple[int, int]], number: int, dots: list[tuple[int, int]]) -> None:
    """Draws through ``dots``; where lines of two series share a cell, the later one has its colour."""
    for (x, y), (next_x, next_y) in zip(dots, dots[1:] or dots, strict=False):
        steps = max(abs(next_x - x), abs(next_y - y), 1)
        for step in range(steps + 1):
            dot_x, dot_y = x + (next_x - x) * step // steps, y + (next_y - y) * step // steps
            cell = (dot_y // 4, dot_x // 2)
            bits, _ = cells.get(cell, (0, number))
            cells[cell] = (bits | _DOTS[dot_x % 2][dot_y % 4], number)


def _end_cell(
    series: Series, places: Sequence[float], columns: int, rows: int, scale: tuple[float, float]
) -> tuple[int, int] | None:
    dots = _dots(series, places, columns, rows, scale)
    return (dots[-1][1] // 4, dots[-1][0] // 2) if dots else None


def _row_of_cells(
    cells: dict[tuple[int, int], tuple[int, int]], ends: dict[tuple[int, int] | None, int], row: int, columns: int
) -> list[Piece]:
    pieces: list[Piece] = []
    for column in range(columns):
        if (row, column) in ends:
            number = ends[row, column]
            text, tone = _LETTERS[number], _TONES[number]
        elif (row, column) in cells:
            bits, number = cells[row, column]
            text, tone = chr(_BRAILLE + bits), _TONES[number]
        else:
            text, tone = " ", Tone.NORMAL
        if pieces and pieces[-1].tone == tone:
            pieces[-1] = Piece(pieces[-1].text + text, tone)
        else:
            pieces.append(Piece(text, tone))
    return pieces


def _labels_below(data: ChartData, columns: int) -> str:
    first, last = data.labels[0], data.labels[-1]
    if len(data.labels) == 1:
        return cut_to_cells(f"{first}  ({data.along})", columns)
    room = (columns - len(data.along) - 4) // 2
    first, last = cut_to_cells(first, room), cut_to_cells(last, room)
    middle = f"({data.along})".center(max(0, columns - cell_len(first) - cell_len(last)))
    return first + middle + last


# Sparklines


def _draw_sparklines(data: ChartData, width: int, height: int) -> Lines:
    room_for_name = min(max(cell_len(series.name) for series in data.series), width // 3)
    lines: Lines = []
    for number, series in enumerate(data.series):
        values = [value for _, value in sorted(series.points.items()) if math.isfinite(value)]
        if not values:
            continue
        unit = _unit(data, number)
        tail = f" {short_number(values[-1])}{f' {unit}' if unit else ''}"
        range_text = f"  ({short_number(min(values))} to {short_number(max(values))})"
        room = max(4, width - room_for_name - len(tail) - len(range_text) - 2)
        name = cut_to_cells(series.name, room_for_name)
        name += " " * (room_for_name - cell_len(name) + 1)
        lines.append(
            [
                Piece(name),
                Piece(_spark([series.points.get(place) for place in range(len(data.labels))], room), _TONES[number]),
                Piece(tail, Tone.STRONG),
                Piece(range_text, Tone.DIM),
            ]
        )
    span = f"{data.labels[0]} to {data.labels[-1]}"
    return [*lines[: height - 1], [Piece(f"{data.along}: {span}", Tone.DIM)]]


def _spark(values: Sequence[float | None], room: int) -> str:
    """``values`` as blocks of eight heights, a space for none; of several that share a cell the highest is shown."""
    cells = min(room, len(values))
    groups = [values[cell * len(values) // cells : (cell + 1) * len(values) // cells] for cell in range(cells)]
    tops = [max((value for value in group if value is not None), default=None) for group in groups]
    known = [value for value in values if value is not None]
    low, high = min(0.0, *known), max(known)
    span = high - low or 1.0
    return "".join(" " if top is None else _LEVELS[min(7, int((top - low) / span * 7.999))] for top in tops)
