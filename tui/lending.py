"""The terminal lent to the user's editor, and taken back."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

from textual.app import SuspendNotSupported

from fleet.errors import BadInput, PatchdeckError
from ops.acting_login import require_own_host

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

Result = TypeVar("Result")


def in_editor(deck: "PatchdeckApp", work: Callable[[], Result]) -> Result | None:
    """The result of ``work``, which has the terminal for itself meanwhile; None where it failed, which is told."""
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
        return None
    return result


@contextmanager
def _given_terminal(deck: "PatchdeckApp") -> Iterator[None]:
    """The terminal as it was before the app, for a program that needs it; the app is drawn anew afterwards."""
    require_own_host("start a program")
    try:
        with deck.suspend():
            yield
    except SuspendNotSupported as error:
        raise BadInput("The terminal cannot be lent to an editor here; the command line can do it.") from error
