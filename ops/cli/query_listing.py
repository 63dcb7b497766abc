"""Saved queries as rows and in full."""

from collections.abc import Iterator, Sequence

from ops.cli.listing import Column, Listing
from ops.cli.values import as_text
from query.library import SavedQuery

_COLUMNS = (
    Column("name", "Name"),
    Column("group", "Group"),
    Column("title", "Title"),
    Column("parameters", "Parameters"),
    Column("problem", "Problem"),
    Column("help"),
    Column("is_predefined"),
    Column("path"),
)
_IN_FULL = (*_COLUMNS, Column("columns"), Column("sql"))


def list_queries(saved: Sequence[SavedQuery]) -> Listing:
    """A row for each query."""
    return Listing(_COLUMNS, [_row(query) for query in saved])


def list_in_full(query: SavedQuery) -> Listing:
    """One query with its columns and its SQL."""
    return Listing(_IN_FULL, [(*_row(query), query.columns, query.sql.splitlines())])


def query_lines(query: SavedQuery) -> Iterator[str]:
    """One query for people: what it answers, how to ask it, its SQL."""
    yield as_text(f"{query.title} ({query.group})")
    if query.help:
        yield as_text(query.help)
    if query.problem:
        yield as_text(query.problem)
    given = " ".join(f"--param {p.name}=…" for p in query.parameters if p.default is None)
    yield ""
    yield as_text(f"patchdeck query --name {query.name} {given}")
    for parameter in query.parameters:
        default = "" if parameter.default is None else f" (default {as_text(parameter.default)})"
        yield as_text(f"  --param {parameter.name}={parameter.type.value}: {parameter.meaning}{default}")
    yield ""
    yield from map(as_text, query.sql.rstrip().splitlines())


def _row(query: SavedQuery) -> tuple[object, ...]:
    names = tuple(parameter.name for parameter in query.parameters)
    return (query.name, query.group, query.title, names, query.problem, query.help, query.is_predefined, query.path)
