"""Completion of what is typed after ``:``: which words fit, which of them first, how far all of them agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain, islice

# A list of more is not read; typing another letter shortens it.
MOST_OFFERED = 60


@dataclass(frozen=True, slots=True)
class Offers:
    """The words that may stand from the character ``start`` on, the likeliest first.

    ``common`` is what those that begin so agree in, ``meanings`` says what some of them are.
    """

    start: int = 0
    words: tuple[str, ...] = ()
    common: str = ""
    meanings: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names of commands with what they mean, and the words that may follow each, with what they are where
    that is told; ``lists`` are those taking many.
    """

    commands: Mapping[str, str]
    words: Mapping[str, Sequence[str] | Mapping[str, str]]
    lists: frozenset[str] = frozenset()

    def offers(self, text: str) -> Offers:
        """What may complete ``text``: the name of a command, else its argument or the last of its arguments."""
        name, space, argument = text.partition(" ")
        if not space:
            return replace(offers_of(text, 0, self.commands), meanings=self.commands)
        words = self.words.get(name.lower(), ())
        start = len(name) + 1 + (len(argument) - len(argument.lstrip()))
        if name.lower() in self.lists:
            start = text.rfind(" ") + 1
        return replace(offers_of(text, start, words), meanings=words if isinstance(words, Mapping) else {})


def offers_of(text: str, start: int, words: Iterable[str]) -> Offers:
    """The ``words`` that fit ``text`` from ``start`` on: those that begin so, then those with its letters in order."""
    typed = text[start:].casefold()
    known = dict.fromkeys(words)
    beginning = [word for word in known if word.casefold().startswith(typed)]
    # Of a large fleet only as many are looked for as are offered.
    rest = (word for word in known if typed and not word.casefold().startswith(typed))
    others = (word for word in rest if has_in_order(typed, word.casefold()))
    # Where nothing begins so, completing to what the others share would take letters away.
    return Offers(start, tuple(islice(chain(beginning, others), MOST_OFFERED)), _common_beginning(beginning))


def _common_beginning(words: Sequence[str]) -> str:
    letters = 0
    for column in zip(*(word.casefold() for word in words), strict=False):
        if len(set(column)) > 1:
            break
        letters += 1
    return words[0][:letters] if words else ""


def has_in_order(letters: str, text: str) -> bool:
    """Whether ``text`` has all ``letters``, in this order."""
    rest = iter(text)
    return all(letter in rest for letter in letters)
