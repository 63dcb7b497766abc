"""Names in SQL: quoted, and different whatever the case."""

import re
from collections.abc import Iterable

from query.kql.errors import KqlProblem
from query.kql.tree import Span, Wildcard


def quoted(name: str) -> str:
    """``name`` as an identifier of SQL, whatever it holds."""
    return '"' + name.replace('"', '""') + '"'


def item(sql: str, name: str) -> str:
    """``sql`` in a list of SELECT under ``name``, which is left out where it is the same."""
    return sql if sql == quoted(name) else f"{sql} AS {quoted(name)}"


class SqlNames:
    """Gives names that differ from all others whatever the case: DuckDB takes ``vmuuId`` for ``VMUUID``."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = {name.casefold() for name in taken}

    def fresh(self, name: str) -> str:
        """``name``, or the first of ``name_2``, ``name_3``, … that is free."""
        given, number = name, 1
        while given.casefold() in self._taken:
            number += 1
            given = f"{name}_{number}"
        self._taken.add(given.casefold())
        return given


class ColumnNames:
    """Gives the columns of a step names as Kusto does: a written name may stand once, others get a number.

    A number never makes one of the names to be ``avoided``: those that columns still to come have.
    """

    def __init__(self, written: Iterable[str] = (), avoided: Iterable[str] = ()) -> None:
        self._taken: set[str] = set(written)
        self._avoided = frozenset(avoided)
        self._unnamed = 0

    def __contains__(self, name: str) -> bool:
        """Whether a column has that name."""
        return name in self._taken

    def written(self, name: str, span: Span) -> str:
        """A name that the query gives.

        Raises:
            KqlProblem: another column of the step has it.
        """
        if name in self._taken:
            raise KqlProblem(f"Two columns are called {name!r}: give one of them another name.", span)
        self._taken.add(name)
        return name

    def derived(self, name: str | None) -> str:
        """A name by default: ``Column1``, ``Column2`` where there is none, ``name1``, ``name2`` where it is taken."""
        if name is None:
            self._unnamed += 1
            name = f"Column{self._unnamed}"
        given, number = name, 0
        while given in self._taken or (number and given in self._avoided):
            number += 1
            given = f"{name}{number}"
        self._taken.add(given)
        return given


def matches(wildcard: Wildcard, name: str) -> bool:
    """Whether ``name`` is one of those that ``wildcard`` means; its case counts."""
    pattern = ".*".join(re.escape(part) for part in wildcard.pattern.split("*"))
    return re.fullmatch(pattern, name, re.DOTALL) is not None
