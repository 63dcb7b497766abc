"""The terminal is lent to an editor, and taken back whatever becomes of it."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

import pytest

from fleet.errors import BadInput
from tui.app import PatchdeckApp
from tui.lending import deaf_to_keys, in_editor


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


async def test_interrupt_is_for_the_program_that_has_the_terminal() -> None:
    """ctrl+c in a pager or an editor does not end the app behind it; being told to end from outside still does."""
    loop, told = asyncio.get_running_loop(), asyncio.Queue[int]()
    numbers = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.getsignal(number) for number in numbers}
    for number in numbers:
        loop.add_signal_handler(number, told.put_nowait, number)
    try:
        with deaf_to_keys():
            for number in (*numbers, signal.SIGQUIT):
                os.kill(os.getpid(), number)
            program = subprocess.run(["sh", "-c", "kill -INT $$"], check=False)
        async with asyncio.timeout(30):
            assert await told.get() == signal.SIGTERM
            os.kill(os.getpid(), signal.SIGINT)
            assert await told.get() == signal.SIGINT
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
    assert program.returncode == -signal.SIGINT
