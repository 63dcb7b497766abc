"""What the app does with lists of machines: preview one, take it over. Each is a function of ops, in a thread."""

from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from ops.cli.values import count_of
from tui.background import in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from fleet.importing.preview import ImportPreview
    from fleet.importing.source import Following
    from ops.importing.applying import ImportOutcome
    from tui.app import PatchdeckApp
    from tui.screens.import_form import WantedList


def ask_for_list(deck: "PatchdeckApp", begun: "WantedList | None" = None, reason: str = "") -> None:
    """Asks which list is meant, and shows what it would do; one that cannot be read is asked for again."""
    from tui.screens.import_form import ImportForm

    def answered(wanted: "WantedList | None") -> None:
        if wanted is not None:
            preview(deck, wanted)

    deck.push_screen(ImportForm(begun, reason), answered)


def import_named(deck: "PatchdeckApp", path: str) -> None:
    """Shows what the list at ``path`` would do; without a path asks for it."""
    from fleet.importing.request import ImportRequest
    from tui.screens.import_form import WantedList

    if path:
        preview(deck, WantedList(ImportRequest(path)))
    else:
        ask_for_list(deck)


def preview(deck: "PatchdeckApp", wanted: "WantedList") -> None:
    """Reads the list and shows what it would do."""
    from ops.importing.previewing import preview_import
    from tui.screens.import_preview import ImportScreen

    request = wanted.request

    def failed(error: PatchdeckError) -> None:
        ask_for_list(deck, wanted, str(error))

    def show(found: "ImportPreview") -> None:
        deck.push_screen(ImportScreen(found, wanted.following))

    deck.say(f"Reading {request.path} …")
    in_thread(deck, lambda: preview_import(deck.home, request), show, failed, what="reading the list")


def take_over(
    deck: "PatchdeckApp",
    shown: "ImportPreview",
    names: "Collection[str] | None",
    following: "Following | None",
    done: "Callable[[], None]",
) -> None:
    """Takes over what ``shown`` says of the machines called ``names``, of all where that is None; refused stay out.

    ``following``: the list is followed from then on.
    """
    from ops.importing.applying import Applying, apply_import
    from tui.screens.name_form import NameForm

    wanted = None if names is None else {name.casefold() for name in names}
    rows = [row for row in shown.rows if wanted is None or row.name.casefold() in wanted]
    effect = _effect(shown, rows) + (f" It is read again every {following.every_minutes} min." if following else "")
    changing = sum(row.machine is not None and row.machine != row.known for row in rows)

    def taken(outcome: "ImportOutcome") -> None:
        _tell(deck, outcome)
        done()

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            how = Applying(names=names, skip_refused=True, following=following)
            in_thread(deck, lambda: apply_import(deck.home, shown, how), taken, deck.complain, what="importing")

    deck.push_screen(NameForm(f"Import {shown.source}", str(changing), effect, takes="imports"), answered)


def _effect(shown: "ImportPreview", rows: "Collection[object]") -> str:
    from fleet.importing.preview import ImportRow, ImportState

    states = [row.state for row in rows if isinstance(row, ImportRow)]
    said = [f"{states.count(state):,} {state.value}" for state in ImportState if states.count(state)]
    refused = " What is refused stays out." if ImportState.REFUSED in states else ""
    groups = f" {count_of(len(shown.groups), 'group')} with them." if shown.groups else ""
    return f"{', '.join(said) or 'nothing'}.{refused}{groups} Nothing connects to a machine by that alone."


def _tell(deck: "PatchdeckApp", outcome: "ImportOutcome") -> None:
    said = ", ".join(f"{count:,} {state.value}" for state, count in outcome.counts.items() if count)
    outdated = (
        f" {count_of(len(outcome.outdated), 'machine')} changed meanwhile and were left." if outcome.outdated else ""
    )
    deck.say(f"Imported from {outcome.source.name}: {said or 'nothing'}.{outdated}")
    deck.reload()
    deck.work.look()
