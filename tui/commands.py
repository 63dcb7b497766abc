"""Commands that are typed after ``:`` or chosen in the palette; each does what a key or a verb does too."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fleet.errors import UnknownName
from fleet.roles import Role
from tui import import_deeds, machine_deeds, pinning, places, why_deeds
from tui.comparing import show_difference
from tui.themes import pick_theme

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


@dataclass(frozen=True, slots=True)
class Command:
    """A command: its names, the first one is shown; what it does; what may follow it; the least role that it takes."""

    names: tuple[str, ...]
    meaning: str
    run: "Callable[[PatchdeckApp, str], None]"
    argument: str = ""
    role: Role = Role.VIEWER

    @property
    def name(self) -> str:
        """The name that is shown."""
        return self.names[0]


def find_command(name: str) -> Command:
    """The command called ``name``, or the only one that begins so.

    Raises:
        UnknownName: none is, or several begin so.
    """
    exact = [command for command in COMMANDS if name in command.names]
    starting = [command for command in COMMANDS if any(known.startswith(name) for known in command.names)]
    if exact or len(starting) == 1:
        return (exact or starting)[0]
    raise UnknownName("command", f":{name}", [f":{command.name}" for command in COMMANDS])


COMMANDS: tuple[Command, ...] = (
    Command(
        ("overview", "home"),
        "What needs you now, and how compliant all is",
        lambda deck, _: deck.action_view("overview"),
    ),
    Command(("machines", "hosts"), "All machines", lambda deck, text: deck.show_machines(text), "FILTER"),
    Command(("missing", "updates"), "Updates that machines miss", lambda deck, text: deck.show_missing(text), "FILTER"),
    Command(("query", "sql"), "Ask the tables in SQL or KQL", lambda deck, text: deck.show_query(text), "SQL"),
    Command(
        ("asof",),
        "Show every screen as of a time: yesterday 18:00, 3 days ago; without one, now again",
        pinning.pin_state,
        "TIME",
    ),
    Command(("diff", "since"), "How the fleet changed between two times", show_difference, "FROM [to TO]"),
    Command(("now",), "Take a time for now() in queries; without one, the real one", pinning.pin_now, "TIME"),
    Command(
        ("queries", "saved"),
        "Ask a predefined or saved query; without a name, choose one",
        places.ask_saved,
        "NAME",
    ),
    Command(("deployments", "dep"), "What is installed where, and when", places.show_deployments, "FILTER"),
    Command(("calendar", "starts"), "When everything starts next", lambda deck, _: places.show_calendar(deck)),
    Command(("runs", "history"), "What deployments do and did", places.show_runs, "FILTER"),
    Command(("run",), "Run a deployment; asks first", places.run_named, "NAME", Role.OPERATOR),
    Command(
        ("preview", "plan"),
        "What a deployment would do now, installing nothing",
        places.preview_named,
        "NAME",
        Role.OPERATOR,
    ),
    Command(("watch",), "One run: its id, the beginning of it, or a deployment", places.open_run, "RUN"),
    Command(("cve",), "Which machines lack the fix for a CVE", lambda deck, text: deck.deeds.ask_cve(text), "CVE"),
    Command(("why",), "Why a missing update is not installed", why_deeds.ask_why, "[MACHINE] UPDATE"),
    Command(("about", "advisory"), "What is known of an update, and what takes it", why_deeds.ask_about, "UPDATE"),
    Command(("machine", "open"), "One machine", lambda deck, text: deck.open_named(text), "NAME"),
    Command(
        ("assess", "scan"),
        "Assess machines now",
        lambda deck, text: deck.deeds.assess_targets(text),
        "TARGET…",
        Role.OPERATOR,
    ),
    Command(("known", "candidates"), "Known, discovered and enabled machines", places.show_known, "FILTER"),
    Command(("add",), "Add a machine", lambda deck, _: machine_deeds.add(deck), role=Role.ADMIN),
    Command(("edit",), "Change how a machine is reached or called", machine_deeds.edit_named, "NAME", Role.ADMIN),
    Command(
        ("import",),
        "Import a list of machines; shows first what it would do",
        import_deeds.import_named,
        "FILE",
        Role.ADMIN,
    ),
    Command(("sources", "lists"), "Lists that machines came from", lambda deck, _: places.show_sources(deck)),
    Command(("groups",), "Machines under a name", places.show_groups, "FILTER"),
    Command(("group", "members"), "Who is in a group now, and why", places.open_group, "NAME"),
    Command(("scope",), "What Patchdeck may touch at all", lambda deck, _: deck.action_view("scope")),
    Command(("profiles",), "How machines are logged in to", lambda deck, _: deck.action_view("profiles")),
    Command(("alerts",), "What is wrong now, and the rules that tell of it", places.show_alerts, "FILTER"),
    Command(("audit", "who"), "Who did what, when and from where", places.show_audit, "FILTER"),
    Command(("channels",), "The ways on which people are told", lambda deck, _: deck.action_view("channels")),
    Command(("messages", "told"), "What people were told, and whether it came", places.show_messages, "FILTER"),
    Command(("approvals",), "Who approved which plan", lambda deck, _: deck.action_view("approvals")),
    Command(
        ("reports",), "Compliance, latency, change records, exceptions", lambda deck, _: deck.action_view("reports")
    ),
    Command(("commands",), "The real commands on a machine", lambda deck, text: deck.show_commands(text), "NAME"),
    Command(("-", "last"), "The view before this one, and back again", lambda deck, _: deck.action_last_view()),
    Command(("settings", "config"), "What config.toml says, and could say", places.show_settings, "FILTER"),
    Command(("said",), "What the app said so far", lambda deck, _: deck.action_said()),
    Command(("theme",), "Change the colours", pick_theme, "NAME"),
    Command(("tour",), "A minute's tour of the app", lambda deck, _: deck.begin_tour()),
    Command(("help", "keys"), "The keys that work here", lambda deck, _: deck.action_help()),
    Command(("quit", "q"), "Leave Patchdeck", lambda deck, _: deck.leave()),
)
