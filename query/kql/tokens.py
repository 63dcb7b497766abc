"""The words of a query."""

from dataclasses import dataclass
from enum import Enum

from query.kql.tree import Span
from query.kql.types import KqlType


class TokenKind(Enum):
    """What a token is."""

    NAME = "name"
    QUOTED_NAME = "quoted name"
    LITERAL = "literal"
    MARK = "mark"
    END = "end"


@dataclass(frozen=True, slots=True)
class Token:
    """One word: a name or keyword, a value that was written out, or a mark such as ``|``, ``==`` or ``!has``.

    ``text`` is what was written, save that of a quoted name (``['a b']``), which is the name alone. ``value`` and
    ``type`` are those of a literal.
    """

    kind: TokenKind
    text: str
    span: Span
    value: object = None
    type: KqlType = KqlType.STRING

    def is_mark(self, *texts: str) -> bool:
        """Whether it is one of these marks."""
        return self.kind is TokenKind.MARK and self.text in texts

    def is_word(self, *texts: str) -> bool:
        """Whether it is one of these words, not in quotes."""
        return self.kind is TokenKind.NAME and self.text in texts

    @property
    def is_name(self) -> bool:
        """Whether it can name something."""
        return self.kind in (TokenKind.NAME, TokenKind.QUOTED_NAME)

    @property
    def is_string(self) -> bool:
        """Whether it is a string that was written out."""
        return self.kind is TokenKind.LITERAL and self.type is KqlType.STRING
