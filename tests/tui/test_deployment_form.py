"""The editor of deployments: each field of a definition as text and back, steps, refusals at the field, the outlook."""

from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event
from types import MappingProxyType
from typing import TYPE_CHECKING

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.scripts import Script, ScriptFailure, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.deployments.window import Window
from fleet.errors import BadInput
from fleet.updates import Classification, Update
from ops.deployments.definitions import change, find_deployment
from ops.deployments.outlook import Foreseen, Foresight
from ops.deployments.shared_missing import read_shared_missing
from ops.enrolment import list_machines
from ops.home import Home
from ops.missing import list_missing
from tui import deployment_deeds
from tui.app import PatchdeckApp
from tui.composing import compose_deployment
from tui.deployment_steps import FIELDS
from tui.screens.deployment_form import DeploymentForm, empty_deployment
from tui.screens.deployments import DeploymentsScreen
from tui.screens.edit_conflict import EditConflictOverlay
from tui.step_fields import FieldMistake
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tests.tui.conftest import WorkedHome

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def full(tmp_path: Path) -> Deployment:
    """A definition in which no field has its default."""
    script, calendar = tmp_path / "drain it.sh", tmp_path / "freeze.ics"
    script.write_text("exit 0\n")
    calendar.write_text("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\nEND:VCALENDAR\n")
    mask = UpdateMask("openssl*", "3.*")
    place = MappingProxyType({"pool": "a b"})
    return Deployment(
        "full",
        ("tag:role=web", "db-*"),
        UpdateRules(
            (Classification.CRITICAL, Classification.DRIVERS),
            (mask,),
            (UpdateMask("vim"),),
            (Exclusion(mask, "breaks", date(2026, 12, 31), "anna"), Exclusion(UpdateMask("x"), "why", by="bob")),
            7, False, True, True, True, 3,
        ),
        Schedule(
            datetime(2026, 12, 8, 2, 30),  # noqa: DTZ001  # a wall clock's
            "Europe/Berlin", "FREQ=MONTHLY;BYDAY=2TU", 3, date(2027, 6, 30), str(calendar), MissedStart.RUN_WITHIN, 4.0,
        ),
        Window(300, 30, 20, True),
        RebootRules(RebootPolicy.ALWAYS, "04:00", 5, "Save your work.", 30),
        (
            Script(ScriptStage.PRE, ScriptPlace.MACHINE, str(script), place, 60, ScriptFailure.CONTINUE),
            Script(ScriptStage.POST, ScriptPlace.CONSOLE, str(script)),
        ),
        Rollout(
            (
                WaveRule(WaveKind.TARGET, "tag:ring=canary"), WaveRule(WaveKind.PERCENT, amount=25),
                WaveRule(WaveKind.REST),
            ),
            HealthGate(95.0, True, "curl -fsS localhost", (443, 8443), 5.0),
            FailureBudget(percent=5.0), "cluster", "order", 20,
        ),
        60, "what it is for", False, 2, ("ops",), 24.0,
    )  # fmt: skip


def _leaves(thing: object, path: str = "") -> set[str]:
    """The names of all fields of a definition, those of its parts too."""
    found = set()
    for field in fields(thing):  # type: ignore[arg-type]  # a dataclass
        value = getattr(thing, field.name)
        name = f"{path}{field.name}"
        found |= _leaves(value, f"{name}.") if is_dataclass(value) else {name}
    return found


def _changed(one: object, other: object, path: str = "") -> set[str]:
    return {name for name in _leaves(one, path) if _value(one, name) != _value(other, name)}


def _value(thing: object, path: str) -> object:
    for name in path.split("."):
        thing = getattr(thing, name, None)
    return thing


def test_every_field_of_a_definition_can_be_written(full: Deployment) -> None:
    """From an empty one, the texts of a definition without any default make that definition: nothing is left out."""
    begun = empty_deployment()
    assert _leaves(full) - _changed(full, begun) == {"rollout.budget.machines"}, (
        "a field of the example has its default"
    )

    assert compose_deployment({name: field.text_of(full) for name, field in FIELDS.items()}, begun, _NOW) == full


def test_every_field_can_be_emptied(full: Deployment) -> None:
    """A text that is taken away gives the default; what stays is as it was."""
    for name, field in FIELDS.items():
        if name in (
            "name",
            "targets",
            "classes",
            "window",
            "stop_starting",
            "stop_rebooting",
            "first",
            "zone",
            "repeats",
        ):
            continue
        texts = {each: other.text_of(full) for each, other in FIELDS.items()}
        if name == "channels":
            texts["notice"] = ""
        made = compose_deployment({**texts, name: ""}, full, _NOW)
        assert made != full, field.label
        assert compose_deployment(texts | ({"notice": "24"} if name == "channels" else {}), made, _NOW) == full, (
            field.label
        )


