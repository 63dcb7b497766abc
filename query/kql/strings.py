"""Strings as KQL writes them: both quotes, verbatim, obfuscated, over many lines."""

import re

from query.kql.errors import KqlProblem
from query.kql.tree import Span

_OPENING = re.compile(r"""[hH]?(?:@["']|["']|```|~~~)""")
_END_OF_PLAIN = {quote: re.compile(rf"[{quote}\\\r\n]") for quote in "\"'"}
_ESCAPE = re.compile(r"u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|x([0-9a-fA-F]{2})|([0-3][0-7]{2}|[0-7]{1,2})")
_SIMPLE_ESCAPES = {
    "a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\", "'": "'", '"': '"',
}  # fmt: skip
_LARGEST_CHARACTER = 0x10FFFF


def starts_string(text: str, start: int) -> bool:
    """Whether a string begins at ``start``."""
    return _OPENING.match(text, start) is not None


def read_string(text: str, start: int) -> tuple[str, int]:
    """The value of the string that begins at ``start``, and where it ends.

    Raises:
        KqlProblem: it is not closed, or has an escape that KQL does not know.
    """
    opening = _OPENING.match(text, start)
    if opening is None:
        raise KqlProblem("A string is expected here.", Span(start, start + 1))
    fence = opening.group().lstrip("hH")
    if fence in ("```", "~~~"):
        return _fenced(text, start, opening.end(), fence)
    if fence.startswith("@"):
        return _verbatim(text, start, opening.end(), fence[1])
    return _plain(text, start, opening.end(), fence)


def _fenced(text: str, start: int, begin: int, fence: str) -> tuple[str, int]:
    end = text.find(fence, begin)
    if end < 0:
        raise _unclosed(start, begin, fence)
    return text[begin:end], end + len(fence)


def _verbatim(text: str, start: int, begin: int, quote: str) -> tuple[str, int]:
    """Backslashes mean themselves; a doubled quote is one."""
    position = begin
    while (end := text.find(quote, position)) >= 0 and text.find("\n", position, end) < 0:
        if text[end + 1 : end + 2] != quote:
            return text[begin:end].replace(quote * 2, quote), end + 1
        position = end + 2
    raise _unclosed(start, begin, quote)


def _plain(text: str, start: int, begin: int, quote: str) -> tuple[str, int]:
    parts: list[str] = []
    position = begin
    while found := _END_OF_PLAIN[quote].search(text, position):
        parts.append(text[position : found.start()])
        if found.group() == quote:
            return "".join(parts), found.end()
        if found.group() != "\\":
            break
        character, position = _escaped(text, found.start())
        parts.append(character)
    raise _unclosed(start, begin, quote, is_escaped=f"\\{quote}" in text[begin:position])


def _escaped(text: str, backslash: int) -> tuple[str, int]:
    """The character that the escape at ``backslash`` means, and where the escape ends."""
    after = text[backslash + 1 : backslash + 2]
    if after in _SIMPLE_ESCAPES:
        return _SIMPLE_ESCAPES[after], backslash + 2
    if found := _ESCAPE.match(text, backslash + 1):
        digits = found.group(1) or found.group(2) or found.group(3)
        code = int(digits, 16) if digits else int(found.group(4), 8)
        if code <= _LARGEST_CHARACTER:
            return chr(code), found.end()
    raise KqlProblem(
        f"'\\{after}' is no escape of KQL: double the backslash, or write the string as @\"…\", where it means itself.",
        Span(backslash, min(backslash + 2, len(text))),
    )


def _unclosed(start: int, begin: int, quote: str, *, is_escaped: bool = False) -> KqlProblem:
    advice = f": \\{quote} is a quote inside of it, so double the backslash" if is_escaped else ""
    return KqlProblem(f"The string that begins here has no closing {quote}{advice}.", Span(start, begin))
