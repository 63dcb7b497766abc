"""Who may be touched now: asked before every connection, by what state.db says at that moment."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.secrets import NoSecrets
from collectors.transports.base import TransportFailed
from collectors.transports.opening import open_transport
from fleet.compliance import Compliance
from fleet.errors import BadInput, HomeUnusable
from fleet.failures import FailureKind
from fleet.groups.group import Group
from fleet.machines import Machine, TransportKind
from ops.assess import FleetOptions, assess_fleet
from ops.config import load_settings
from ops.groups import define_group, remove_group
from ops.home import Home, open_home
from ops.questions import open_engine
from ops.reach import open_ssh
from ops.scope import ScopeGuard, mark_outside, sift
from ops.scoping import add_to_scope, find_scope, look_at_scope, remove_from_scope
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.statuses import statuses_of

_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _machine(name: str, **tags: str) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.LOCAL, _AT, tags=tags)


_PROD, _TEST = _machine("prod-1", env="prod"), _machine("test-1", env="test")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two machines, one of them in the group prod; no scope."""
    home = open_home(tmp_path / "home")
    with opened(home.state_file) as connection:
        for machine in (_PROD, _TEST):
            MachineBook(connection).add(machine)
    define_group(home, Group("prod", expression="tag:env=prod"))
    return home


def test_without_a_scope_everybody_may_be_touched(home: Home) -> None:
    """Also a machine that is not enrolled yet, to try how it is reached."""
    with ScopeGuard(home) as guard:
        assert [guard.refusal(machine) for machine in (_PROD, _TEST, _machine("new"))] == [None, None, None]
        assert guard.view() is None


def test_each_change_holds_from_the_next_question_on(home: Home) -> None:
    """Of the scope, of a group, of a machine: whoever asks has not to be told."""
    with ScopeGuard(home) as guard:
        assert guard.refusal(_TEST) is None
        add_to_scope(home, ["prod"])
        assert guard.refusal(_TEST) == "not in the group prod"
        define_group(home, Group("prod", ("all",)), replace=True)
        assert guard.refusal(_TEST) is None
        define_group(home, Group("prod", expression="tag:env=prod"), replace=True)
        assert guard.refusal(_TEST) is not None
        with opened(home.state_file) as connection:
            MachineBook(connection).edit(replace(_TEST, tags={"env": "prod"}))
        assert guard.refusal(_TEST) is None
        remove_from_scope(home, ["prod"], everything=True)
        assert guard.refusal(_machine("new")) is None


def test_enrolled_machine_is_judged_as_it_is_enrolled(home: Home) -> None:
    """What a run took up hours ago, or what somebody claims, does not count."""
    add_to_scope(home, ["prod"])

    with ScopeGuard(home) as guard:
        assert guard.refusal(replace(_TEST, name="prod-2", tags={"env": "prod"})) is not None
        assert guard.refusal(replace(_PROD, tags={})) is None


def test_machine_that_is_not_enrolled_is_judged_as_it_is_given(home: Home) -> None:
    """It may be tried before it is added, if it will be inside."""
    add_to_scope(home, ["prod"])

    with ScopeGuard(home) as guard:
        assert guard.refusal(_machine("new", env="prod")) is None
        assert guard.refusal(_machine("new")) == "not in the group prod"


def test_group_that_is_gone_lets_nobody_in(home: Home) -> None:
    """Whoever removed it behind Patchdeck's back has not widened the scope."""
    add_to_scope(home, ["prod"])
    with opened(home.state_file) as connection:
        connection.execute("DELETE FROM groups")

    sifted = sift(home, [_PROD])

    assert sifted.inside == ()
    assert sifted.outside[0].why.startswith("the group prod cannot be evaluated: There is no group 'prod'")
    assert len(sifted.problems) == 1


def test_query_that_fails_lets_nobody_in(home: Home) -> None:
    """And says what it failed of."""
    define_group(home, Group("asked", query="nobody-wrote-this"))
    add_to_scope(home, ["asked"])

    assert "Query nobody-wrote-this cannot be asked" in sift(home, [_PROD]).outside[0].why


def test_rows_of_a_query_are_inside(home: Home) -> None:
    """By the tables as they are: nobody waits for a lock."""
    home.queries_dir.mkdir(exist_ok=True)
    (home.queries_dir / "mine.sql").write_text(
        "-- title: Mine\nSELECT Computer FROM Machine WHERE Computer LIKE 'p%'\n"
    )
    define_group(home, Group("asked", query="mine"))
    with open_engine(home, load_settings(home)):
        add_to_scope(home, ["asked"])

    assert [machine.name for machine in sift(home, [_PROD, _TEST]).inside] == ["prod-1"]


def test_retired_machine_is_not_touched(home: Home) -> None:
    """With a scope and without."""
    with ScopeGuard(home) as guard:
        assert guard.refusal(_PROD) is None
        with opened(home.state_file) as connection:
            connection.execute("INSERT INTO retired VALUES (?, ?, ?, '{}')", (_PROD.id, _PROD.name, _AT.isoformat()))
        assert guard.refusal(_PROD) == "it is retired"


@pytest.mark.parametrize("document", ["{}", "[]", "no JSON", '{"groups":7}'])
def test_damaged_scope_lets_nobody_in(home: Home, document: str) -> None:
    """Nothing is known then, and so nothing is touched."""
    with closing(sqlite3.connect(home.state_file)) as connection, connection:
        connection.execute("INSERT INTO scope VALUES (1, ?)", (document,))

    with ScopeGuard(home) as guard, pytest.raises(HomeUnusable):
        guard.refusal(_PROD)
    assert asyncio.run(_run_true(home, _PROD)).startswith("it is not known whether it is inside: state.db holds")


