"""Functions that tell the time: all of a query is answered at one instant."""

from query.kql.arithmetic import shifted
from query.kql.bound import Bound
from query.kql.functions.function import Function
from query.kql.signature import Arguments
from query.kql.types import KqlType

_NOW = Bound("now()", KqlType.DATETIME)


def _now(arguments: Arguments) -> Bound:
    return shifted(_NOW, "+", arguments[0]) if len(arguments) else _NOW


def _ago(arguments: Arguments) -> Bound:
    return shifted(_NOW, "-", arguments[0])


MOMENTS = (
    Function("now([offset: timespan]): datetime", "The time of the query, UTC.", _now),
    Function("ago(span: timespan): datetime", "The time of the query less a timespan.", _ago),
)