def test_what_was_not_changed_is_not_read_again(full: Deployment, tmp_path: Path) -> None:
    """A script that is gone by now refuses no edit of another field."""
    (tmp_path / "drain it.sh").unlink()
    texts = {name: field.text_of(full) for name, field in FIELDS.items()}

    assert compose_deployment({**texts, "description": "other"}, full, _NOW) == replace(full, description="other")
    with pytest.raises(FieldMistake, match="There is no script") as told:
        compose_deployment({**texts, "post_scripts": "machine /no/such"}, full, _NOW)
    assert told.value.field == "post_scripts"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("zone", "Europe/Berlim"), ("first", "soon"), ("repeats", "FREQ=NEVER"), ("missed", "often"), ("rounds", "x"),
        ("classes", "securty"), ("include", "a b;c"), ("waves", "200%"), ("budget", "-1"), ("gate_ports", "http"),
        ("hard_stop", "maybe"), ("reboot", "perhaps"), ("reboot_at", "25:00"), ("last_day", "x"), ("offset_days", "x"),
    ],
)  # fmt: skip
def test_mistake_names_its_field(full: Deployment, field: str, text: str) -> None:
    """Whatever cannot be read is refused at the field in which it stands."""
    texts = {name: each.text_of(full) for name, each in FIELDS.items()}

    with pytest.raises(FieldMistake) as told:
        compose_deployment({**texts, field: text}, full, _NOW)
    assert told.value.field == field
    assert not str(told.value).startswith("--")


def test_repeating_without_a_first_start_is_refused() -> None:
    """It repeats, but from when?"""
    texts = {name: field.text_of(empty_deployment()) for name, field in FIELDS.items()}

    with pytest.raises(BadInput, match="from when"):
        compose_deployment({**texts, "name": "x", "targets": "all", "repeats": "daily"}, empty_deployment(), _NOW)


