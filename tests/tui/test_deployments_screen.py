"""The deployments by keys alone: what they say, and what becomes of running, switching, removing, adding, editing."""

import contextlib
from collections.abc import Awaitable, Callable
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.deployments.runs import RunStatus
from ops.deployments.definitions import list_deployments
from ops.deployments.history import list_runs
from ops.home import Home
from ops.state.database import connect
from ops.state.deployments import DeploymentBook
from tui.app import PatchdeckApp
from tui.screens.deployment_form import DeploymentForm
from tui.screens.deployments import DeploymentsScreen
from tui.screens.form import Form
from tui.screens.remove_form import RemoveForm
from tui.screens.run import RunScreen
from tui.screens.run_form import RunForm
from tui.screens.runs import RunsScreen
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


def cells(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    return next(row.cells for row in app.screen.query_one(BigTable).contents.rows if row.key == name)


async def test_deployments_say_when_and_on_what(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """Name, next start in the schedule's zone and in how long, machines, and how the last run stands."""
    app = deck(worked_home.home)
    async with app.run_test(size=(160, 40)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        assert cells(app, "web")[:7] == (
            "web",
            "Fri 2026-12-11 02:30 CET",
            "18 d 13 h",
            "5",
            "InProgress",
            "3 h",
            "IfRequired",
        )
        assert cells(app, "databases")[1] == "disabled"
        await pilot.press("G")
        await until(pilot)(lambda: "nginx=1.24.* (breaks TLS)" in app.screen.query_one(Detail).text)


async def test_empty_list_says_how_to_begin(fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """Without a deployment the screen says what one is and which key makes one."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: "No deployment is defined yet." in text_of(app))
        assert "n  define one" in text_of(app)


async def test_low_screen_cuts_no_heading_and_no_key(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """At 80x24 the columns that matter are whole, and so are the keys."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: "Fri 2026-12-11 02:30 CET" in text_of(app))
        lines = text_of(app).splitlines()
        assert all(heading in lines[2] for heading in ("Deployment", "Next start", "In", "Machines", "Last run"))
        assert all(f" {label} " in lines[-1] for label in ("runs", "preview", "run", "edit", "new", "on/off"))


async def test_run_needs_the_count_or_the_name(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """Enter alone begins nothing; the number of machines does, and the run is shown."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("r")
        await until(pilot)(lambda: isinstance(app.screen, RunForm))
        await pilot.press("enter")
        await until(pilot)(lambda: "Type 6 or caches" in app.screen.query_one(".hint", Detail).text)
        assert len(list_runs(worked_home.home)) == 2
        await pilot.press("6", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen))
        made = list_runs(worked_home.home, "caches")[0].run
        assert made.status is RunStatus.WAITING
        assert (made.opens_at, made.requester.user) == (app.clock(), made.requester.user)


async def test_escape_from_the_question_starts_nothing(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """Leaving the form leaves everything as it was."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("r")
        await until(pilot)(lambda: isinstance(app.screen, RunForm))
        await pilot.press("escape")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen))
    assert len(list_runs(worked_home.home)) == 2


async def test_switched_off_and_on_again(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """One key disables and enables; the row follows by itself, and runs that go on are named."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("G", "o")
        await until(pilot)(lambda: cells(app, "web")[1] == "disabled")
        assert "disabling does not end it" in app.said[-1].text
        await pilot.press("o")
        await until(pilot)(lambda: cells(app, "web")[1].startswith("Fri"))


async def test_removed_only_by_its_name(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """Another word removes nothing; the name does, and the history stays."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(row_names(app)) == 3)
        await pilot.press("G", "D")
        await until(pilot)(lambda: isinstance(app.screen, RemoveForm))
        await pilot.press(*"yes", "enter")
        await until(pilot)(lambda: "Type web to remove it" in app.screen.query_one(".hint", Detail).text)
        await pilot.press(*["backspace"] * 3, *"web", "enter")
        await until(pilot)(
            lambda: isinstance(app.screen, DeploymentsScreen) and row_names(app) == ["caches", "databases"]
        )
    assert len(list_runs(worked_home.home, "web")) == 2


async def test_form_shows_machines_and_starts_while_typing(fleet_home: Home, deck: Deck, until: UntilOf) -> None:
    """Targets are counted and the next three starts are shown as they are typed; what is wrong is said at once."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("4", "n")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentForm))

        def hint() -> str:
            return app.screen.query_one(".hint", Detail).text

        await pilot.press(*"night", "tab", *"web-*")
        await until(pilot)(lambda: "On 5 machines now: web-ams-01" in hint())
        await pilot.press("pagedown", "pagedown", *"2026-12-01 02:30", "tab", *"Europe/Berlin", "tab", *"2nd tue")
        await until(pilot)(lambda: hint().count(" 02:30 CET") == 3 and "Tue 2027-01-12" in hint())
        await pilot.press("x")
        await until(pilot)(lambda: "2nd tuex" not in hint() or "CET" not in hint())
        await pilot.press("backspace", "enter")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen))
        await until(pilot)(lambda: [each.deployment.name for each in list_deployments(fleet_home)] == ["night"])
    made = list_deployments(fleet_home)[0].deployment
    assert made.schedule is not None
    assert (made.schedule.rule, made.window.minutes, made.targets) == ("FREQ=MONTHLY;BYDAY=2TU", 120, ("web-*",))


async def test_refused_definition_loses_nothing(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """A name that is taken is told, and the form comes back with all that was typed."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("4", "n")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentForm))
        await pilot.press(*"web", "tab", *"mail-*", "enter")
        await until(pilot)(lambda: "already a deployment 'web'" in app.screen.query_one(".hint", Detail).text)
        values = {field.name: field.value for field in app.screen.fields()} if isinstance(app.screen, Form) else {}
        assert (values["name"], values["targets"], values["classes"]) == ("web", "mail-*", "critical security")


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets an editor that puts a text in the place of another; the headless driver has no terminal to lend."""
    monkeypatch.setattr(PatchdeckApp, "suspend", lambda _: contextlib.nullcontext())
    monkeypatch.delenv("VISUAL", raising=False)
    return lambda command: monkeypatch.setenv("EDITOR", f"sed -i -e '{command}'")


async def test_edited_in_the_editor(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, editor: Callable[[str], None]
) -> None:
    """What comes back from the editor is kept, and what changed is told."""
    editor("s/minutes = 180/minutes = 240/")
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("G", "E")
        await until(pilot)(lambda: cells(app, "web")[5] == "4 h")
        await until(pilot)(lambda: any("web: changed window." in said.text for said in app.said))


async def test_what_the_editor_broke_is_kept_in_a_file(
    worked_home: "WorkedHome",
    deck: Deck,
    until: UntilOf,
    editor: Callable[[str], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Text that cannot be used changes nothing; the message names the line and the file that has it."""
    editor("s/minutes = 180/minutes = many/")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    app = deck(worked_home.home)
    async with app.run_test(size=(120, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("G", "E")
        await until(pilot)(lambda: any("Your text is kept in" in said.text for said in app.said))
        assert cells(app, "web")[5] == "3 h"


async def test_new_one_goes_on_in_the_editor(
    fleet_home: Home, deck: Deck, until: UntilOf, editor: Callable[[str], None]
) -> None:
    """ctrl+e opens what the form has so far as a definition, where the rest can be said."""
    editor('$a [rollout]\\nwaves = ["1", "rest"]')
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("4", "n")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentForm))
        await pilot.press(*"night", "tab", *"web-*", "ctrl+e")
        await until(pilot)(lambda: list_deployments(fleet_home))
    assert len(list_deployments(fleet_home)[0].deployment.rollout.waves) == 2


async def test_changes_of_others_appear(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, row_names: Names
) -> None:
    """What another process changes is shown without a key."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(row_names(app)) == 3)
        with closing(connect(worked_home.home.state_file)) as connection:
            DeploymentBook(connection).remove("caches")
        await until(pilot)(lambda: row_names(app) == ["databases", "web"])


async def test_commands_lead_to_the_views(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """:deployments and :runs go to the views, :watch to a run; the palette offers all of them."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        await pilot.press("colon", *"runs", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunsScreen))
        await pilot.press("colon", *"deployments", "enter")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen))
        offered = [command.title for command in app.get_system_commands(app.screen)]
        assert {":deployments", ":runs", ":watch", ":run", ":preview"} <= set(offered)
        assert any(title.startswith("on/off") for title in offered)
        await pilot.press("colon", *"watch web", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen))
        await pilot.press("colon", *"run nothing", "enter")
        await until(pilot)(lambda: any("'nothing'" in said.text for said in app.said))


async def test_enter_leads_to_the_runs_and_back(worked_home: "WorkedHome", deck: Deck, until: UntilOf) -> None:
    """Enter goes in, escape comes out: deployment, its runs, one run, one machine of it."""
    app = deck(worked_home.home)
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.press("4")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) == 3)
        await pilot.press("G", "enter")
        await until(pilot)(lambda: isinstance(app.screen, RunsScreen) and len(app.screen.table.contents) == 2)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, RunScreen) and len(app.screen.table.contents) == 6)
        await pilot.press("escape", "escape")
        await until(pilot)(lambda: isinstance(app.screen, DeploymentsScreen))
