"""The terminal is lent to an editor, and taken back whatever becomes of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from fleet.errors import BadInput
from tui.app import PatchdeckApp
from tui.lending import in_editor


class LentDeck:
    """What lending needs of the app; like Textual, it takes the terminal back only where nothing is raised."""

    def __init__(self) -> None:
        self.events: list[str] = []

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Lends the terminal."""
        self.events.append("lent")
        yield
        self.events.append("taken back")

    def complain(self, error: Exception) -> None:
        """Tells an error."""
        self.events.append(str(error))


def test_terminal_is_taken_back_from_an_editor_that_fails() -> None:
    """First the terminal, then the reason: told before, nobody would see it."""
    deck = LentDeck()

    def fail() -> None:
        raise BadInput("The editor ended with 1.")

    assert in_editor(cast("PatchdeckApp", deck), fail) is None
    assert deck.events == ["lent", "taken back", "The editor ended with 1."]


def test_terminal_is_taken_back_where_nobody_foresaw_the_error() -> None:
    """It goes on as any error does, over a screen that is there."""
    deck = LentDeck()

    def break_down() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        in_editor(cast("PatchdeckApp", deck), break_down)
    assert deck.events == ["lent", "taken back"]
