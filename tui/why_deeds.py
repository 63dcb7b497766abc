"""Asking by name, after ``:``, why an update is not installed, and what is known of one."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fleet.errors import BadInput
from ops.apart.reader import ask_apart
from tui.background import in_thread

if TYPE_CHECKING:
    from ops.missing import MissingUpdate
    from tui.app import PatchdeckApp

Found = TypeVar("Found")
USAGE = "Write :why openssl, or :why web-01 openssl for one machine."


def ask_why(deck: "PatchdeckApp", text: str) -> None:
    """Shows why the update that ``text`` names is not installed; of one machine, where it names that before.

    Raises:
        BadInput: it names none.
    """
    from ops.why.finding import find_everywhere, find_on_machine

    machine, _, update = text.strip().partition(" ")
    status = deck.fleet.find_by_name(machine)
    if not machine:
        raise BadInput(USAGE)
    if status is not None and update.strip():
        work = lambda: ask_apart(deck.home, find_on_machine, update.strip(), status.machine.name, deck.instant)  # noqa: E731  # used once
        _look_for(deck, work, lambda found: _show_here(deck, *found))
    else:
        work_all = lambda: ask_apart(deck.home, find_everywhere, text.strip(), deck.instant)  # noqa: E731  # used once
        _look_for(deck, work_all, lambda found: _show_all(deck, found))


def ask_about(deck: "PatchdeckApp", text: str) -> None:
    """Shows what is known of the update that ``text`` names: where several are, of the one that most machines miss.

    Raises:
        BadInput: it names none.
    """
    from ops.why.finding import find_everywhere

    if not text.strip():
        raise BadInput("Write :about openssl, with the name or the KB of an update that machines miss.")
    work = lambda: ask_apart(deck.home, find_everywhere, text.strip(), deck.instant)  # noqa: E731  # used once
    _look_for(deck, work, lambda found: _show_about(deck, found))


def _look_for(deck: "PatchdeckApp", work: Callable[[], Found], show: Callable[[Found], None]) -> None:
    in_thread(deck, work, show, deck.refusal(), what="looking for the update", opens=True)


def _show_here(deck: "PatchdeckApp", found: "list[MissingUpdate]", others: "list[MissingUpdate]") -> None:
    from tui.screens.why import WhyScreen

    if len(found) > 1:
        deck.say(f"{len(found)} of its missing updates are called so; this is the first.")
    deck.push_screen(WhyScreen(found[0], others))


def _show_all(deck: "PatchdeckApp", found: "list[MissingUpdate]") -> None:
    from tui.screens.why import WhyEverywhereScreen

    deck.push_screen(WhyEverywhereScreen(found))


def _show_about(deck: "PatchdeckApp", found: "list[MissingUpdate]") -> None:
    from ops.why.finding import group_by_update
    from tui.screens.one_update import UpdateScreen

    groups = sorted(group_by_update(found), key=len, reverse=True)
    if len(groups) > 1:
        deck.say(f"{len(groups)} updates are called so; this is the one that most machines miss.")
    deck.push_screen(UpdateScreen(groups[0]))
