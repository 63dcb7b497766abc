"""Who is in a group, of whom it is not known, and why."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Coverage
from fleet.assessments import MissingCounts, Outcome
from fleet.errors import BadInput, UnknownName
from fleet.facts import MachineFacts
from fleet.groups.group import Group
from fleet.groups.membership import GroupRoster, find_circle
from fleet.machines import Machine, TransportKind
from fleet.status import AssessmentSummary, MachineStatus
from fleet.targets import find_machines, select_machines

_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _machine(name: str, **tags: str) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.SSH, _NOW, tags=tags)


def _status(machine: Machine, facts: MachineFacts | None = None, security: int = 0, **more: object) -> MachineStatus:
    if facts is None:
        return MachineStatus(machine)
    at = _NOW - timedelta(hours=1)
    counts = MissingCounts(security=security)
    answer = AssessmentSummary(at, at, Outcome.SUCCEEDED, Coverage.COMPLETE, counts, facts, (), True)
    answer = replace(answer, **more)  # type: ignore[arg-type]
    return MachineStatus(machine, answer, answer)


_FLEET = (
    _status(_machine("web-1", env="prod"), MachineFacts(os_id="debian", os_version="12", kernel="6.1.0-9"), 3),
    _status(_machine("web-2", env="test"), MachineFacts(os_id="debian", os_version="11", kernel="6.1.0-40")),
    _status(_machine("db-1", env="prod"), MachineFacts(os_id="rhel", os_version="9.10", end_of_life=date(2032, 5, 31))),
    _status(_machine("new-1")),
)


def _roster(*groups: Group) -> GroupRoster:
    return GroupRoster(groups, _FLEET, _NOW, lambda name: {"id-web-2", "id-gone"} if name == "mine" else frozenset())


def _names(ids: frozenset[str]) -> list[str]:
    return sorted(each.removeprefix("id-") for each in ids)


@pytest.mark.parametrize(
    ("expression", "members"),
    [
        ("tag:env=prod", ["db-1", "web-1"]),
        ("web-* and not tag:env=test", ["web-1"]),
        ("system = DEBIAN", ["web-1", "web-2"]),
        ("system = deb*", ["web-1", "web-2"]),
        ("system != debian", ["db-1"]),
        ("system-version < 12", ["db-1", "web-2"]),
        ("system-version >= 9.9", ["db-1", "web-1", "web-2"]),
        ("kernel < 6.1.0-10", ["web-1"]),
        ("system in (rhel, rocky)", ["db-1"]),
        ("missing-security > 0", ["web-1"]),
        ("end-of-life > 2030-01-01", ["db-1"]),
        ("answered-hours < 2", ["db-1", "web-1", "web-2"]),
        ("tag.env = ''", ["new-1"]),
        ("tag.env != prod", ["new-1", "web-2"]),
        ("compliance = non-compliant", ["web-1"]),
        ("not all", []),
    ],
)
def test_members_of_an_expression(expression: str, members: list[str]) -> None:
    """By what is known of each machine now."""
    assert _names(_roster(Group("g", expression=expression)).members("g")) == members


def test_of_what_is_not_known_nothing_follows() -> None:
    """A machine that never answered is in neither half, and told of in both."""
    roster = _roster(Group("old", expression="system = debian"), Group("other", expression="not system = debian"))

    assert _names(roster.find("old").unknown) == _names(roster.find("other").unknown) == ["new-1"]
    assert "id-new-1" not in roster.members("old") | roster.members("other")


def test_counts_that_a_scan_could_not_make_are_not_known() -> None:
    """Without advisories no one can say that no security update is missing."""
    fleet = (_status(_machine("arch"), MachineFacts(os_id="arch"), coverage=Coverage.UNCLASSIFIED),)
    roster = GroupRoster([Group("clean", expression="missing-security = 0")], fleet, _NOW, lambda _: ())

    assert roster.find("clean").known == frozenset()
    assert roster.find("clean").unknown == {"id-arch"}


def test_groups_may_be_in_groups() -> None:
    """By targets and by expressions."""
    roster = _roster(
        Group("web", targets=("web-*",)),
        Group("both", targets=("group:WEB", "db-1")),
        Group("prod", expression="group:both and tag:env=prod"),
    )

    assert _names(roster.members("prod")) == ["db-1", "web-1"]


def test_rows_of_a_query_are_members_where_they_are_enrolled() -> None:
    """A machine that was removed is not."""
    assert _names(_roster(Group("q", query="mine")).members("q")) == ["web-2"]


def test_group_that_refers_to_itself_says_how() -> None:
    """The whole way round."""
    groups = (Group("a", targets=("group:b",)), Group("b", expression="group:a"), Group("c", targets=("group:a",)))

    with pytest.raises(BadInput, match=r"a → b → a|b → a → b"):
        _roster(*groups).members("c")
    assert set(find_circle(groups)) == {"a", "b"}


def test_deep_groups_are_refused_in_a_sentence() -> None:
    """Not by the stack of Python."""
    groups = [Group("g0", targets=("all",)), *(Group(f"g{n}", targets=(f"group:g{n - 1}",)) for n in range(1, 500))]

    with pytest.raises(BadInput, match="groups deep"):
        _roster(*groups).members("g499")
    assert find_circle(groups) == ()


def test_unknown_group_names_the_nearest() -> None:
    """As everything that has a name."""
    with pytest.raises(UnknownName, match="Did you mean 'web'"):
        _roster(Group("web", targets=("all",))).members("wbe")


def test_reasons_say_what_decides() -> None:
    """With what is known of the machine."""
    roster = _roster(
        Group("g", expression="tag:env=prod and system-version > 11 and not db-*"), Group("l", targets=("web-*", "all"))
    )

    assert roster.reasons("g", "id-web-1") == ("tag:env=prod", "system-version > 11 (it is 12)", "not db-*")
    assert roster.reasons("l", "id-web-1") == ("web-*", "all")
    assert roster.reasons("g", "id-new-1")[0] == "system-version > 11: not known"


def test_reasons_go_into_groups() -> None:
    """Of a list and of an expression: what names the machine there, and what is not known of it there."""
    roster = _roster(
        Group("debian", expression="system = debian"),
        Group("outer", targets=("db-*", "group:debian")),
        Group("outmost", expression="group:outer and not group:Mine"),
        Group("mine", query="mine"),
    )

    assert roster.reasons("outer", "id-web-1") == ("group:debian (system = debian (it is debian))",)
    assert roster.reasons("outer", "id-db-1") == ("db-*",)
    assert roster.reasons("outer", "id-new-1") == ("group:debian: system = debian: not known",)
    inner = "group:outer (group:debian (system = debian (it is debian)))"
    assert roster.reasons("outmost", "id-web-1") == (inner, "not group:Mine")
    assert roster.reasons("outmost", "id-new-1")[0] == "group:outer: group:debian: system = debian: not known"


def test_reasons_stay_short_however_groups_are_nested() -> None:
    """Each of thirty groups is in the next one thrice: whole, that would be 3^30 reasons."""
    names = [f"g{number}" for number in range(30)]
    groups = [Group("g0", targets=("all",))]
    groups += [
        Group(name, expression=f"group:{inner} or group:{inner} or group:{inner}") for inner, name in pairwise(names)
    ]

    (first, *_) = _roster(*groups).reasons("g29", "id-web-1")

    assert len(first) < 1_000


def test_targets_take_groups() -> None:
    """A group is a target as any other; one without members is said."""
    roster = _roster(Group("web", targets=("web-*",)), Group("none", expression="not all"))
    machines = [status.machine for status in _FLEET]

    assert [machine.name for machine in select_machines(["group:web", "db-1"], machines, roster.members)] == [
        "db-1",
        "web-1",
        "web-2",
    ]
    with pytest.raises(BadInput, match="no members now"):
        select_machines(["group:none"], machines, roster.members)
    with pytest.raises(UnknownName, match="There is no group"):
        select_machines(["group:wib"], machines, roster.members)
    assert find_machines(["group:wib"], machines, roster.members) == (
        [],
        ("There is no group 'wib'. Did you mean 'web'?",),
    )


_TERMS = ("tag:env=prod", "web-*", "system = debian", "system-version < 12", "missing-security > 0", "group:base")
_TREES = st.recursive(
    st.sampled_from(_TERMS),
    lambda inner: st.one_of(
        inner.map(lambda each: f"not ({each})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) and ({pair[1]})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]}) or ({pair[1]})"),
    ),
    max_leaves=8,
)


@given(_TREES)
def test_no_machine_is_in_a_group_and_in_its_opposite(expression: str) -> None:
    """Each is in one, in the other, or known of neither."""
    roster = _roster(
        Group("base", expression="tag:env=prod or system = rhel"),
        Group("one", expression=expression),
        Group("other", expression=f"not ({expression})"),
    )
    one, other = roster.find("one"), roster.find("other")

    assert not one.known & other.known
    assert one.unknown == other.unknown
    assert one.known | other.known | one.unknown == {status.machine.id for status in _FLEET}


def test_ten_thousand_machines_and_a_thousand_groups() -> None:
    """Each machine is asked each question once, whatever number of groups ask it."""
    asked: list[str] = []
    fleet = [_status(_machine(f"m-{n}", env="prod" if n % 2 else "test")) for n in range(10_000)]
    groups = [Group(f"g{n}", expression=f"tag:env=prod and m-{n % 9 + 1}*") for n in range(1_000)]
    roster = GroupRoster(groups, fleet, _NOW, lambda name: asked.append(name) or ())  # type: ignore[func-returns-value]

    assert sum(bool(roster.members(group.name)) for group in groups) == 1_000
    assert len(roster._terms) == 10
    assert not asked
