"""Text of KQL to its tree."""

from query.kql import tree
from query.kql.lexer import tokenize
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.statements import parse_script


def parse(text: str) -> tree.Script:
    """The tree of ``text``.

    Raises:
        KqlProblem: it is no KQL; says what stands where, and what is expected there.
    """
    return parse_script(Cursor(tokenize(text)))
