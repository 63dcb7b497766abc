"""What the app does with groups: each is the function of ops that the verb calls, in a thread."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from fleet.counts import share_of
from fleet.errors import PatchdeckError
from tui.background import in_thread
from tui.conflicts import or_conflict
from tui.marking import mark_machines
from tui.screens.name_form import NameForm

if TYPE_CHECKING:
    from fleet.groups.group import Group
    from tui.app import PatchdeckApp
    from tui.group_words import GroupWords
    from tui.rows.group_rows import GroupNow


def add(deck: "PatchdeckApp", begun: "Group | None" = None, reason: str = "") -> None:
    """Asks for a new group, and keeps it; one that was refused is asked for again."""
    from ops.groups import define_group

    def keep(group: "Group") -> None:
        refused = lambda error: add(deck, group, str(error))  # noqa: E731  # one expression, used once
        _keep(deck, group, lambda: define_group(deck.home, group), "is defined", refused)

    _ask(deck, begun, keep, is_new=True, reason=reason)


def edit(deck: "PatchdeckApp", group: "Group", reason: str = "", seen: "Group | None" = None) -> None:
    """Asks for another definition of ``group``, and keeps it; ``seen`` is how it was read, where it is not that."""
    from ops.groups import define_group

    read = seen or group

    def keep(changed: "Group") -> None:
        def put(after: "Group", known: "Group") -> None:
            work = lambda: define_group(deck.home, after, replace=True, seen=known)  # noqa: E731  # used once
            _keep(deck, after, work, "is changed", or_conflict(deck, refused, put))

        refused = lambda error: edit(deck, changed, str(error), read)  # noqa: E731  # one expression
        put(changed, read)

    _ask(deck, group, keep, is_new=False, reason=reason)


def ask_to_remove(deck: "PatchdeckApp", now: "GroupNow") -> None:
    """Asks for the name, then removes the group; refused at once where something refers to it."""
    from ops.groups import remove_group

    name = now.group.name
    if now.users:
        deck.say(f"Group {name} is in use: {', '.join(now.users)}. Nothing was removed.", is_error=True)
        return

    def answered(is_sure: bool | None) -> None:
        if is_sure:
            removed = lambda _: _changed(deck, f"The group {name} is removed; its machines stay.")  # noqa: E731
            in_thread(deck, lambda: remove_group(deck.home, name), removed, deck.complain, what="removing the group")

    effect = f"The definition of {name} goes. Its machines stay as they are."
    deck.push_screen(NameForm("Remove a group", name, effect, takes="removes it"), answered)


def mark_members(deck: "PatchdeckApp", now: "GroupNow") -> None:
    """Goes to the machines with the members of the group marked."""
    if now.members is None:
        deck.say(f"Who is in {now.group.name} cannot be said: {now.problem}", is_error=True)
    else:
        mark_machines(deck, now.members.known, 0, f"the group {now.group.name}")


def _ask(
    deck: "PatchdeckApp", begun: "Group | None", keep: "Callable[[Group], None]", *, is_new: bool, reason: str
) -> None:
    from tui.group_words import read_words
    from tui.screens.group_form import GroupForm

    statuses = deck.fleet.statuses

    def show(words: "GroupWords") -> None:
        def answered(group: "Group | None") -> None:
            if group is not None:
                keep(group)

        deck.push_screen(GroupForm(deck, words, begun, is_new=is_new, reason=reason), answered)

    in_thread(deck, lambda: read_words(deck.home, statuses), show, deck.complain, what="reading the groups", opens=True)


def _keep(
    deck: "PatchdeckApp",
    group: "Group",
    work: Callable[[], bool],
    done: str,
    refused: Callable[[PatchdeckError], None],
) -> None:
    def kept(is_changed: bool) -> None:
        _changed(deck, f"Group {group.name} {done if is_changed else 'is so already'}.")

    in_thread(deck, work, kept, refused, what="keeping the group")


def _changed(deck: "PatchdeckApp", line: str) -> None:
    deck.say(line)
    deck.work.look()


def members_text(count: int, total: int, unknown: int) -> str:
    """``12 of 24 machines, of 3 it is not known``."""
    rest = f", of {unknown:,} it is not known" if unknown else ""
    return f"{share_of(count, total)}{rest}"
