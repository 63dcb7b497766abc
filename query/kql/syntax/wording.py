"""How errors name what stands in a query."""

from fleet.hostile import clean
from query.kql.tokens import Token, TokenKind

_SHOWN_CHARACTERS = 40


def described(token: Token) -> str:
    """The token and its verb, as a sentence begins: ``'wher' stands``, ``The string 'Linux' stands``."""
    if token.kind is TokenKind.END:
        return "The query ends"
    shown = clean(token.text, _SHOWN_CHARACTERS)
    return f"The string {shown} stands" if token.is_string else f"'{shown}' stands"


def finished(message: str, advice: str = "") -> str:
    """One sentence of what is wrong and what to write instead."""
    whole = f"{message}: {advice}" if advice else message
    return whole if whole.endswith("?") else f"{whole}."
