"""Saved queries as rows and in full."""

from collections.abc import Iterator, Sequence

from ops.cli.listing import Column, Listing
from ops.cli.values import as_text
from query.header import QueryParameter
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
    Column("language", "Language", is_extra=True),
    Column("chart"),
)
_IN_FULL = (*_COLUMNS, Column("columns"), Column("declared_parameters"), Column("text"))


def list_queries(saved: Sequence[SavedQuery]) -> Listing:
    """A row for each query."""
    return Listing(_COLUMNS, [_row(query) for query in saved])


def list_in_full(query: SavedQuery) -> Listing:
    """One query with its columns, its parameters and its text."""
    return Listing(_IN_FULL, [(*_row(query), query.columns, query.parameters, query.text.splitlines())])


def query_lines(query: SavedQuery) -> Iterator[str]:
    """One query for people: what it answers, how to ask it, its text."""
    yield as_text(f"{query.title} ({query.group})")
    if query.help:
        yield as_text(query.help)
    if query.problem:
        yield as_text(query.problem)
    if query.chart:
        yield as_text(f"Seen best as a {query.chart.kind.value} of {', '.join(query.chart.y)} by {query.chart.x}.")
    given = " ".join(f"--param {p.name}=…" for p in query.parameters if p.default is None)
    yield ""
    yield as_text(f"patchdeck query --name {query.name} {given}".rstrip())
    yield from map(_parameter_line, query.parameters)
    yield ""
    yield from map(as_text, query.text.rstrip().splitlines())


def _parameter_line(parameter: QueryParameter) -> str:
    choices = f", one of {', '.join(map(as_text, parameter.choices))}" if parameter.choices else ""
    default = "" if parameter.default is None else f" (default {as_text(parameter.default) or 'empty'})"
    return as_text(f"  --param {parameter.name}={parameter.type.value}: {parameter.meaning}{choices}{default}")


def _row(query: SavedQuery) -> tuple[object, ...]:
    names = tuple(parameter.name for parameter in query.parameters)
    return (
        *(query.name, query.group, query.title, names, query.problem, query.help, query.is_predefined, query.path),
        *(query.language.value, query.chart),
    )
