"""Makes docs/kql-functions.md from the functions that KQL's binder knows; run by docs/make_all.py."""

from itertools import groupby
from pathlib import Path

from query.kql.catalogue import KqlFunction, kql_functions

PAGE = Path(__file__).with_name("kql-functions.md")

_INTRODUCTION = """\
<!-- Made by docs/make_kql_functions.py from query/kql: do not edit. -->

# Functions of KQL

What `patchdeck query --kql`, `.kql` files and the query pane translate: {scalars} functions and {aggregates}
aggregates. A parameter in square brackets may be left out. [KQL](kql.md) tells of operators, types, and what differs.
Whatever is not here is refused with its place.

{sections}"""


def make() -> str:
    """The text of the page."""
    functions = kql_functions()
    sections = [_section(family, [*found]) for family, found in groupby(functions, key=lambda one: one.family)]
    aggregates = sum(one.is_aggregate for one in functions)
    scalars = len(functions) - aggregates
    return _INTRODUCTION.format(scalars=scalars, aggregates=aggregates, sections="\n".join(sections))


def _section(family: str, functions: list[KqlFunction]) -> str:
    return f"## {family}\n\n| function | what it gives |\n| --- | --- |\n{''.join(map(_row, functions))}"


def _row(function: KqlFunction) -> str:
    signature, meaning = (text.replace("|", "\\|") for text in (function.signature, function.meaning))
    aliases = f" Also {', '.join(f'`{name}`' for name in function.aliases)}." if function.aliases else ""
    return f"| `{signature}` | {meaning}{aliases} |\n"
