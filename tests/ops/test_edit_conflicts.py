"""Two administrators edit the same thing: the second one is told, and nothing of either is lost."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from getpass import getuser
from pathlib import Path
from typing import Any  # things of every kind that can be edited

import pytest

from fleet.channels import ChannelKind
from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.edit_conflicts import EditConflict
from fleet.errors import BadInput
from fleet.groups.group import Group
from fleet.reports.kinds import ReportKind
from fleet.reports.schedule import ReportSchedule
from fleet.updates import Classification
from ops.alerts.book import change_rule, define_rule, find_rule, remove_rule
from ops.alerts.starter import find_starter
from ops.credentials.book import add_profile, edit_profile, find_profile, new_profile
from ops.deployments.definitions import change, define, find_deployment, remove_deployment
from ops.enrolment import Definition, edit_machine, enrol, find_machine
from ops.groups import define_group, find_group, remove_group
from ops.home import Home, open_home
from ops.messages.channels import NewSecrets, add_channel, edit_channel, find_channel, new_channel
from ops.reports.schedules import add_report_schedule, change_report_schedule, find_report_schedule
from ops.scoping import add_to_scope, find_scope, look_at_scope
from ops.state.deployments import Source

_NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
_SCHEDULE = Schedule(datetime(2030, 1, 1, 2), "UTC", "FREQ=DAILY")  # noqa: DTZ001  # wall time of its zone


@dataclass(frozen=True)
class Kind:
    """How a thing is added, read, and kept after it was edited; ``text`` is a field of it that holds a text."""

    add: Callable[[Home], object]
    read: Callable[[Home], Any]
    keep: Callable[[Home, Any, Any], object]
    text: str = "description"


def _keep_machine(home: Home, seen: Definition, after: Definition) -> object:
    return edit_machine(home, "web", lambda _: after, seen=seen)


def _read_machine(home: Home) -> Definition:
    machine = find_machine(home, "web")
    return Definition(**{each.name: getattr(machine, each.name) for each in fields(Definition)})


_COMMAND = replace(new_channel("web", ChannelKind.COMMAND), command=("/bin/true",), address="/bin/true")
_RULE = replace(find_starter("reboot-overdue"), id="1", name="web")
_REPORT = ReportSchedule("1", "web", ReportKind.COMPLIANCE, _SCHEDULE, folder="/tmp")
_DEPLOYMENT = Deployment("web", ("all",), UpdateRules(classes=(Classification.SECURITY,)))
KINDS = {
    "group": Kind(
        lambda home: define_group(home, Group("web", targets=("all",))),
        lambda home: find_group(home, "web"),
        lambda home, seen, after: define_group(home, after, replace=True, seen=seen),
    ),
    "profile": Kind(
        lambda home: add_profile(home, new_profile("web")),
        lambda home: find_profile(home, "web"),
        lambda home, seen, after: edit_profile(home, "web", lambda _: after, seen=seen),
    ),
    "channel": Kind(
        lambda home: add_channel(home, _COMMAND, NewSecrets()),
        lambda home: find_channel(home, "web"),
        lambda home, seen, after: edit_channel(home, "web", lambda _: after, NewSecrets(), seen=seen),
    ),
    "machine": Kind(
        lambda home: enrol(home, Definition("web", address="192.0.2.1")), _read_machine, _keep_machine,
        "user",
    ),
    "alert": Kind(
        lambda home: define_rule(home, _RULE),
        lambda home: find_rule(home, "web"),
        lambda home, seen, after: change_rule(home, after, seen=seen),
    ),
    "report": Kind(
        lambda home: add_report_schedule(home, _REPORT, _NOW),
        lambda home: find_report_schedule(home, "web").schedule,
        lambda home, seen, after: change_report_schedule(home, after, seen=seen),
    ),
    "deployment": Kind(
        lambda home: define(home, _DEPLOYMENT),
        lambda home: find_deployment(home, "web").deployment,
        lambda home, seen, after: change(home, replace(find_deployment(home, "web"), deployment=seen), after),
    ),
}  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """An empty home."""
    return open_home(tmp_path / "home")


@pytest.mark.parametrize("name", KINDS)
def test_second_edit_is_told_of_the_first(home: Home, name: str) -> None:
    """Who changed it, when and what; the first stays, and mine over theirs can be kept then."""
    kind = KINDS[name]
    kind.add(home)
    text = kind.text
    seen = kind.read(home)
    kind.keep(home, seen, replace(seen, **{text: "theirs"}))
    theirs = kind.read(home)

    with pytest.raises(EditConflict, match=f"{getuser()}.* changed {name} web at 20.*{text}") as told:
        kind.keep(home, seen, replace(seen, **{text: "mine"}))

    assert kind.read(home) == theirs
    assert [(place.path, place.theirs, place.mine) for place in told.value.places] == [(text, "theirs", "mine")]
    kind.keep(home, told.value.theirs, told.value.merged)
    assert getattr(kind.read(home), text) == "mine"


@pytest.mark.parametrize("name", KINDS)
def test_same_edit_twice_is_no_conflict(home: Home, name: str) -> None:
    """Both want the same: the second changes nothing."""
    kind = KINDS[name]
    kind.add(home)
    seen = kind.read(home)
    after = replace(seen, **{kind.text: "alike"})

    kind.keep(home, seen, after)
    kind.keep(home, seen, after)

    assert kind.read(home) == after


@pytest.mark.parametrize(
    ("name", "remove"),
    [("group", remove_group), ("deployment", remove_deployment), ("alert", remove_rule)],
)
def test_edit_does_not_bring_back_what_was_removed(
    home: Home, name: str, remove: Callable[[Home, str], object]
) -> None:
    """Somebody removed it meanwhile: that is told, and nothing is added anew."""
    kind = KINDS[name]
    kind.add(home)
    seen = kind.read(home)
    stored = find_deployment(home, "web") if name == "deployment" else None
    remove(home, "web")

    after = replace(seen, description="mine")
    with pytest.raises(BadInput, match=f"removed {name} web at 20"):
        change(home, stored, after) if stored else kind.keep(home, seen, after)
    with pytest.raises(BadInput):
        kind.read(home)


def test_scope_is_changed_only_as_it_was_shown(home: Home) -> None:
    """Another group came into the scope since it was shown whom one more would let in."""
    for name in ("web", "db", "mail"):
        define_group(home, Group(name, targets=("all",)))
    add_to_scope(home, ["web"])
    shown = look_at_scope(home, added=["db"])
    add_to_scope(home, ["mail"])

    with pytest.raises(EditConflict, match="changed the scope at 20"):
        add_to_scope(home, ["db"], seen=shown)
    scope = find_scope(home)
    assert scope is not None and scope.groups == ("web", "mail")


def test_comment_in_the_text_is_not_overwritten_unseen(home: Home) -> None:
    """The definition says the same, but its file was changed: that is told too."""
    seen = define(home, _DEPLOYMENT, Source("# one", "toml")).stored
    change(home, seen, seen.deployment, Source("# two", "toml"))

    with pytest.raises(EditConflict, match="changed the text of deployment web"):
        change(home, seen, seen.deployment, Source("# three", "toml"))
    assert find_deployment(home, "web").source.text == "# two"
