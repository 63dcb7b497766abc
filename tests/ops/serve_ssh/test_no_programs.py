"""No definition that a session over SSH makes has a program of the host started: not even an admin's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.channels import ChannelKind
from fleet.deployments.deployment import Deployment
from fleet.deployments.schedule import Schedule
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import UpdateRules
from fleet.errors import NotPermitted
from fleet.profiles import SecretOrigin, SecretPlace
from fleet.roles import Role
from fleet.ssh_logins import Login
from fleet.updates import Classification
from ops import acting_login
from ops.apart import reader
from ops.apart.reader import Readers, ask_apart
from ops.credentials.book import add_profile, edit_profile, list_profiles, new_profile
from ops.deployments.definitions import change, define, find_deployment, list_deployments
from ops.deployments.outlook import Foresight, look_ahead
from ops.home import Home, open_home
from ops.messages.channels import NewSecrets, add_channel, edit_channel, list_channels, new_channel

_SHELL = ("sh", "-c", "id")
_FROM_SHELL = SecretOrigin(SecretPlace.COMMAND, _SHELL)
_NONE = NewSecrets()
_FIRST = datetime(2100, 1, 1, 2, 0)  # noqa: DTZ001 - a schedule's times are of its zone


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with a channel, a profile and a deployment that programs of the host belong to."""
    made = open_home(tmp_path / "home")
    add_channel(made, replace(new_channel("known", ChannelKind.COMMAND), command=("true",)), _NONE)
    add_profile(made, replace(new_profile("known"), password=SecretOrigin(SecretPlace.COMMAND, ("pass", "x"))))
    define(made, _deployment("known", scripts=(_script("/bin/true"),)))
    return made


@pytest.fixture
def served(home: Home, monkeypatch: pytest.MonkeyPatch) -> Home:
    """The home in a process that serves an admin."""
    login = Login("ada", Role.ADMIN, "SHA256:x", "0a1b", "192.0.2.9 50000 8022")
    monkeypatch.setattr(acting_login, "_ACTING", [login])
    return home


def _deployment(name: str, scripts: tuple[Script, ...] = (), calendar: str | None = None) -> Deployment:
    schedule = _schedule(calendar) if calendar else None
    return Deployment(name, ("all",), UpdateRules((Classification.SECURITY,)), scripts=scripts, schedule=schedule)


def _schedule(calendar: str) -> Schedule:
    return Schedule(_FIRST, "UTC", blackouts=calendar)


def _script(path: str, place: ScriptPlace = ScriptPlace.CONSOLE) -> Script:
    return Script(ScriptStage.PRE, place, path)


def _new_deployment(home: Home) -> None:
    define(home, _deployment("new", scripts=(_script("/bin/sh"),)))


def _changed_deployment(home: Home) -> None:
    seen = find_deployment(home, "known")
    change(home, seen, replace(seen.deployment, scripts=(_script("/bin/true", ScriptPlace.MACHINE),)))


def _with_calendar(home: Home) -> None:
    define(home, _deployment("new", calendar=str(home.config_file)))


def _changed_calendar(home: Home) -> None:
    seen = find_deployment(home, "known")
    change(home, seen, replace(seen.deployment, schedule=_schedule(str(home.config_file))))


def _looked_at(home: Home) -> None:
    Foresight(home).look(_deployment("new", calendar=str(home.config_file)), _FIRST.replace(tzinfo=UTC))


def _replaced_deployment(home: Home) -> None:
    define(home, _deployment("known", scripts=(_script("/bin/sh"),)), replace=True)


_WAYS: tuple[Callable[[Home], object], ...] = (
    lambda home: add_channel(home, replace(new_channel("new", ChannelKind.COMMAND), command=_SHELL), _NONE),
    lambda home: edit_channel(home, "known", lambda old: replace(old, command=_SHELL), _NONE),
    lambda home: add_channel(home, replace(new_channel("new", ChannelKind.WEBHOOK), secret=_FROM_SHELL), _NONE),
    lambda home: add_profile(home, replace(new_profile("new"), password=_FROM_SHELL)),
    lambda home: edit_profile(home, "known", lambda old: replace(old, become_password=_FROM_SHELL)),
    _new_deployment,
    _changed_deployment,
    _replaced_deployment,
    _with_calendar,
    _changed_calendar,
    _looked_at,
)


@pytest.mark.parametrize("way", _WAYS)
def test_no_other_program_is_named_over_ssh(served: Home, way: Callable[[Home], object]) -> None:
    """Nothing is changed, and it is said where it can be done."""
    before = (list_channels(served), list_profiles(served), list_deployments(served))
    with pytest.raises(NotPermitted, match=r"another (program|script|calendar).*serve-ssh"):
        way(served)
    assert (list_channels(served), list_profiles(served), list_deployments(served)) == before


def test_what_has_a_program_already_can_be_changed_otherwise(served: Home) -> None:
    """An admin over SSH keeps what the host's admins made, and changes all else of it."""
    edit_channel(served, "known", lambda old: replace(old, description="pager"), _NONE)
    edit_profile(served, "known", lambda old: replace(old, description="web"))
    seen = find_deployment(served, "known")
    change(served, seen, replace(seen.deployment, targets=("web-*",)))
    define(served, _deployment("copy", scripts=seen.deployment.scripts))
    assert [each.deployment.targets for each in list_deployments(served)] == [("all",), ("web-*",)]


def test_a_schedule_without_programs_is_defined_over_ssh(served: Home) -> None:
    """What names nothing of the host is defined as on the host."""
    assert define(served, _deployment("plain")).stored.deployment.name == "plain"


def test_who_reads_apart_names_no_file_either(served: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that answers for a session serves the same login."""
    readers = Readers()
    monkeypatch.setattr(reader, "_HEAVY", ())
    monkeypatch.setattr(reader, "_READERS", readers)
    written = _deployment("new", calendar=str(served.config_file))
    with pytest.raises(NotPermitted, match="another calendar"):
        ask_apart(served, look_ahead, written, _FIRST.replace(tzinfo=UTC), "form")
    readers.close()
