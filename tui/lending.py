"""The terminal lent to the user's editor, and taken back."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from fleet.errors import BadInput, PatchdeckError
from ops.acting_login import require_own_host

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Result = TypeVar("Result")
# What ctrl+c and ctrl+\ send to all that share the terminal.
_OF_KEYS = (signal.SIGINT, signal.SIGQUIT)


def in_editor(
    deck: "PatchdeckApp", work: Callable[[], Result], failed: Callable[[PatchdeckError], None] | None = None
) -> Result | None:
    """The result of ``work``, which has the terminal for itself meanwhile; None where it failed.

    That is told, and ``failed`` gives back what was written before.
    """
    # Caught inside: Textual takes the terminal back only where nothing is raised meanwhile.
    failure: BaseException | None = None
    result: Result | None = None
    try:
        with _given_terminal(deck):
            try:
                result = work()
            except Exception as error:  # noqa: BLE001 - raised again once the terminal is the app's
                failure = error
        if failure is not None:
            raise failure
    except PatchdeckError as error:
        deck.complain(error)
        if failed is not None:
            failed(error)
        return None
    return result


@contextmanager
def _given_terminal(deck: "PatchdeckApp") -> Iterator[None]:
    """The terminal as it was before the app, for a program that needs it; the app is drawn anew afterwards."""
    require_own_host("start a program")
    try:
        with deck.suspend(), deaf_to_keys():
            yield
    except SuspendNotSupported as error:
        raise BadInput("The terminal cannot be lent to an editor here; the command line can do it.") from error


@contextmanager
def deaf_to_keys() -> Iterator[None]:
    """While inside, ctrl+c and ctrl+\\ are for the program that has the terminal, and do not end the app behind it.

    They are not ignored, since a program that is started would ignore them too. All other signals reach the event loop
    once it goes on. For the main thread.
    """
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    before = {number: signal.signal(number, lambda *_: None) for number in _OF_KEYS}
    # The number of each signal that comes is written there as a byte: that is how an event loop hears of it.
    loops = signal.set_wakeup_fd(writing)
    try:
        yield
    finally:
        signal.set_wakeup_fd(loops)
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)
        os.close(writing)
        with os.fdopen(reading, "rb") as came:
            kept = bytes(number for number in came.read() or b"" if number not in _OF_KEYS)
        if kept and loops >= 0:
            os.write(loops, kept)
