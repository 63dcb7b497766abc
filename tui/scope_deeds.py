"""What the app does with the scope: groups in, groups out; whom that leaves outside is shown before it is done."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.edit_conflicts import EditConflict
from fleet.errors import PatchdeckError
from tui.background import in_thread
from tui.rows.scope_rows import effect_text
from tui.screens.name_form import NameForm

if TYPE_CHECKING:
    from ops.scoping import ScopeSight
    from tui.app import PatchdeckApp


def ask_to_add(deck: "PatchdeckApp", group: str) -> None:
    """Shows who may be touched with ``group`` in the scope, and asks for its name."""
    from ops.scoping import add_to_scope, look_at_scope

    def show(sight: "ScopeSight") -> None:
        def answered(is_sure: bool | None) -> None:
            if is_sure:
                in_thread(
                    deck,
                    lambda: add_to_scope(deck.home, [group], seen=sight),
                    lambda _: _changed(deck, f"The group {group} is in the scope."),
                    _again(deck, lambda: ask_to_add(deck, group)),
                    what="changing the scope",
                )

        form = NameForm(f"Add {group} to the scope", group, effect_text(sight), takes="adds it")
        deck.push_screen(form, answered)

    in_thread(
        deck,
        lambda: look_at_scope(deck.home, added=[group]),
        show,
        deck.complain,
        what="looking at the scope",
        opens=True,
    )


def ask_to_remove(deck: "PatchdeckApp", group: str) -> None:
    """Shows who may be touched without ``group`` in the scope, and asks for its name; for ``all`` if none is left."""
    from ops.scoping import look_at_scope, remove_from_scope

    def show(sight: "ScopeSight") -> None:
        is_last = sight.view is None

        def answered(is_sure: bool | None) -> None:
            if is_sure:
                in_thread(
                    deck,
                    lambda: remove_from_scope(deck.home, [group], everything=is_last, seen=sight),
                    lambda _: _changed(deck, f"The group {group} is out of the scope."),
                    _again(deck, lambda: ask_to_remove(deck, group)),
                    what="changing the scope",
                )

        title = "End the scope" if is_last else f"Take {group} out of the scope"
        warning = "This widens the scope to every machine." if is_last else ""
        word = "all" if is_last else group
        deck.push_screen(NameForm(title, word, effect_text(sight), takes="does it", warning=warning), answered)

    in_thread(
        deck,
        lambda: look_at_scope(deck.home, removed=[group]),
        show,
        deck.complain,
        what="looking at the scope",
        opens=True,
    )


def _again(deck: "PatchdeckApp", ask: Callable[[], None]) -> Callable[[PatchdeckError], None]:
    """Tells the error; where others changed the scope since it was shown, shows it anew and asks once more."""

    def failed(error: PatchdeckError) -> None:
        deck.complain(error)
        if isinstance(error, EditConflict):
            ask()

    return failed


def _changed(deck: "PatchdeckApp", line: str) -> None:
    deck.say(line)
    deck.reload()
    deck.work.look()
