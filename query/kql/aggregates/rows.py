"""Aggregates that give values of one row: arg_max, arg_min, take_any."""

from query.kql.aggregates.aggregate import Aggregate, aggregate_value, if_condition
from query.kql.bound import Bound
from query.kql.signature import Arguments


def _arg(name: str) -> Aggregate:
    extreme = name.removeprefix("arg_")

    def write(arguments: Arguments, _order: str) -> Bound:
        """The first argument is what is returned, the second what is compared."""
        value, by = arguments[0], arguments[1]
        if value.sql == by.sql:
            return aggregate_value(f"{extreme}({by.sql})", by.type)
        # The plain form skips rows whose value is null; this one takes them, and nulls of ``by`` come last.
        return aggregate_value(f"{name}_nulls_last({value.sql}, {by.sql})", value.type)

    which = "largest" if extreme == "max" else "smallest"
    return Aggregate(
        f"{name}(by: any, [value: column...])",
        f"Values of the row that has the {which} value of the first argument; * for all columns.",
        write,
        aliases=(name.replace("_", ""),),
        is_of_rows=True,
    )


def _take_any(arguments: Arguments, _order: str) -> Bound:
    # any_value skips nulls, as take_any prefers values that are not null.
    return aggregate_value(f"any_value({arguments[0].sql})", arguments[0].type)


def _take_anyif(arguments: Arguments, _order: str) -> Bound:
    return aggregate_value(if_condition(f"any_value({arguments[0].sql})", arguments[1]), arguments[0].type)


ROWS = (
    _arg("arg_max"),
    _arg("arg_min"),
    Aggregate(
        "take_any(value: column...)", "Values of any one row; * for all columns.", _take_any, is_of_rows=True
    ),
    Aggregate("any(value: column...)", "Another name of take_any.", _take_any, "any", is_of_rows=True),
    Aggregate(
        "take_anyif(value: any, condition: condition)",
        "A value of any row for which the condition holds.",
        _take_anyif,
        aliases=("anyif",),
    ),
)
