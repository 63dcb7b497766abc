"""A scope over groups: who is inside, and what is said of who is not."""

from datetime import UTC, datetime

import pytest

from fleet.errors import BadInput
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster
from fleet.machines import Machine, TransportKind
from fleet.scope import Scope, ScopeView
from fleet.status import MachineStatus

_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_GROUPS = (
    Group("prod", expression="tag:env=prod"),
    Group("core", ("db-*",)),
    Group("debian", expression="system = debian and not tag:env=test"),
    Group("asked", query="broken"),
    Group("round", ("group:circle",)),
    Group("circle", ("group:round",)),
)


def _status(name: str, **tags: str) -> MachineStatus:
    return MachineStatus(Machine(f"id-{name}", name, TransportKind.SSH, _NOW, tags=tags))


_FLEET = (_status("web-1", env="prod"), _status("db-1"), _status("test-1", env="test"))


def _broken(name: str) -> frozenset[str]:
    raise BadInput(f"Query {name} cannot be asked: there is none.")


def _view(*groups: str) -> ScopeView:
    return ScopeView(Scope(groups), GroupRoster(_GROUPS, _FLEET, _NOW, _broken))


def test_members_of_any_group_are_inside() -> None:
    """One of them is enough, whatever the case of its name."""
    assert _view("PROD", "core").inside == {"id-web-1", "id-db-1"}
    assert _view("prod").refusal("id-web-1") is None


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        (("prod",), "not in the group prod"),
        (("prod", "core"), "in none of prod, core"),
        (("debian", "prod"), "in none of debian, prod"),
        (("asked",), "the group asked cannot be evaluated: Query broken cannot be asked"),
        (("gone", "prod"), "not in the group prod; the group gone cannot be evaluated: There is no group 'gone'"),
        (("round",), "the group round cannot be evaluated: Groups that refer to themselves have no members"),
        ((), "no group is in the scope"),
    ],
)
def test_outside_is_told_why(groups: tuple[str, ...], why: str) -> None:
    """Each group says whether it was not met, is not known, or broken."""
    assert (_view(*groups).refusal("id-test-1") or "").startswith(why)


def test_what_is_not_known_of_a_machine_leaves_it_outside() -> None:
    """And says what is not known."""
    assert _view("debian", "core").refusal("id-web-1") == (
        "not in the group core; it is not known whether it is in the group debian (system = debian: not known)"
    )


def test_broken_group_leaves_the_members_of_others_inside() -> None:
    """Only who is in none of the others depends on it."""
    view = _view("asked", "prod")

    assert view.refusal("id-web-1") is None
    assert len(view.problems) == 1


def test_machine_that_nobody_knows_is_outside() -> None:
    """An id that is in no group, however it came there."""
    assert _view("prod").refusal("id-of-nobody") == "not in the group prod"


def test_groups_of_a_scope_are_there_once() -> None:
    """In the order in which they were added, spelt as they were added first."""
    scope = Scope(("prod",)).with_groups(["core", "PROD"])

    assert scope.groups == ("prod", "core")
    assert scope.without_groups(["prod"]).groups == ("core",)
    assert scope.names("CORE")


def test_why_a_machine_is_inside_names_the_term() -> None:
    """As the preview of the group does."""
    assert _view("prod", "core").member_of("id-web-1") == ("prod: tag:env=prod",)
