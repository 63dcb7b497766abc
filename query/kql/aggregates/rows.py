"""Aggregates that give values of one row: arg_max, arg_min, take_any."""

import re

from query.kql import tree
from query.kql.aggregates.aggregate import Aggregate, aggregate_value, if_condition
from query.kql.bound import Bound
from query.kql.signature import Arguments
from query.kql.types import KqlType

# A column of texts as a table holds it: a null of it becomes the empty text behind the aggregate as well as before.
_STORED_TEXT = re.compile(r"""coalesce\(("(?:[^"]|"")*"), ''\)""")


def _arg(name: str) -> Aggregate:
    extreme = name.removeprefix("arg_")

    def write(arguments: Arguments, _order: str) -> Bound:
        """The first argument is what is returned, the second what is compared."""
        value, by = arguments[0], arguments[1]
        if value.sql == by.sql:
            return aggregate_value(f"{extreme}({by.sql})", by.type)
        # The plain form skips rows whose value is null; this one takes them, and nulls of ``by`` come last.
        stored = _STORED_TEXT.fullmatch(value.sql)
        return aggregate_value(f"{name}_nulls_last({stored[1] if stored else value.sql}, {by.sql})", value.type)

    which = "largest" if extreme == "max" else "smallest"
    return Aggregate(
        f"{name}(by: any, [value: column...])",
        f"Values of the row that has the {which} value of the first argument; * for all columns.",
        write,
        aliases=(name.replace("_", ""),),
        is_of_rows=True,
    )


def _take_any(arguments: Arguments, _order: str) -> Bound:
    """Of one value any that is not null or empty; of several those of one and the same row."""
    value = arguments[0]
    if len(arguments.expressions) > 1 or isinstance(arguments.expressions[0], tree.Star):
        return aggregate_value(f"first({value.sql})", value.type)
    return aggregate_value(_any_value(value), value.type)


def _any_value(value: Bound) -> str:
    return f"any_value(nullif({value.sql}, ''))" if value.type is KqlType.STRING else f"any_value({value.sql})"


def _take_anyif(arguments: Arguments, _order: str) -> Bound:
    return aggregate_value(if_condition(_any_value(arguments[0]), arguments[1]), arguments[0].type)


ROWS = (
    _arg("arg_max"),
    _arg("arg_min"),
    Aggregate("take_any(value: column...)", "Values of any one row; * for all columns.", _take_any, is_of_rows=True),
    Aggregate("any(value: column...)", "Another name of take_any.", _take_any, "any", is_of_rows=True),
    Aggregate(
        "take_anyif(value: any, condition: condition)",
        "A value of any row for which the condition holds.",
        _take_anyif,
        aliases=("anyif",),
    ),
)
