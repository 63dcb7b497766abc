"""The functions that a query may call: an allowed list, so that what a newer DuckDB adds is closed until looked at."""

import re
from functools import cache
from importlib.resources import files

from fleet.errors import QueryRefused
from query.clock import CLOCK_FUNCTIONS
from query.kql.macros import macro_names
from query.syntax import Node, children, constant_text, mapping, text

# Sources that compute from their arguments alone.
TABLE_FUNCTIONS = frozenset({"range", "generate_series", "unnest", "json_each", "json_tree"})

_WIDE = re.compile(r"\d{5,}")


@cache
def allowed_functions() -> frozenset[str]:
    """The names in functions.txt, those that tell the time and those that translated KQL calls, lower case."""
    lines = files("query").joinpath("functions.txt").read_text("utf-8").splitlines()
    return CLOCK_FUNCTIONS.union(macro_names(), *(line.split() for line in lines if not line.startswith("#")))


def check_format(node: Node) -> None:
    """Refuse ``printf`` and ``format`` with a text that asks for a huge width, or that is not written out.

    ``printf('%1000000000d', 1)`` takes 1 GB beside memory_limit and cannot be interrupted (DuckDB 2.0.0).

    Raises:
        QueryRefused: it does.
    """
    arguments = children(node, "arguments")
    pattern = constant_text(mapping(arguments[0], "expression")) if arguments else ""
    if pattern is None or _WIDE.search(pattern):
        name = text(node, "function_name")
        raise QueryRefused(f"The first argument of {name} must be a written text, with widths below 10,000.")
