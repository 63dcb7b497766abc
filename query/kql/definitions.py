"""What ``let``, ``as`` and the parameters of functions define, and what a query is bound with."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from query.kql import tree
from query.kql.bound import Bound, Schema
from query.kql.program import Program
from query.kql.rows import Rows


@dataclass(frozen=True, slots=True)
class Value:
    """A scalar. ``depth`` is that of the rows whose columns its SQL names; None where it names none."""

    bound: Bound
    depth: int | None = None


@dataclass(slots=True)
class DefinedTable:
    """Rows that ``let`` names: bound when first used, where ``context`` says what their query may name."""

    query: "tree.Query | tree.Expression"
    context: "Context"
    name: str
    rows: Rows | None = None


@dataclass(frozen=True, slots=True)
class BoundTable:
    """Rows that are bound already: of ``as``, or given to a function."""

    rows: Rows


@dataclass(frozen=True, slots=True)
class DefinedFunction:
    """A function, and what its body may name."""

    function: tree.Function
    context: "Context"


Definition = Value | DefinedTable | BoundTable | DefinedFunction


@dataclass(frozen=True, slots=True)
class Definitions:
    """Names that were defined, the newest first."""

    name: str
    definition: Definition
    earlier: "Definitions | None" = None

    def __iter__(self) -> Iterator[tuple[str, Definition]]:
        """Every name with what it means, the newest first."""
        here: Definitions | None = self
        while here:
            yield here.name, here.definition
            here = here.earlier


@dataclass(frozen=True, slots=True)
class Context:
    """What a part of a query is bound with.

    Attributes:
        pipe: binds a query; here because steps, expressions and queries hold each other.
        evaluate: binds a value outside of any row.
        depth: how many queries stand around it, each apart from the rows of the one around it.
    """

    program: Program
    schema: Schema
    pipe: "Callable[[Context, tree.Query], Rows]"
    evaluate: "Callable[[Context, tree.Expression], Value]"
    definitions: Definitions | None = None
    depth: int = 0

    def find(self, name: str) -> Definition | None:
        """What ``name`` was defined as."""
        return next((found for known, found in self.definitions or () if known == name), None)

    def defined(self, name: str, definition: Definition) -> "Context":
        """With one more definition, which hides an earlier one of the same name."""
        return replace(self, definitions=Definitions(name, definition, self.definitions))

    def apart(self) -> "Context":
        """For a query inside an expression, which cannot see the columns around it."""
        return replace(self, depth=self.depth + 1)

    def defined_names(self) -> list[str]:
        """Every name that was defined."""
        return [name for name, _ in self.definitions or ()]
