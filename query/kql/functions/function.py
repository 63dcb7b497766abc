"""One scalar function: its signature, its meaning, and how it is written in SQL."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from query.kql.bound import Bound
from query.kql.signature import Arguments, Signature, read_signature
from query.kql.types import KqlType

_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*\"""")


@dataclass(frozen=True, slots=True)
class Function:
    """A scalar function.

    Attributes:
        text: its signature, as `query.kql.signature` reads it.
        meaning: one sentence, for completion and the page of functions.
        write: SQL with ``{name}`` for each parameter (``{name:o}`` in brackets where it needs them), or what makes it.
        aliases: other names of it.
        keeps_name: whether a column of it is named as its first argument: ``bin(TimeGenerated, 1h)``.
        prefix: what its name begins with then: ``strlen_x``.
    """

    text: str
    meaning: str
    write: str | Callable[[Arguments], Bound]
    aliases: tuple[str, ...] = ()
    keeps_name: bool = False
    prefix: str = ""

    @property
    def signature(self) -> Signature:
        """What it takes and gives."""
        return read_signature(self.text)

    def bind(self, arguments: Arguments) -> Bound:
        """A call of it as SQL.

        Raises:
            KqlProblem: the arguments do not do.
        """
        if callable(self.write):
            return self.write(arguments)
        names = [parameter.name for parameter in self.signature.parameters]
        slots = {name: _Slot(value) for name, value in zip(names, arguments.values, strict=False)}
        sql = self.write.format(**slots)
        type_ = self.signature.result or arguments[0].type
        if type_ is KqlType.STRING and any(_may_be_null(value) for value in arguments.values):
            sql = f"coalesce({sql}, '')"
        return Bound(sql, type_, is_atom=_is_call(sql))


class _Slot:
    def __init__(self, value: Bound) -> None:
        self._value = value

    def __format__(self, spec: str) -> str:
        return self._value.operand if spec == "o" else self._value.sql


def _may_be_null(value: Bound) -> bool:
    return value.type is not KqlType.STRING and not (value.is_literal and value.literal is not None)


def _is_call(sql: str) -> bool:
    """Whether the first bracket closes at the end: then it needs none around it."""
    if not sql.endswith(")"):
        return False
    sql = _QUOTED.sub("x", sql)
    depth = 0
    for index, character in enumerate(sql):
        depth += (character == "(") - (character == ")")
        if character == ")" and depth == 0:
            return index == len(sql) - 1 and " " not in sql[: sql.index("(")]
    return False
