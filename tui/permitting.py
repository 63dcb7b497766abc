"""What this user may do in this process: keys and commands that take a higher role are greyed, and say why.

This is for the message, before anything is done. What holds is below, in `ops` and in the files' modes.
"""

from typing import TYPE_CHECKING

from textual.dom import DOMNode

from fleet.errors import NotPermitted
from fleet.roles import Role
from tui.served import why_not_served

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

# Actions of screens that change nothing. What is not named here takes an admin, until somebody has thought about it.
_LOOKING = frozenset(
    {
        "again",
        "back",
        "back_test",
        "bring",
        "choose",
        "choose_columns",
        "command",
        "copy",
        "copy_column",
        "copy_command",
        "copy_hash",
        "copy_name",
        "copy_head",
        "copy_table",
        "copy_value",
        "export",
        "fetch_all",
        "filter",
        "find",
        "go_to_error",
        "last_view",
        "mark",
        "mark_all",
        "mark_machines",
        "mark_range",
        "mark_row",
        "mark_shown",
        "open",
        "open_machine",
        "open_run",
        "page",
        "parameters",
        "pick_asked",
        "pick_name",
        "pick_query",
        "read_older",
        "replay",
        "run_statement",
        "show",
        "show_about",
        "show_approvals",
        "show_calendar",
        "show_channels",
        "show_checks",
        "show_deeds",
        "show_messages",
        "show_runs",
        "show_sql",
        "show_trend",
        "side",
        "sort",
        "sort_beside",
        "speed",
        "step_change",
        "step_day",
        "stop",
        "switch_language",
        "switch_pane",
        "toggle_chart",
        "turn",
        "turn_order",
        "unfold",
        "verify",
        "view",
        "view_row",
        "why",
        "write",
    }
)
_OPERATING = frozenset({"assess", "assess_one", "cancel", "pause", "preview", "run"})
# Words that are only looking elsewhere, and reach machines on one screen.
_OPERATING_ON = frozenset({"PreviewScreen.again"})
# Words that mean something harmless on one screen.
_LOOKING_ON = frozenset({"QueryScreen.run", "QueryScreen.edit", "AlertsScreen.preview"})
# What changes something over a screen though anybody may open it.
_ADMINISTERING_OVER = frozenset({"SavedQueries.open_editor", "SavedQueries.rename", "SavedQueries.remove"})


def role_of_action(node: DOMNode, name: str) -> Role:
    """The least role that the action ``name`` of ``node`` takes; what stands over a screen is for who opened it."""
    from tui.screens.deck_screen import DeckScreen

    whole_name = f"{type(node).__name__}.{name}"
    if whole_name in _ADMINISTERING_OVER:
        return Role.ADMIN
    if whole_name in _OPERATING_ON:
        return Role.OPERATOR
    if not isinstance(node, DeckScreen) or name in _LOOKING or whole_name in _LOOKING_ON:
        return Role.VIEWER
    return Role.OPERATOR if name in _OPERATING else Role.ADMIN


def barred(deck: "PatchdeckApp", role: Role) -> str:
    """Why this user has not got ``role`` here and now; empty where they have."""
    if role > Role.VIEWER and deck.travel.bar:
        return deck.travel.bar
    return "" if deck.standing.role >= role else f"that takes an {role.word}; {deck.standing.reason}"


def why_not(deck: "PatchdeckApp", node: DOMNode, name: str) -> str:
    """Why the action ``name`` of ``node`` cannot be done by this user, here and now; empty where it can.

    The one source for keys, the row of keys, help and palette. A screen says in `why_not` what it cannot do now.
    """
    own = getattr(node, "why_not", None)
    barrier = barred(deck, role_of_action(node, name)) or why_not_served(node, name)
    return barrier or (str(own(name)) if own is not None else "")


def require(deck: "PatchdeckApp", role: Role, deed: str) -> None:
    """Let pass whoever has ``role``.

    Raises:
        NotPermitted: this user has not.
    """
    if why := barred(deck, role):
        raise NotPermitted(f"{deed}: {why}. Nothing was changed.")
