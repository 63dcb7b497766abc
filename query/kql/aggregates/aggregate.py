"""One aggregate: its signature, its meaning, how it is written in SQL, and what its column is called."""

from collections.abc import Callable
from dataclasses import dataclass

from query.kql import tree
from query.kql.bound import Bound
from query.kql.signature import Arguments, Signature, read_signature
from query.kql.types import KqlType

Name = Callable[[tree.Expression], str | None]


@dataclass(frozen=True, slots=True)
class Aggregate:
    """An aggregate.

    Attributes:
        text: its signature, as `query.kql.signature` reads it.
        meaning: one sentence, for completion and the page of functions.
        write: what makes SQL of the arguments and of the order of the rows (``ORDER BY …`` or nothing).
        prefix: what its column's name begins with: ``sum`` makes ``sum_x``. Empty: the name of what it is of.
        aliases: other names of it.
        is_of_rows: whether it gives several columns of one row, as arg_max and take_any do; ``write`` is for one.
    """

    text: str
    meaning: str
    write: Callable[[Arguments, str], Bound]
    prefix: str = ""
    aliases: tuple[str, ...] = ()
    is_of_rows: bool = False

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""
        return read_signature(self.text)

    @property
    def names(self) -> tuple[str, ...]:
        """Its name and its aliases."""
        return (self.signature.name, *self.aliases)

    def column_name(self, arguments: tuple[tree.Expression, ...], name_of: Name) -> str | None:
        """What the column is called where the query does not say."""
        of = name_of(arguments[0]) if arguments else None
        if self.signature.name == "percentile" and len(arguments) == 2 and isinstance(arguments[1], tree.Literal):
            return f"percentile_{of or ''}_{arguments[1].value}".replace(".", "_")
        return f"{self.prefix}_{of or ''}" if self.prefix else of


def if_condition(aggregate: str, condition: Bound) -> str:
    """SQL of an aggregate over the rows for which ``condition`` holds."""
    return f"{aggregate} FILTER (WHERE {condition.sql})"


def aggregate_value(sql: str, type_: KqlType) -> Bound:
    """An aggregate as a value; a text of no rows is empty."""
    return Bound(f"coalesce({sql}, '')" if type_ is KqlType.STRING else sql, type_)
