"""The names that expressions may use: columns, what was defined, parameters; and queries inside of expressions."""

from query.kql import tree
from query.kql.bound import Bound, BoundColumn, Relation
from query.kql.definitions import BoundTable, Context, DefinedFunction, DefinedTable, Value
from query.kql.errors import KqlProblem, unknown
from query.kql.functions.windows import WINDOWS
from query.kql.functions_defined import call_value, is_table
from query.kql.rows import Rows
from query.kql.sources import bind_named_rows, sole_rows
from query.kql.types import KqlType
from query.kql.values import bind


class RowScope:
    """What an expression over ``rows`` may name; over none, it is a value outside of any row.

    Attributes:
        uses_columns: whether a column was named since it was made.
        uses_windows: whether a value looks at other rows, so that it may not stand in WHERE.
    """

    def __init__(
        self,
        context: Context,
        rows: Rows | None = None,
        *,
        allows_aggregates: bool = False,
        starred: tuple[BoundColumn, ...] | None = None,
    ) -> None:
        self.context = context
        self.rows = rows
        self.uses_columns = False
        self.uses_windows = False
        self._allows_aggregates = allows_aggregates
        self._reachable = rows.columns if rows else ()
        self._starred = starred if starred is not None else self._reachable

    @property
    def columns(self) -> tuple[BoundColumn, ...]:
        """The columns that ``*`` means, in order: those of the rows, but for the keys of a summarize."""
        return self._starred

    @property
    def allows_aggregates(self) -> bool:
        """Whether aggregates may stand here."""
        return self._allows_aggregates

    @property
    def order(self) -> str:
        """``ORDER BY …`` of the rows; empty where they have none."""
        return self.rows.order_by if self.rows else ""

    @property
    def window(self) -> str:
        """What windows over the rows stand over; empty where these have no order."""
        return self.rows.window if self.rows else ""

    def value(self, name: tree.Name) -> Bound:
        """The column, ``let`` value or parameter of that name; columns come first.

        Raises:
            KqlProblem: there is none; names the nearest.
        """
        for column in self._reachable:
            if column.name == name.text:
                self.uses_columns = True
                return column.value
        found = self.context.find(name.text)
        if isinstance(found, Value):
            return self._defined(found, name)
        if found is None and name.text in self.context.schema.parameters:
            return self._parameter(name.text)
        if found is not None or name.text in self.context.schema.tables:
            what = "a function: call it with brackets" if isinstance(found, DefinedFunction) else "a table"
            raise KqlProblem(f"A value stands here, and {name.text!r} is {what}.", name.span)
        known = (
            *(column.name for column in self._reachable),
            *self.context.defined_names(),
            *self.context.schema.parameters,
        )
        raise unknown("column" if self._reachable else "name", name.text, known, name.span)

    def _defined(self, value: Value, name: tree.Name) -> Bound:
        if value.depth is not None:
            self.uses_columns = True
            if value.depth != self.context.depth:
                message = (
                    f"{name.text!r} differs from row to row, and a query inside of a value cannot follow it: use join."
                )
                raise KqlProblem(message, name.span)
        return value.bound

    def _parameter(self, name: str) -> Bound:
        self.context.program.parameters.add(name)
        type_ = self.context.schema.parameters[name]
        if type_ is KqlType.TIMESPAN:
            return Bound(f"(epoch_us(CAST(${name} AS INTERVAL)) * 10)", type_)
        if type_ is KqlType.STRING:
            return Bound(f"coalesce(CAST(${name} AS VARCHAR), '')", type_)
        return Bound(f"CAST(${name} AS {type_.sql_type})", type_)

    def side(self, path: tree.Path) -> Bound | None:
        """None: only the conditions of a join name its sides, and `query.kql.joins` reads those.

        Raises:
            KqlProblem: a side is named elsewhere.
        """
        if isinstance(path.base, tree.Name) and path.base.text in ("$left", "$right"):
            raise KqlProblem(f"{path.base.text!r} is known in the conditions of a join only.", path.base.span)
        return None

    def relation(self, query: tree.Query) -> Relation:
        """The rows of a query inside of the expression, as a step of their own."""
        return sole_rows(self.context, self.context.pipe(self.context.apart(), query), query.span)

    def table(self, expression: tree.Expression) -> Relation | None:
        """The rows that a name or a call means, where it names a table; None for a value."""
        if isinstance(expression, tree.Name) and any(column.name == expression.text for column in self._reachable):
            return None
        if isinstance(expression, tree.Subquery):
            return self.relation(expression.query)
        if not isinstance(expression, tree.Name | tree.Call) or not is_table(self.context, expression):
            return None
        rows = bind_named_rows(self.context.apart(), expression)
        return sole_rows(self.context, rows, expression.span)

    def function(self, call: tree.Call) -> Bound | None:
        """The value of a call of a function that ``let`` defined, or that looks at other rows."""
        found = self.context.find(call.name.text)
        if isinstance(found, DefinedFunction):
            return call_value(
                found, call, self._argument, lambda one: bind_named_rows(self.context.apart(), one), self.context.depth
            )
        if isinstance(found, DefinedTable | BoundTable | Value):
            return None
        if call.name.text in ("toscalar", "materialize") and len(call.arguments) == 1:
            return self._cell(call)
        if call.name.text in WINDOWS:
            self.uses_windows = True
        return None

    def _argument(self, expression: tree.Expression) -> Value:
        """An argument, and whether it differs from row to row."""
        used, self.uses_columns = self.uses_columns, False
        bound = bind(expression, self)
        depth = self.context.depth if self.uses_columns else None
        self.uses_columns = self.uses_columns or used
        return Value(bound, depth)

    def _cell(self, call: tree.Call) -> Bound | None:
        """The first cell of a table that ``toscalar(name)`` names; None where its argument is something else."""
        argument = call.arguments[0]
        if isinstance(argument, tree.Subquery):
            return None
        rows = self.table(argument)
        if rows is None:
            return None
        column = rows.columns[0].value
        cell = f"(SELECT {column.sql} FROM {rows.name} LIMIT 1)"  # noqa: S608 - quoted names, bound values
        return Bound(f"coalesce({cell}, '')" if column.type is KqlType.STRING else cell, column.type)


def evaluate(context: Context, expression: tree.Expression) -> Value:
    """A value outside of any row; it may still name parameters of a function, which differ from row to row."""
    scope = RowScope(context)
    bound = bind(expression, scope)
    return Value(bound, context.depth if scope.uses_columns else None)