async def test_edit_goes_through_steps_and_shows_the_outlook(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """By keys alone at 80x24: to the window, too short is told, what is refused is shown in its step, enter keeps."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("4")
        await wait(
            lambda: isinstance(app.screen, DeploymentsScreen) and len(app.screen.query_one(BigTable).contents) == 3
        )
        await pilot.press("G", "e")
        await wait(lambda: isinstance(app.screen, DeploymentForm) and "machines now" in text_of(app))
        assert "Deployment web" in text_of(app)
        assert "[1 Who]" in text_of(app)
        await pilot.press("pagedown", "pagedown")
        await wait(lambda: "[3 When]" in text_of(app))
        app.screen.query_one("#field-window", Input).value = "10"
        await wait(lambda: "give fewer than 10" in text_of(app))
        app.screen.query_one("#field-waves", Input).value = "200%"
        await wait(lambda: "200%" in app.screen.query_one(".hint", Detail).text)
        app.screen.query_one("#field-window", Input).value = "200"
        await pilot.press("enter")
        await wait(lambda: "[4 How]" in text_of(app) and "! Waves" in text_of(app))
        assert app.focused is app.screen.query_one("#field-waves", Input)
        app.screen.query_one("#field-waves", Input).value = "1 rest"
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, DeploymentsScreen))
        await wait(lambda: find_deployment(worked_home.home, "web").deployment.window.minutes == 200)
        assert len(find_deployment(worked_home.home, "web").deployment.rollout.waves) == 2


async def test_edit_of_what_somebody_else_changed_is_a_conflict(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf
) -> None:
    """Mine over theirs keeps what only they changed."""
    home = worked_home.home
    app = deck(home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("4")
        await wait(
            lambda: isinstance(app.screen, DeploymentsScreen) and len(app.screen.query_one(BigTable).contents) == 3
        )
        await pilot.press("G", "e")
        await wait(lambda: isinstance(app.screen, DeploymentForm))
        stored = find_deployment(home, "web")
        change(home, stored, replace(stored.deployment, needs_approval=2, description="theirs"))
        app.screen.query_one("#field-description", Input).value = "mine"
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("m")
        await wait(lambda: find_deployment(home, "web").deployment.description == "mine")
        assert find_deployment(home, "web").deployment.needs_approval == 2


async def test_what_is_right_again_is_looked_at_again(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Between a definition and the same one there was a mistake that ended the looking: it begins once more."""
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.push_screen(DeploymentForm(app, texts={"name": "new", "targets": "web-*"}))
        await wait(lambda: isinstance(app.screen, DeploymentForm) and app.screen.is_current)
        for text in ("200%", ""):
            app.screen.query_one("#field-waves", Input).value = text
            await pilot.pause()
        await wait(lambda: "machines now" in text_of(app))


async def test_refused_deployment_says_why_until_it_is_changed(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """The reason stands above what it comes to, in every step."""
    begun = replace(empty_deployment(), name="web", targets=("web-*",))
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        deployment_deeds.add(app, begun, "There is already a deployment 'web'.")
        await wait(lambda: "There is already" in text_of(app) and "machines now" in text_of(app))
        await pilot.press("pagedown")
        await wait(lambda: "[2 What]" in text_of(app) and "There is already" in text_of(app))
        app.screen.query_one("#field-name", Input).value = "web2"
        await wait(lambda: "There is already" not in text_of(app) and "machines now" in text_of(app))


async def test_what_was_written_outlasts_an_editor_that_fails(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """ctrl+e where no terminal can be lent: the form is there again with all of it and the reason, new or known."""
    app = deck(worked_home.home)
    stored = find_deployment(worked_home.home, "caches")
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        for is_new in (True, False):
            if is_new:
                deployment_deeds.add(app)
            else:
                deployment_deeds.edit(app, stored)
            await wait(lambda: isinstance(app.screen, DeploymentForm) and app.screen.query("#field-targets"))
            first = app.screen
            if is_new:
                app.screen.query_one("#field-name", Input).value = "caches"
            app.screen.query_one("#field-targets", Input).value = "web-*"
            app.screen.query_one("#field-description", Input).value = "written for long"
            await pilot.press("ctrl+e")
            await wait(lambda: isinstance(app.screen, DeploymentForm) and app.screen is not first)  # noqa: B023  # awaited
            await wait(lambda: "cannot be lent" in text_of(app))
            assert app.screen.query_one("#field-description", Input).value == "written for long"
            await pilot.press("escape")


async def test_outlook_of_what_was_typed_before_says_so(
    worked_home: "WorkedHome", deck: Deck, until: UntilOf, text_of: TextOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large fleet takes seconds: until then what is shown is not taken for what is typed."""
    look, may_look, begun = Foresight.look, Event(), replace(empty_deployment(), name="x", targets=("web-*",))

    def wait_and_look(self: Foresight, deployment: Deployment, now: datetime) -> Foreseen:
        if deployment.targets != ("web-*",):
            may_look.wait()
        return look(self, deployment, now)

    monkeypatch.setattr(Foresight, "look", wait_and_look)
    monkeypatch.setattr("tui.screens.deployment_form.SLOW_SECONDS", 0.01)
    app = deck(worked_home.home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        app.push_screen(DeploymentForm(app, begun))
        await wait(lambda: "On 5 machines now" in text_of(app))
        app.screen.query_one("#field-targets", Input).value = "web-1*"
        await wait(lambda: "what it came to before" in text_of(app) and "On 5 machines now" in text_of(app))
        may_look.set()
        await wait(lambda: "what it came to before" not in text_of(app) and "On 5 machines" not in text_of(app))


def test_hints_fit_a_low_screen() -> None:
    """At 80 columns an entry has 58 cells: no hint is cut."""
    assert [each.hint for each in FIELDS.values() if len(each.hint) > 58] == []


def test_outlook_counts_what_the_tables_say(stored_home: Home) -> None:
    """By class and machine as one would count the list of missing updates; of each update there is one object."""
    deployment = replace(empty_deployment(), name="x", targets=("all",))
    wanted = {*deployment.updates.classes}
    enabled = {machine.id for machine in list_machines(stored_home) if machine.enabled}
    counted = Counter(
        each.update.classification
        for each in list_missing(stored_home)
        if each.machine_id in enabled and each.update.classification in wanted and each.update.blocker is None
    )

    found = Foresight(stored_home).look(deployment, _NOW).outlook

    assert {each.classification: each.updates for each in found.classes} == counted
    assert sum(counted.values()) == found.updates > 10
    shared = read_shared_missing(stored_home, {each.machine_id for each in list_missing(stored_home)})
    known: dict[Update, set[int]] = {}
    for updates in shared.by_machine.values():
        for update in updates:
            known.setdefault(update, set()).add(id(update))
    assert all(len(ids) == 1 for ids in known.values())