def test_transport_asks_before_each_run(home: Home) -> None:
    """A scope that shrinks holds for a transport that is open already."""

    async def work() -> list[FailureKind | None]:
        async with open_ssh(home, NoSecrets()) as ssh:
            transport = open_transport(_TEST, ssh)
            kinds: list[FailureKind | None] = []
            for groups in ([], ["prod"]):
                if groups:
                    add_to_scope(home, groups)
                try:
                    await transport.run(b"true", deadline_seconds=20, max_output_bytes=100)
                    kinds.append(None)
                except TransportFailed as error:
                    kinds.append(error.failure.kind)
            return kinds

    assert asyncio.run(work()) == [None, FailureKind.OUT_OF_SCOPE]


async def test_scan_leaves_out_who_is_outside(home: Home) -> None:
    """Nothing is stored of it: what was known of it stays."""
    add_to_scope(home, ["prod"])

    result = await assess_fleet(home, [_TEST], FleetOptions(), lambda event: None)

    assert (result.assessments, [each.machine.name for each in result.outside]) == ((), ["test-1"])
    (status,) = statuses_of(home, ["test-1"])
    assert status.last_attempt is None
    assert status.compliance(_AT) is Compliance.OUTSIDE_SCOPE


async def test_machine_that_falls_outside_during_a_scan_is_not_stored(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It fails, in the result alone."""
    add_to_scope(home, ["prod"])
    monkeypatch.setattr("ops.assess.sift", lambda home, machines: sift(open_home(home.path.parent / "other"), machines))

    result = await assess_fleet(home, [_TEST], FleetOptions(), lambda event: None)

    assert [each.failure.kind for each in result.assessments if each.failure] == [FailureKind.OUT_OF_SCOPE]
    assert [status.last_attempt for status in mark_outside(home, statuses_of(home, ["all"]))] == [None, None]


def test_table_of_machines_follows_the_scope(home: Home) -> None:
    """Also of machines of which nothing else has changed."""

    def inside() -> dict[str, bool]:
        with open_engine(home, load_settings(home)) as engine:
            return {str(row[0]): bool(row[1]) for row in engine.run("SELECT Computer, InScope FROM Machine").rows}

    assert inside() == {"prod-1": True, "test-1": True}
    add_to_scope(home, ["prod"])
    assert inside() == {"prod-1": True, "test-1": False}
    remove_from_scope(home, ["prod"], everything=True)
    assert inside() == {"prod-1": True, "test-1": True}


def test_scope_of_a_query_over_the_table_of_machines_is_published(home: Home) -> None:
    """The table says who is inside by a query over the table itself."""
    home.queries_dir.mkdir(exist_ok=True)
    (home.queries_dir / "mine.sql").write_text(
        "-- title: Mine\nSELECT Computer FROM Machine WHERE Computer LIKE 'p%'\n"
    )
    define_group(home, Group("asked", query="mine"))
    with open_engine(home, load_settings(home)):
        add_to_scope(home, ["asked"])

    with open_engine(home, load_settings(home)) as engine:
        rows = engine.run("SELECT Computer FROM Machine WHERE NOT InScope").rows

    assert [row[0] for row in rows] == ["test-1"]


def test_changes_are_audited_and_the_same_again_is_none(home: Home) -> None:
    """With what was and what is."""
    assert add_to_scope(home, ["PROD"])
    assert not add_to_scope(home, ["prod"])
    assert remove_from_scope(home, ["prod"], everything=True)

    with opened(home.state_file) as connection:
        entries = Audit(connection).list_entries(2)
    assert [(entry.action, entry.before, entry.after) for entry in entries] == [
        ("scope.remove", '{"groups":["prod"]}', None),
        ("scope.edit", None, '{"groups":["prod"]}'),
    ]


def test_last_group_is_not_taken_out_by_the_way(home: Home) -> None:
    """Without a scope everything may be touched: that is said in so many words."""
    add_to_scope(home, ["prod"])

    with pytest.raises(BadInput, match="--everything"):
        remove_from_scope(home, ["prod"])
    with pytest.raises(BadInput, match=r"Group 'prd' is not in the scope: its groups are prod\. Did you mean 'prod'"):
        remove_from_scope(home, ["prd"], everything=True)
    assert find_scope(home) is not None


def test_group_in_the_scope_is_in_use(home: Home) -> None:
    """It is not removed."""
    add_to_scope(home, ["prod"])

    with pytest.raises(BadInput, match="in use: the scope"):
        remove_group(home, "prod")


def test_change_is_seen_before_it_is_made(home: Home) -> None:
    """Nothing is kept of it."""
    define_group(home, Group("test", ("test-*",)))
    add_to_scope(home, ["prod"])

    sight = look_at_scope(home, added=["test"], removed=["prod"])

    assert [machine.name for machine in sight.inside] == ["test-1"]
    assert [machine.name for machine in look_at_scope(home).inside] == ["prod-1"]
    assert look_at_scope(home, removed=["prod"]).view is None


async def _run_true(home: Home, machine: Machine) -> str:
    async with open_ssh(home, NoSecrets()) as ssh:
        return await ssh.gate.refusal(machine) or ""


def test_closed_guard_may_be_asked_again(home: Home) -> None:
    """Closing twice is harmless."""
    guard = ScopeGuard(home)
    for _ in range(2):
        assert guard.refusal(_PROD) is None
        guard.close()
        guard.close()
