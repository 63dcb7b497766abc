"""What the app does with lists that are followed: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from ops.cli.values import count_of
from tui.background import in_thread
from tui.screens.name_form import NameForm

if TYPE_CHECKING:
    from fleet.importing.source import Source
    from ops.importing.sources import SourceReading
    from tui.app import PatchdeckApp


def read_now(deck: "PatchdeckApp", source: "Source", done: Callable[[], None]) -> None:
    """Reads ``source`` and takes over what it says; what is refused stays out."""
    from ops.importing.sources import run_source

    def taken(reading: "SourceReading") -> None:
        _tell(deck, reading)
        deck.reload()
        deck.work.look()
        done()

    deck.say(f"Reading {source.name} …")
    read = partial(run_source, deck.home, source.name, asked=True)
    in_thread(deck, read, taken, deck.complain, what="reading the list")


def edit(deck: "PatchdeckApp", before: "Source", begun: "Source | None" = None, reason: str = "") -> None:
    """Asks how the list ``before`` is followed, and keeps what was changed."""
    from ops.importing.sources import edit_source
    from tui.screens.source_form import SourceForm

    def answered(after: "Source | None") -> None:
        if after is None:
            return

        def change(old: "Source") -> "Source":
            wanted = after.request
            request = replace(old.request, path=wanted.path, only=wanted.only, excluded=wanted.excluded)
            return replace(old, request=request, followed=after.followed, following=after.following)

        def kept(_: object) -> None:
            deck.say(f"The list {before.name} is changed." if after != before else "Nothing to change.")
            deck.reload()
            deck.work.look()

        refused = lambda error: edit(deck, before, after, str(error))  # noqa: E731  # one expression, used once
        in_thread(deck, lambda: edit_source(deck.home, before.name, change), kept, refused, what="keeping the list")

    deck.push_screen(SourceForm(begun or before, reason), answered)


def ask_to_forget(deck: "PatchdeckApp", source: "Source") -> None:
    """Asks for the name, then forgets the list."""
    from ops.importing.sources import remove_source

    def removed(_: object) -> None:
        deck.say(f"The list {source.name} is forgotten; its machines and groups stay.")
        deck.reload()
        deck.work.look()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            work = lambda: remove_source(deck.home, source.name)  # noqa: E731  # one expression, used once
            in_thread(deck, work, removed, deck.complain, what="forgetting the list")

    effect = f"{source.name} is not read any more, and what it said is forgotten. Its machines and groups stay."
    deck.push_screen(NameForm("Forget a list", source.name, effect, takes="forgets it"), answered)


def _tell(deck: "PatchdeckApp", reading: "SourceReading") -> None:
    source, outcome = reading.source, reading.outcome
    if outcome is None:
        error: PatchdeckError | str = source.error
        deck.say(f"{source.name} could not be read, and nothing was changed: {error}", is_error=True)
        return
    said = ", ".join(f"{count:,} {state.value}" for state, count in outcome.counts.items() if count)
    proposed = f" {count_of(len(reading.proposed), 'machine')} to decide about." if reading.proposed else ""
    deck.say(f"{source.name}: {said or 'nothing'}.{proposed}", is_error=bool(outcome.refused))
