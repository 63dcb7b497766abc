"""Completion of one word among several in a line: targets, tags, the terms of an expression."""

from collections.abc import Iterable

from textual.suggester import Suggester

# What ends a word: a term of an expression may follow a bracket or a comma at once.
_ENDS = " (,"


class WordSuggester(Suggester):
    """Completes the last word of what is typed to the first of ``words`` that begins so, whatever the case."""

    def __init__(self, words: Iterable[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._words = tuple(words)

    async def get_suggestion(self, value: str) -> str | None:
        """All of ``value`` with its last word whole, None where nothing begins so."""
        start = max(value.rfind(end) for end in _ENDS) + 1
        begun = value[start:].casefold()
        if not begun:
            return None
        found = next((word for word in self._words if word.casefold().startswith(begun) and len(word) > len(begun)), "")
        return value + found[len(begun) :] if found else None
