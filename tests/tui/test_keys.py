"""Keys are documented, each where it works."""

import importlib.util
from pathlib import Path

import pytest
from textual.binding import Binding
from textual.widget import Widget

from tui.app import PatchdeckApp
from tui.commands import COMMANDS, find_command
from tui.screens.alert_history import AlertHistoryScreen
from tui.screens.alerts import AlertsScreen
from tui.screens.answer_pane import AnswerPane
from tui.screens.approvals import ApprovalsScreen
from tui.screens.asked_queries import AskedQueries
from tui.screens.audit import AuditScreen
from tui.screens.audit_entry import AuditEntryScreen
from tui.screens.back_test import BackTestScreen
from tui.screens.behind_reason import BehindReasonScreen
from tui.screens.channels import ChannelsScreen
from tui.screens.deployment_form import DeploymentForm
from tui.screens.deployments import DeploymentsScreen
from tui.screens.group import GroupScreen
from tui.screens.groups import GroupsScreen
from tui.screens.import_preview import ImportScreen
from tui.screens.known import KnownScreen
from tui.screens.machine import MachineScreen
from tui.screens.machine_form import MachineForm
from tui.screens.machine_log import MachineLogScreen
from tui.screens.machine_plan import MachinePlanScreen
from tui.screens.machine_runs import MachineRunsScreen
from tui.screens.machines import MachinesScreen
from tui.screens.messages import MessagesScreen
from tui.screens.missing import MissingScreen, NeedingScreen
from tui.screens.one_update import UpdateScreen
from tui.screens.preview import PreviewScreen
from tui.screens.profile_test import ProfileTestScreen
from tui.screens.profiles import ProfilesScreen
from tui.screens.query import QueryScreen
from tui.screens.record import RecordOverlay
from tui.screens.report import ReportScreen
from tui.screens.reports import ReportsScreen
from tui.screens.run import RunScreen
from tui.screens.run_machine import RunMachineScreen
from tui.screens.run_update import RunUpdateScreen
from tui.screens.runs import RunsScreen
from tui.screens.saved_queries import SavedQueries
from tui.screens.scope import ScopeScreen
from tui.screens.sources import SourcesScreen
from tui.screens.why import WhyEverywhereScreen, WhyScreen
from tui.widgets.query_editor import QueryEditor
from tui.widgets.table import BigTable

DOCS = Path(__file__).parents[2] / "docs"
KINDS: tuple[type, ...] = (
    PatchdeckApp,
    BigTable,
    MachinesScreen,
    MachineScreen,
    MissingScreen,
    NeedingScreen,
    QueryScreen,
    QueryEditor,
    AnswerPane,
    SavedQueries,
    AskedQueries,
    RecordOverlay,
    DeploymentsScreen,
    DeploymentForm,
    PreviewScreen,
    MachinePlanScreen,
    RunsScreen,
    RunScreen,
    RunMachineScreen,
    RunUpdateScreen,
    MachineRunsScreen,
    MachineLogScreen,
    UpdateScreen,
    WhyScreen,
    WhyEverywhereScreen,
    BehindReasonScreen,
    KnownScreen,
    MachineForm,
    ImportScreen,
    GroupsScreen,
    GroupScreen,
    ScopeScreen,
    SourcesScreen,
    ProfilesScreen,
    ProfileTestScreen,
    AlertsScreen,
    AlertHistoryScreen,
    BackTestScreen,
    ChannelsScreen,
    MessagesScreen,
    AuditScreen,
    AuditEntryScreen,
    ApprovalsScreen,
    ReportsScreen,
    ReportScreen,
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_key_says_what_it_does(kind: type[Widget]) -> None:
    """A key without a meaning would be missing from help and documentation."""
    silent = [each.key for each in kind.BINDINGS if isinstance(each, Binding) and not each.tooltip]
    assert silent == []


def test_page_of_keys_is_up_to_date() -> None:
    """docs/keys.md is what the bindings say."""
    spec = importlib.util.spec_from_file_location("make_keys", DOCS / "make_keys.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "keys.md").read_text(encoding="utf-8") == module.make()


@pytest.mark.parametrize("name", [name for command in COMMANDS for name in command.names])
def test_commands_are_found_by_each_of_their_names(name: str) -> None:
    """No name stands for two commands."""
    assert name in find_command(name).names
