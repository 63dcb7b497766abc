"""The ways out of the overview: from a row to exactly what it counts."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ops.overview.needs import Need, NeedKind
from tui.places import open_group, push_run
from tui.rows.overview_rows import GROUP, HEADING, NEED, SYSTEM

if TYPE_CHECKING:
    from ops.overview.reading import Overview
    from tui.app import PatchdeckApp

_TREND = "compliance-by-day"
_BY_SYSTEM = "compliance-by-system"


def follow(deck: "PatchdeckApp", overview: "Overview", key: str) -> None:
    """Goes to what the row with ``key`` counts; escape comes back."""
    kind, _, name = key.partition(":")
    if kind == NEED:
        need = next((each for each in overview.needs if each.kind == name), None)
        if need is not None:
            _follow_need(deck, need)
    elif kind == SYSTEM:
        part = next((each for each in overview.standing.systems if each.name == name), None)
        if part is not None:
            _show_machines(deck, part.name, tuple(part.ids))
    elif kind == GROUP:
        open_group(deck, name)
    elif kind == HEADING and name == GROUP:
        from tui.screens.groups import GroupsScreen

        deck.push_screen(GroupsScreen())
    elif kind == HEADING:
        _ask_saved(deck, _BY_SYSTEM)


def show_trend(deck: "PatchdeckApp") -> None:
    """Goes to the query that the trend is of."""
    _ask_saved(deck, _TREND)


def _follow_need(deck: "PatchdeckApp", need: Need) -> None:
    if need.kind.is_of_machines:
        _show_machines(deck, need.kind.words, need.ids)
    elif need.kind in (NeedKind.FAILED_RUNS, NeedKind.APPROVALS, NeedKind.RUNS_OPEN):
        _show_runs(deck, need)
    elif need.kind is NeedKind.ALERTS:
        from tui.screens.alerts import AlertsScreen

        deck.push_screen(AlertsScreen())
    elif need.kind is NeedKind.NEXT_START:
        from tui.screens.calendar import CalendarScreen

        deck.push_screen(CalendarScreen())
    elif need.kind is NeedKind.SETTINGS:
        from tui.screens.settings import SettingsScreen

        deck.push_screen(SettingsScreen())
    elif need.kind is NeedKind.ASSESSING:
        deck.show_machines()
    else:
        from tui.screens.full_text import FullText

        deck.push_screen(FullText("The background service", f"{need.text}\n\n{_SERVICE_HELP}"))


def _show_machines(deck: "PatchdeckApp", crumb: str, ids: Sequence[str]) -> None:
    from tui.screens.chosen_machines import ChosenMachinesScreen

    if len(ids) == 1:
        deck.open_machine(ids[0])
    else:
        deck.push_screen(ChosenMachinesScreen(crumb, frozenset(ids)))


def _show_runs(deck: "PatchdeckApp", need: Need) -> None:
    from tui.screens.chosen_runs import ChosenRunsScreen

    if len(need.ids) == 1:
        push_run(deck, need.ids[0])
    else:
        deck.push_screen(ChosenRunsScreen(need.kind.words, need.ids))


def _ask_saved(deck: "PatchdeckApp", name: str) -> None:
    from ops.questions import find_query
    from tui.background import in_thread

    in_thread(
        deck,
        lambda: find_query(deck.home, name),
        lambda saved: deck.show_query(saved.text, saved.values({})),
        deck.complain,
        what="looking for the query",
    )


_SERVICE_HELP = """\
The service assesses machines on schedule, starts deployments, evaluates alerts and tells people of them.
What it does and what it cannot:  patchdeck service status
To start it now:                  patchdeck service start
To have systemd keep it running:  patchdeck service install
"""
