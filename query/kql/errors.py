"""What cannot be read or translated, with its place."""

from collections.abc import Iterable

from fleet.errors import nearest_name
from query.kql.tree import Span


class KqlProblem(Exception):
    """Raised by every step for what KQL does not allow, or what is not translated.

    `query.kql.translate` makes it a `QueryRefused` or `UnknownName` with line and column. The message says what would
    do instead, in one sentence.
    """

    def __init__(self, message: str, span: Span) -> None:
        super().__init__(message)
        self.span = span


class UnknownKqlName(KqlProblem):
    """A name that nothing has: `query.kql.translate` makes it an `UnknownName`."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...], span: Span) -> None:
        near = nearest_name(name, known)
        super().__init__(f"There is no {kind} {name!r}." + (f" Did you mean {near!r}?" if near else ""), span)
        self.kind = kind
        self.name = name
        self.known = known


def unknown(kind: str, name: str, known: Iterable[str], span: Span) -> KqlProblem:
    """That there is no ``kind`` called ``name``, with the nearest of those that there are."""
    return UnknownKqlName(kind, name, tuple(known), span)
