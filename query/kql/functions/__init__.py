"""The scalar functions of KQL, by family, each with its signature and its SQL."""

from collections.abc import Mapping

from query.kql.functions.condition import CONDITIONS
from query.kql.functions.conversion import CONVERSIONS
from query.kql.functions.function import Function
from query.kql.functions.moments import MOMENTS
from query.kql.functions.text import TEXTS

FAMILIES: Mapping[str, tuple[Function, ...]] = {
    "Conditions": CONDITIONS,
    "Conversions": CONVERSIONS,
    "Texts": TEXTS,
    "Times": MOMENTS,
}

SCALARS: Mapping[str, Function] = {
    name: function
    for family in FAMILIES.values()
    for function in family
    for name in (function.signature.name, *function.aliases)
}

__all__ = ["FAMILIES", "SCALARS", "Function"]
