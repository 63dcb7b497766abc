"""The columns that a step computes: names and values."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from query.kql import tree
from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.names import ColumnNames
from query.kql.scope import RowScope
from query.kql.types import KqlType
from query.kql.values import bind, default_name


@dataclass(frozen=True, slots=True)
class Item:
    """A column that a step computes. ``is_named`` says that the query gives the name."""

    name: str
    value: Bound
    is_named: bool = False

    @property
    def sql(self) -> str:
        """The value as a column holds it: DuckDB would take a small number for an INTEGER."""
        is_small = self.value.is_literal and self.value.type is KqlType.LONG
        return f"{self.value.operand}::BIGINT" if is_small else self.value.sql


def bind_items(
    expressions: Iterable[tree.Expression],
    scope: RowScope,
    names: ColumnNames,
    name_of: Callable[[int, tree.Expression], str | None] = lambda _, expression: default_name(expression),
) -> list[Item]:
    """The columns of project, extend, print and their like; ``name_of`` names those that the query does not."""
    items: list[Item] = []
    listed = list(expressions)
    # Names that are written go first: a derived name makes way.
    written = {name.text for one in listed if isinstance(one, tree.Named) for name in one.names}
    given = ColumnNames(written)
    for index, expression in enumerate(listed):
        if isinstance(expression, tree.Named):
            values = zip(expression.names, _values(expression, scope), strict=True)
            items += [Item(names.written(one.text, one.span), value, is_named=True) for one, value in values]
            continue
        if isinstance(expression, tree.Name) and expression.text in given:
            raise KqlProblem(
                f"Two columns are called {expression.text!r}: give one of them another name.", expression.span
            )
        several = _sorted_arrays(expression) or [(name_of(index, expression), expression)]
        items += [Item(given.derived(name), bind(part, scope)) for name, part in several]
    return items


def _values(named: tree.Named, scope: RowScope) -> list[Bound]:
    if len(named.names) == 1:
        return [bind(named.value, scope)]
    several = _sorted_arrays(named.value)
    if not several or len(several) < len(named.names):
        raise KqlProblem("This value is one column: give it one name.", named.span)
    return [bind(part, scope) for _, part in several[: len(named.names)]]


def _sorted_arrays(expression: tree.Expression) -> list[tuple[str | None, tree.Expression]]:
    """``array_sort_asc(a, b)`` gives a column for each array; nothing for all else."""
    if not isinstance(expression, tree.Call) or expression.name.text not in ("array_sort_asc", "array_sort_desc"):
        return []
    arrays = [one for one in expression.arguments if not (isinstance(one, tree.Literal) and one.type is KqlType.BOOL)]
    if len(arrays) < 2:
        return []
    parts: list[tuple[str | None, tree.Expression]] = []
    for index, array in enumerate(arrays):
        name = default_name(array)
        place = tree.Literal(expression.span, index, KqlType.LONG)
        parts.append((f"{name}_sorted" if name else None, tree.Element(expression.span, expression, place)))
    return parts
