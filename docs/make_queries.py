"""Makes docs/queries.md from the predefined queries in query/library; run by docs/make_all.py."""

from itertools import groupby
from pathlib import Path

from query.library import SavedQuery, find_queries

PAGE = Path(__file__).with_name("queries.md")

_INTRODUCTION = """\
<!-- Made by docs/make_queries.py from query/library: do not edit. -->

# Predefined queries

    patchdeck queries list
    patchdeck query --name not-assessed --param hours=48
    patchdeck query --name missing-updates --format csv -o missing.csv

Each is one SELECT in DuckDB's SQL over the [record tables](tables.md), and a starting point: `patchdeck queries show`
prints it. A file `queries/NAME.sql` in the home, with the same kind of header, is found beside them; one of the same
name takes its place. `now()` and its like are UTC, and are the moment of `--now` where that is given.

{groups}"""


def make() -> str:
    """The text of the page."""
    groups = groupby(find_queries(), key=lambda query: query.group)
    return _INTRODUCTION.format(
        groups="\n".join(f"## {name}\n\n{''.join(map(_entry, queries))}" for name, queries in groups)
    )


def _entry(query: SavedQuery) -> str:
    lines = [f"### {query.title}", "", f"`{query.name}`. {query.help}", ""]
    lines += [f"- `${p.name}` ({p.type.value}, {_default(p.default)}): {p.meaning}" for p in query.parameters]
    lines += [f"- `{c.name}`{f' in {c.unit}' if c.unit else ''}: {c.meaning}" for c in query.columns]
    return "\n".join((*lines, "", ""))


def _default(value: object) -> str:
    return "must be given" if value is None else f"default `{value}`"
