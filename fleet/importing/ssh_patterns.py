"""Words, patterns and tokens of OpenSSH's client configuration, as ssh_config(5) has them."""

import re
from collections.abc import Mapping, Sequence
from fnmatch import translate
from functools import lru_cache

_WORD = re.compile(r'"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<plain>(?:[^\s"\\]|\\.)+)')


class BadLine(ValueError):
    """A line that cannot be read."""


def split_words(text: str) -> list[str]:
    """The words of a line, quotes and backslashes taken off; a ``#`` that begins a word begins a comment.

    Raises:
        BadLine: a quote is not closed.
    """
    words: list[str] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        if text[at] == "#":
            break
        match = _WORD.match(text, at)
        if match is None:
            raise BadLine("a quote is not closed")
        words.append(re.sub(r'\\(["\'\\ ])', r"\1", match["quoted"] if match["quoted"] is not None else match["plain"]))
        at = match.end()
    return words


def is_pattern(word: str) -> bool:
    """Whether it stands for several hosts, or for those that are not meant."""
    return word.startswith("!") or "*" in word or "?" in word


def matches(patterns: Sequence[str], name: str) -> bool:
    """Whether ``name`` fits one of the patterns, and none that is negated."""
    wanted = [pattern for pattern in patterns if not pattern.startswith("!")]
    unwanted = [pattern[1:] for pattern in patterns if pattern.startswith("!")]
    return any(_fits(pattern, name) for pattern in wanted) and not any(_fits(pattern, name) for pattern in unwanted)


def expand(text: str, tokens: Mapping[str, str]) -> str | None:
    """``text`` with its tokens (``%h``) replaced; None where one is not known here."""
    known = {**tokens, "%": "%"}
    is_known = all(match[1] in known for match in re.finditer(r"%(.)", text)) and not re.search(r"%$", text)
    if not is_known or "${" in text:
        return None
    return re.sub(r"%(.)", lambda match: known[match[1]], text)


def _fits(pattern: str, name: str) -> bool:
    return _compiled(pattern.casefold()).fullmatch(name.casefold()) is not None


@lru_cache(maxsize=10_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    # ssh knows no [ ] in patterns
    return re.compile(translate(pattern.replace("[", "[[]")))
