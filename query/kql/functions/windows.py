"""Functions that look at neighbouring rows: they need rows in order, from sort or serialize."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.signature import Arguments
from query.kql.types import KqlType


@dataclass(frozen=True, slots=True)
class Window:
    """A function over rows in order: its signature, its meaning, and what makes SQL of arguments and order."""

    text: str
    meaning: str
    write: Callable[[Arguments, str], Bound]

    def bind(self, arguments: Arguments, order: str) -> Bound:
        """A call of it as SQL.

        Raises:
            KqlProblem: the rows have no order.
        """
        if not order:
            name = arguments.signature.name
            raise KqlProblem(f"{name}() needs rows in order: put 'sort by' before it.", arguments.span)
        return self.write(arguments, order)


def _over(function: str, order: str) -> str:
    return f"{function} OVER ({order})"


def _restarted(arguments: Arguments, order: str) -> str:
    """The window within the run of rows that the last restart began; `query.kql.steps.windows` has numbered these."""
    if len(arguments) < 2:
        return order
    if arguments[1].type is not KqlType.LONG:
        raise arguments.problem(1, "a restart stands in extend, project, serialize and where alone.")
    run = arguments[1].sql
    return (
        order.replace("PARTITION BY ", f"PARTITION BY {run}, ")
        if "PARTITION" in order
        else (f"PARTITION BY {run} {order}")
    )


def _dense_rank(arguments: Arguments, order: str) -> Bound:
    """One more at each change of the value; the first row of a run is 1 whatever was before it."""
    window = _restarted(arguments, order)
    value = arguments[0].sql
    total = _over(f"sum({value})", f"{window} ROWS UNBOUNDED PRECEDING")
    return Bound(f"CAST({total} - {_over(f'first_value({value})', window)} + 1 AS BIGINT)", KqlType.LONG)


def _row_number(arguments: Arguments, order: str) -> Bound:
    first = arguments[0].sql if len(arguments) else "1"
    sql = _over("row_number()", _restarted(arguments, order))
    return Bound(sql if first == "1" else f"{sql} + {first} - 1", KqlType.LONG, is_atom=False, is_arithmetic=True)


def _neighbour(function: str) -> Callable[[Arguments, str], Bound]:
    def write(arguments: Arguments, order: str) -> Bound:
        value = arguments[0]
        offset = arguments[1].sql if len(arguments) > 1 else "1"
        default = f", {arguments[2].sql}" if len(arguments) > 2 else ""
        sql = _over(f"{function}({value.sql}, {offset}{default})", order)
        return Bound(f"coalesce({sql}, '')" if value.type is KqlType.STRING else sql, value.type)

    return write


def _cumulative_sum(arguments: Arguments, order: str) -> Bound:
    value = arguments[0]
    type_ = KqlType.LONG if value.type is KqlType.INT else value.type
    frame = f"{_restarted(arguments, order)} ROWS UNBOUNDED PRECEDING"
    return Bound(f"CAST({_over(f'sum({value.sql})', frame)} AS {type_.sql_type})", type_)


WINDOWS: Mapping[str, Window] = {
    window.text.partition("(")[0]: window
    for window in (
        Window("row_number([first: whole], [restart: any]): long", "The number of the row.", _row_number),
        Window(
            "row_rank_dense(value: any, [restart: any]): long",
            "The number of the row among those that differ from the row before.",
            _dense_rank,
        ),
        Window("prev(value: any, [offset: whole], [default: any])", "The value in an earlier row.", _neighbour("lag")),
        Window("next(value: any, [offset: whole], [default: any])", "The value in a later row.", _neighbour("lead")),
        Window(
            "row_cumsum(value: number|timespan, [restart: any])",
            "The sum of the values up to this row.",
            _cumulative_sum,
        ),
    )
}
