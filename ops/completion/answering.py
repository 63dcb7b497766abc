"""Offers in the form that each shell takes, and the script that asks for them."""

import re
from collections.abc import Iterator, Sequence
from enum import StrEnum
from importlib.resources import files

from ops.completion.offer import Offers
from ops.completion.typed import split_line

_MEANING_CELLS = 80
# What readline cuts words at beside blanks: it replaces only what stands behind the last of them.
_CUTS = re.compile(r".*[:=@><|&;(]", re.DOTALL)
_SPECIAL = re.compile(r"[^\w@%+=:,./-]")
_SPECIAL_IN_DOUBLE_QUOTES = re.compile(r"[$`\"\\]")


class Shell(StrEnum):
    """The shells that are completed for."""

    BASH = "bash"
    ZSH = "zsh"
    FISH = "fish"


def script_of(shell: Shell) -> str:
    """What the shell is to run at its start."""
    return (files(__package__) / "shells" / shell.value).read_text(encoding="utf-8")


def words_of(shell: Shell, given: Sequence[str]) -> Sequence[str]:
    """The words to complete: bash gives the line as it is typed, the others give words."""
    return split_line(given[0])[1:] if shell is Shell.BASH else given


def lines_of(shell: Shell, given: Sequence[str], offers: Offers) -> Iterator[str]:
    """A line for each offer: for bash what takes the place of its word, else the value, a tab and the meaning."""
    if shell is not Shell.BASH:
        for offer in offers.words:
            yield f"{offer.value}\t{' '.join(offer.meaning.split())[:_MEANING_CELLS]}"
        return
    typed = split_line(given[0])[-1]
    current = given[1] if len(given) > 1 else typed
    quote = current[:1] if current[:1] in ("'", '"') else ""
    # Without an open quotation, bash's own word begins behind the last cut of what is typed.
    cut = "" if quote else (_CUTS.match(typed) or [""])[0]
    for offer in offers.words:
        if quote != '"' or "!" not in offer.value:  # which double quotes cannot keep from bash's history
            yield _quoted(offer.value[len(cut) :], quote)


def _quoted(value: str, quote: str) -> str:
    """``value`` behind an open ``quote`` of bash, or none, where nothing in it means more than itself."""
    if quote == "'":
        return value.replace("'", r"'\''")
    return (_SPECIAL_IN_DOUBLE_QUOTES if quote else _SPECIAL).sub(r"\\\g<0>", value)
