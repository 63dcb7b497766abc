"""Makes docs/keys.md: every key of the app, from the bindings themselves."""

from pathlib import Path

PAGE = Path(__file__).with_name("keys.md")
HEAD = """# Keys

Made by `docs/make_all.py` from the bindings of the app; don't edit it. In the app, `?` shows the keys that work where
you are, and `ctrl+p` finds everything by name. [The app](app.md) tells what is the same everywhere, and how a key can
be another one, by the id beside it. What a screen has from others can be changed for it alone, too: `machines.sort` is
`every-table.sort` there.
"""


def make() -> str:
    """The page."""
    from tui.app import PatchdeckApp
    from tui.commands import COMMANDS
    from tui.key_list import grouped, keys_with_ids
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

    screens = [
        ("Machines", MachinesScreen),
        ("One machine", MachineScreen),
        ("A machine's log", MachineLogScreen),
        ("Missing updates", MissingScreen),
        ("Machines that need an update", NeedingScreen),
        ("One update", UpdateScreen),
        ("Why an update is not installed", WhyScreen),
        ("Why an update is not installed, by reason", WhyEverywhereScreen),
        ("Machines that have a reason", BehindReasonScreen),
        ("Query", QueryScreen),
        ("Query: the editor", QueryEditor),
        ("Query: the answer", AnswerPane),
        ("Query: saved queries", SavedQueries),
        ("Query: asked before", AskedQueries),
        ("Query: one row", RecordOverlay),
        ("Deployments", DeploymentsScreen),
        ("A new deployment", DeploymentForm),
        ("Preview of a deployment", PreviewScreen),
        ("What would change on a machine", MachinePlanScreen),
        ("Runs", RunsScreen),
        ("One run", RunScreen),
        ("A machine of a run", RunMachineScreen),
        ("An update of a run", RunUpdateScreen),
        ("Runs of a machine", MachineRunsScreen),
        ("Known machines", KnownScreen),
        ("A machine's form", MachineForm),
        ("Import of a list", ImportScreen),
        ("Lists that machines came from", SourcesScreen),
        ("Groups", GroupsScreen),
        ("One group", GroupScreen),
        ("Scope", ScopeScreen),
        ("Credential profiles", ProfilesScreen),
        ("Test of a profile", ProfileTestScreen),
        ("Alerts", AlertsScreen),
        ("What became of a rule's alerts", AlertHistoryScreen),
        ("Back-test of a rule", BackTestScreen),
        ("Channels", ChannelsScreen),
        ("Messages", MessagesScreen),
        ("Audit", AuditScreen),
        ("An entry of the audit", AuditEntryScreen),
        ("Approvals", ApprovalsScreen),
        ("Reports", ReportsScreen),
        ("A report", ReportScreen),
    ]
    palette = ("ctrl+p", "Find everything that can be done", "")
    parts = [HEAD, _section("Everywhere", [*keys_with_ids(PatchdeckApp), palette])]
    parts.append(_section("In every table", keys_with_ids(BigTable)))
    parts += [_section(title, keys) for title, keys in grouped(screens)]
    parts.append(_commands([(f":{each.name} {each.argument}".strip(), each.meaning) for each in COMMANDS]))
    return "\n".join(parts)


def _section(title: str, keys: list[tuple[str, str, str]]) -> str:
    lines = [f"## {title}", "", "| Key | What it does | Id |", "| --- | --- | --- |"]
    lines += [f"| {_code(names)} | {meaning} | {f'`{name}`' if name else ''} |" for names, meaning, name in keys]
    return "\n".join([*lines, ""])


def _commands(commands: list[tuple[str, str]]) -> str:
    lines = ["## Commands", "", "| Command | What it does |", "| --- | --- |"]
    return "\n".join([*lines, *(f"| {_code(name)} | {meaning} |" for name, meaning in commands), ""])


def _code(names: str) -> str:
    if names.startswith(":"):
        return f"`{names}`"
    return " ".join(f"`{name}`".replace("|", "\\|") for name in names.split())
