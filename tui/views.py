"""The views that the app switches between, and the key of each; each is made when it is first gone to."""

from collections.abc import Callable
from typing import Any  # screens of every kind of answer, as Textual types them

from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.screens.machines import MachinesScreen

VIEW_BINDINGS: list[BindingType] = [
    Binding("O", "view('overview')", "overview", show=False, tooltip="What needs you now, and how compliant all is"),
    Binding("1", "view('_default')", "machines", show=False, tooltip="All machines"),
    Binding("2", "view('missing')", "missing", show=False, tooltip="Updates that machines miss"),
    Binding("3", "view('query')", "query", show=False, tooltip="Ask the tables in SQL"),
    Binding("4", "view('deployments')", "deployments", show=False, tooltip="What is installed where, and when"),
    Binding("5", "view('runs')", "runs", show=False, tooltip="What deployments do and did"),
    Binding("6", "view('known')", "known", show=False, tooltip="Known, discovered and enabled machines"),
    Binding("7", "view('groups')", "groups", show=False, tooltip="Machines under a name"),
    Binding("8", "view('scope')", "scope", show=False, tooltip="What Patchdeck may touch at all"),
    Binding("9", "view('profiles')", "profiles", show=False, tooltip="How machines are logged in to"),
    Binding("0", "view('alerts')", "alerts", show=False, tooltip="What is wrong now, and the rules that tell of it"),
    Binding("comma", "view('settings')", "settings", show=False, tooltip="What config.toml says, and could say"),
    Binding("W", "view('audit')", "audit", show=False, tooltip="Who did what, when and from where"),
]


def _overview_screen() -> Screen[Any]:
    from tui.screens.overview import OverviewScreen

    return OverviewScreen()


def _missing_screen() -> Screen[Any]:
    from tui.screens.missing import MissingScreen

    return MissingScreen()


def _query_screen() -> Screen[Any]:
    from tui.screens.query import QueryScreen

    return QueryScreen()


def _deployments_screen() -> Screen[Any]:
    from tui.screens.deployments import DeploymentsScreen

    return DeploymentsScreen()


def _runs_screen() -> Screen[Any]:
    from tui.screens.runs import RunsScreen

    return RunsScreen()


def _known_screen() -> Screen[Any]:
    from tui.screens.known import KnownScreen

    return KnownScreen()


def _groups_screen() -> Screen[Any]:
    from tui.screens.groups import GroupsScreen

    return GroupsScreen()


def _scope_screen() -> Screen[Any]:
    from tui.screens.scope import ScopeScreen

    return ScopeScreen()


def _profiles_screen() -> Screen[Any]:
    from tui.screens.profiles import ProfilesScreen

    return ProfilesScreen()


def _alerts_screen() -> Screen[Any]:
    from tui.screens.alerts import AlertsScreen

    return AlertsScreen()


def _audit_screen() -> Screen[Any]:
    from tui.screens.audit import AuditScreen

    return AuditScreen()


def _settings_screen() -> Screen[Any]:
    from tui.screens.settings import SettingsScreen

    return SettingsScreen()


def _channels_screen() -> Screen[Any]:
    from tui.screens.channels import ChannelsScreen

    return ChannelsScreen()


def _messages_screen() -> Screen[Any]:
    from tui.screens.messages import MessagesScreen

    return MessagesScreen()


def _approvals_screen() -> Screen[Any]:
    from tui.screens.approvals import ApprovalsScreen

    return ApprovalsScreen()


def _reports_screen() -> Screen[Any]:
    from tui.screens.reports import ReportsScreen

    return ReportsScreen()


VIEWS: dict[str, str | Callable[[], Screen[Any]]] = {
    # Textual's name for the mode it begins with; listed, so that one can come back to it.
    "_default": MachinesScreen,
    "overview": _overview_screen,
    "missing": _missing_screen,
    "query": _query_screen,
    "deployments": _deployments_screen,
    "runs": _runs_screen,
    "known": _known_screen,
    "groups": _groups_screen,
    "scope": _scope_screen,
    "profiles": _profiles_screen,
    "alerts": _alerts_screen,
    "audit": _audit_screen,
    "settings": _settings_screen,
    "channels": _channels_screen,
    "messages": _messages_screen,
    "approvals": _approvals_screen,
    "reports": _reports_screen,
}
