"""What most verbs print: rows with named columns, as a table for people or as JSON for programs."""

import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ops.cli.terminal import harmless, say, terminal_width, wants_colours
from ops.cli.text_table import TextColumn, lay_out
from ops.cli.values import as_json, as_text


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name in JSON, its heading in the table (empty: only in JSON), and how its values are shown.

    An extra column gives way on a narrow terminal.
    """

    name: str
    title: str = ""
    show: Callable[[object], str] = as_text
    is_number: bool = False
    is_extra: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Rows of values, one for each column."""

    columns: tuple[Column, ...]
    rows: Sequence[tuple[object, ...]]


def show_listing(listing: Listing, *, as_json_text: bool) -> None:
    """Prints ``listing``: as JSON an array of objects, else a table, fitted to the terminal or in full without one."""
    if as_json_text:
        names = [column.name for column in listing.columns]
        write_json([dict(zip(names, map(as_json, row), strict=True)) for row in listing.rows])
    elif listing.rows:
        _show_table(listing)


def write_json(value: object) -> None:
    """``value`` as JSON on standard output, in ASCII: nothing in it can steer a terminal.

    A list has each of its values on a line of its own; json's encoder for indented text takes ten times as long.
    """
    if isinstance(value, list) and value:
        sys.stdout.write("[\n  " + ",\n  ".join(map(json.dumps, value)) + "\n]\n")
    else:
        sys.stdout.write(json.dumps(value, indent=2) + "\n")


def _show_table(listing: Listing) -> None:
    columns = [
        TextColumn(
            column.title,
            [harmless(column.show(row[index])) for row in listing.rows],
            column.is_number,
            column.is_extra,
        )
        for index, column in enumerate(listing.columns)
        if column.title
    ]
    table = lay_out(columns, width=terminal_width(), bold_heading=wants_colours())
    sys.stdout.writelines(f"{line}\n" for line in table.lines)
    if table.hidden_columns:
        say(f"{table.hidden_columns} more columns do not fit this terminal: widen it, or use --json.")
