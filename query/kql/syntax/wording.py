"""How errors name what stands in a query."""

from fleet.hostile import clean
from query.kql.tokens import Token, TokenKind

_SHOWN_CHARACTERS = 40


def described(token: Token) -> str:
    """The token as the beginning of a sentence names it: ``'wher'``, ``The string 'Linux'``."""
    if token.kind is TokenKind.END:
        return "The end of the query"
    shown = clean(token.text, _SHOWN_CHARACTERS)
    if token.is_string:
        return f"The string {shown}"
    return f"'{shown}'"
