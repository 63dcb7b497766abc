"""The pieces of a query that is still being written, SQL or KQL: nothing is an error, a text may end anywhere."""

import re
from dataclasses import dataclass
from enum import Enum

from query.language import QueryLanguage


class Kind(Enum):
    """What a piece of the text is; the value is its group in the expressions below."""

    WORD = "word"
    NUMBER = "number"
    STRING = "string"
    COMMENT = "comment"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the text from ``start`` up to ``end``."""

    kind: Kind
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """What a word names: ``"a b"`` and ``['a b']`` without what is around it."""
        if self.kind is Kind.WORD and self.text[:1] in ('"', "["):
            return self.text.strip("[]").strip("\"'")
        return self.text

    @property
    def folded(self) -> str:
        """`name` whatever the case."""
        return self.name.casefold()

    def is_sign(self, *texts: str) -> bool:
        """Whether it is one of these signs."""
        return self.kind is Kind.SIGN and self.text in texts

    def is_word(self, *words: str) -> bool:
        """Whether it is one of these words, which are in lower case; a name in quotes is none."""
        return self.kind is Kind.WORD and self.text.casefold() in words


# In SQL double quotes are around a name, in KQL around a text.
_SQL = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?(?:\*/|\Z))
    |(?P<string>'(?:[^']|'')*(?:'|\Z))
    |(?P<word>"[^"\n]*(?:"|$)|\$?[^\W\d]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<sign><>|!=|>=|<=|::|\|\||[^\s\w])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)
_KQL = re.compile(
    r"""(?P<comment>//[^\n]*)
    |(?P<string>[hH]?(?:```.*?(?:```|\Z)|@"(?:[^"\n]|"")*(?:"|$)|@'(?:[^'\n]|'')*(?:'|$)
        |"(?:[^"\\\n]|\\.)*(?:"|$)|'(?:[^'\\\n]|\\.)*(?:'|$)))
    |(?P<word>\[['"][^'"\n]*['"]\]
        |(?:project|mv|make|sample|parse|top)-[a-z]*(?!\w)
        |\$?[^\W\d]\w*)
    |(?P<number>\d[\w.]*)
    |(?P<sign>==|!=|=~|!~|<>|>=|<=|=>|\.\.|![a-z_]+~?|[^\s\w])""",
    re.VERBOSE | re.DOTALL | re.MULTILINE,
)


def tokenize(text: str, language: QueryLanguage) -> list[Token]:
    """The pieces of ``text`` in order, comments among them; white space is left out."""
    expression = _KQL if language is QueryLanguage.KQL else _SQL
    return [
        Token(Kind(found.lastgroup), found.group(), found.start(), found.end()) for found in expression.finditer(text)
    ]
