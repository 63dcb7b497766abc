"""The SQL of a query while it is made: one common table expression a step."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from query.kql.bound import Bound, BoundColumn
from query.kql.errors import KqlProblem
from query.kql.names import SqlNames, quoted
from query.kql.rows import Rows
from query.kql.tree import Options, Span
from query.kql.written_step import Lines, WrittenStep, pruned
from query.limits import MAX_QUERY_CHARACTERS

# Each use of a function of ``let`` writes its steps anew: functions that call each other twice double them.
MAX_STEPS = 400

_NONE: Mapping[str, str] = MappingProxyType({})


class Program:
    """The steps written so far, and what the query asks for beside its rows."""

    def __init__(self, tables: Iterable[str]) -> None:
        self._names = SqlNames(tables)
        self._steps: list[WrittenStep] = []
        self._characters = 0
        self.parameters: set[str] = set()
        self.chart = ""
        self.chart_options: Options = ()

    def add(self, label: str, body: Lines, span: Span, spare: Mapping[str, str] = _NONE) -> str:
        """Write a step; returns its name, ``label`` (an identifier, no keyword) or that with a number.

        ``spare`` holds items of its SELECT that may be left out, see `WrittenStep`.

        Raises:
            KqlProblem: the query has become too large.
        """
        self._characters += sum(map(len, body))
        if self._characters > MAX_QUERY_CHARACTERS:
            raise _too_large(span)
        self.check_count(len(self._steps) + 1, span)
        name = self._names.fresh(label)
        self._steps.append(WrittenStep(name, body, spare))
        return name

    def check_count(self, selects: int, span: Span) -> None:
        """Let ``selects`` be as many as a query may have, of steps or of tables of one union.

        Raises:
            KqlProblem: they are more.
        """
        if selects > MAX_STEPS:
            raise _too_large(span)

    def written(self, rows: Rows, span: Span) -> Rows:
        """``rows`` with their conditions written."""
        if not rows.conditions:
            return rows
        source = self.add("filtered", [*select(["*"], rows.source), *where(rows.conditions)], span)
        return replace(rows, source=source, conditions=())

    def check_size(self, value: Bound, span: Span) -> Bound:
        """``value``; what ``let`` names is written out at each use.

        Raises:
            KqlProblem: it has become too large.
        """
        if len(value.sql) > MAX_QUERY_CHARACTERS:
            raise KqlProblem("The value becomes too large: put it into a column with extend.", span)
        return value

    def finish(self, body: Lines) -> str:
        """The whole text, ``body`` being its last SELECT."""
        steps = [step.text for step in pruned(self._steps, body)]
        return ("WITH " + ",\n".join(steps) + "\n" if steps else "") + "\n".join(body)


def _too_large(span: Span) -> KqlProblem:
    return KqlProblem("The query becomes too large: its functions and tables are used too many times.", span)


def spare_of(items: Iterable[str], columns: Iterable[BoundColumn]) -> dict[str, str]:
    """``items`` of a SELECT, each with the quoted name of its column."""
    return {one: quoted(column.sql_name) for one, column in zip(items, columns, strict=True)}


def select(items: Sequence[str], source: str, *clauses: str) -> Lines:
    """A SELECT, a clause a line; clauses that are empty are left out."""
    last = len(items) - 1
    listed = [f"  {one}{',' if index < last else ''}" for index, one in enumerate(items)]
    head = [f"SELECT {items[0]}"] if len(items) == 1 else ["SELECT", *listed]
    return [*head, *([f"FROM {source}"] if source else ()), *filter(None, clauses)]


def where(conditions: Iterable[str]) -> Lines:
    """``WHERE`` of conditions that all hold; nothing for none."""
    return [f"{'  AND' if index else 'WHERE'} {condition}" for index, condition in enumerate(conditions)]
