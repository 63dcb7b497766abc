"""The functions of KQL that are translated: for completion, and for the page that lists them."""

from dataclasses import dataclass
from functools import cache

from query.kql.aggregates import AGGREGATES
from query.kql.functions import FAMILIES
from query.kql.functions.columns import COLUMN_FUNCTIONS
from query.kql.functions.windows import WINDOWS


@dataclass(frozen=True, slots=True)
class KqlFunction:
    """A function or an aggregate.

    Attributes:
        name: what is written.
        signature: its name, parameters with their types, optional ones in brackets, and what it gives.
        meaning: one sentence.
        family: what it is about, as a heading.
        aliases: other names of the same.
    """

    name: str
    signature: str
    meaning: str
    family: str
    aliases: tuple[str, ...] = ()

    @property
    def is_aggregate(self) -> bool:
        """Whether it stands in summarize."""
        return self.family == "Aggregates"


@cache
def kql_functions() -> tuple[KqlFunction, ...]:
    """All of them, by family and then by name; without the aliases as entries of their own."""
    found = [
        KqlFunction(function.signature.name, function.text, function.meaning, family, function.aliases)
        for family, functions in FAMILIES.items()
        for function in functions
    ]
    found += [_described(text, meaning, "Columns") for text, meaning in COLUMN_FUNCTIONS.items()]
    found += [_described(window.text, window.meaning, "Rows in order") for window in WINDOWS.values()]
    found += [
        KqlFunction(name, aggregate.text, aggregate.meaning, "Aggregates", aggregate.aliases)
        for name, aggregate in AGGREGATES.items()
        if name == aggregate.signature.name
    ]
    return tuple(sorted(found, key=lambda one: (one.family, one.name)))


def _described(text: str, meaning: str, family: str) -> KqlFunction:
    return KqlFunction(text.partition("(")[0], text, meaning, family)
