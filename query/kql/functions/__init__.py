"""The scalar functions of KQL, by family, each with its signature and its SQL."""

from collections.abc import Mapping

from query.kql.functions.addresses import ADDRESSES
from query.kql.functions.condition import CONDITIONS
from query.kql.functions.conversion import CONVERSIONS
from query.kql.functions.dynamics import ARRAYS, BAGS, PACKS
from query.kql.functions.formats import FORMATS
from query.kql.functions.function import Function
from query.kql.functions.numbers import BINS, NUMBERS
from query.kql.functions.patterns import REGULAR_EXPRESSIONS
from query.kql.functions.sets import SETS
from query.kql.functions.text import TEXTS
from query.kql.functions.times import TIMES

FAMILIES: Mapping[str, tuple[Function, ...]] = {
    "Conditions": CONDITIONS,
    "Conversions": CONVERSIONS,
    "Times": TIMES + FORMATS + BINS,
    "Texts": TEXTS + REGULAR_EXPRESSIONS,
    "Numbers": NUMBERS,
    "Arrays and bags": PACKS + ARRAYS + BAGS + SETS,
    "Addresses and versions": ADDRESSES,
}

SCALARS: Mapping[str, Function] = {
    name: function
    for family in FAMILIES.values()
    for function in family
    for name in (function.signature.name, *function.aliases)
}

__all__ = ["FAMILIES", "SCALARS", "Function"]
