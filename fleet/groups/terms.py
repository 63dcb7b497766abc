"""The terms of an expression: what is asked of one machine, and the words that join terms."""

from dataclasses import dataclass
from enum import StrEnum

from fleet.groups.facts import Fact


class Comparison(StrEnum):
    """How a fact is compared."""

    EQUAL = "="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="

    @property
    def has_order(self) -> bool:
        """Whether it needs values that come one after the other."""
        return self not in (Comparison.EQUAL, Comparison.UNEQUAL)


@dataclass(frozen=True, slots=True)
class TargetTerm:
    """Machines that a target names: a name, a glob, a tag, a system, another group."""

    text: str
    target: str


@dataclass(frozen=True, slots=True)
class FactTerm:
    """A fact compared with values; with several, one of them is enough (none of them for ``!=``)."""

    text: str
    fact: Fact
    comparison: Comparison
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Not:
    """What does not hold."""

    inner: "Expression"


@dataclass(frozen=True, slots=True)
class Both:
    """Two that hold."""

    left: "Expression"
    right: "Expression"


@dataclass(frozen=True, slots=True)
class Either:
    """Two of which one holds."""

    left: "Expression"
    right: "Expression"


Term = TargetTerm | FactTerm
Expression = TargetTerm | FactTerm | Not | Both | Either
