"""Groups of a home: kept, changed, refused, and asked who is in them."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.rollout import Rollout
from fleet.deployments.runs import Requester
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.waves import parse_wave
from fleet.errors import BadInput, UnknownName
from fleet.groups.group import Group
from fleet.machines import Machine, TransportKind
from fleet.updates import Classification
from ops.config import Settings
from ops.deployments.definitions import define
from ops.deployments.new_runs import new_run
from ops.deployments.overview import overviews
from ops.deployments.targets import resolve_targets
from ops.groups import define_group, group_members, list_groups, open_roster, remove_group, users_of
from ops.home import Home, open_home
from ops.scoping import add_to_scope, look_at_scope, remove_from_scope
from ops.service.timetable import parse_override, periods_of, timetable_of
from ops.state.audit import Audit
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.runs import RunBook
from ops.statuses import statuses_of

_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_DEPLOYMENT = Deployment("nightly", ("group:web",), UpdateRules(classes=(Classification.SECURITY,)))


def _machine(name: str, **tags: str) -> Machine:
    return Machine(f"id-{name}", name, TransportKind.LOCAL, _AT, tags=tags)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Four machines, and groups of them."""
    home = open_home(tmp_path / "home")
    with opened(home.state_file) as connection:
        book = MachineBook(connection)
        for machine in (_machine("web-1", ring="0"), _machine("web-2"), _machine("db-1"), _machine("db-2", ring="0")):
            book.add(machine)
    define_group(home, Group("web", ("web-*",)))
    define_group(home, Group("canary", expression="tag:ring=0"))
    return home


def test_same_definition_again_changes_nothing(home: Home) -> None:
    """And is not audited again."""
    assert not define_group(home, Group("web", ("web-*",)))
    with opened(home.state_file) as connection:
        assert [entry.action for entry in Audit(connection).list_entries(10)].count("group.add") == 2


def test_another_definition_needs_to_be_asked_for(home: Home) -> None:
    """The message says what there is."""
    with pytest.raises(BadInput, match=r"of web-\*: use --replace"):
        define_group(home, Group("WEB", ("db-*",)))
    assert define_group(home, Group("WEB", ("db-*",)), replace=True)
    assert [group.name for group in list_groups(home)] == ["canary", "WEB"]


def test_circle_is_refused_when_it_would_be_closed(home: Home) -> None:
    """Nothing is kept of it."""
    define_group(home, Group("all-web", ("group:web",)))

    with pytest.raises(BadInput, match=r"refer to themselves: .*all-web"):
        define_group(home, Group("web", expression="group:all-web"), replace=True)
    assert group_members(home)("web") == {"id-web-1", "id-web-2"}


def test_group_in_use_is_not_removed(home: Home) -> None:
    """Whoever refers to it is named."""
    define(home, replace(_DEPLOYMENT, rollout=Rollout(waves=(parse_wave("group:canary"),))))
    define_group(home, Group("front", ("group:web",)))

    with pytest.raises(BadInput, match="in use: group front, deployment nightly"):
        remove_group(home, "web")
    assert users_of(home, ["canary"]) == {"canary": ("deployment nightly",)}


def test_group_of_a_run_that_waits_is_in_use(home: Home) -> None:
    """Its deployment may be gone by now: without the group the run would find nobody."""
    run = new_run(_DEPLOYMENT, _AT, Requester("tester"))
    with opened(home.state_file) as connection:
        RunBook(connection).make(run)

    with pytest.raises(BadInput, match=f"is in use: the run {run.id}, which waits. Nothing was removed."):
        remove_group(home, "web")


def test_expression_that_cannot_be_read_leaves_other_groups_alone(home: Home) -> None:
    """One that another version wrote: it says so itself, and can be removed."""
    define_group(home, Group("odd", expression="group:web"))
    with opened(home.state_file) as connection:
        connection.execute(
            "UPDATE groups SET document = replace(document, 'group:web', 'sistem = x') WHERE name = 'odd'"
        )
    add_to_scope(home, ["odd", "web"])

    assert users_of(home, ["web", "odd"]) == {"web": ("the scope",), "odd": ("the scope",)}
    assert look_at_scope(home).goes_by(Group("web"))
    with pytest.raises(BadInput, match="There is no fact 'sistem'"):
        open_roster(home).members("odd")
    assert define_group(home, Group("outer", ("group:odd",)))
    remove_group(home, "outer")
    remove_from_scope(home, ["odd"])
    assert remove_group(home, "odd").expression == "sistem = x"


def test_group_in_the_settings_is_in_use(home: Home) -> None:
    """The service would not know whom to assess."""
    home.config_file.write_text('[service]\nassess_every = ["group:web 15"]\n')

    with pytest.raises(BadInput, match=r"the setting service\.assess_every"):
        remove_group(home, "web")


def test_deployment_takes_in_whoever_is_in_the_group_then(home: Home) -> None:
    """A machine that is added later is in the next run."""
    define(home, _DEPLOYMENT)
    with opened(home.state_file) as connection:
        MachineBook(connection).add(_machine("web-3"))

    names = [machine.name for machine in resolve_targets(home, _DEPLOYMENT).machines]

    assert names == ["web-1", "web-2", "web-3"]
    assert overviews(home)[0].machines == 3


def test_first_wave_is_a_group(home: Home) -> None:
    """The canaries of this run, then the rest."""
    rollout = Rollout(waves=(parse_wave("group:canary"),))

    resolved = resolve_targets(home, replace(_DEPLOYMENT, targets=("all",), rollout=rollout))

    assert [[machine.name for machine in wave] for wave in resolved.waves] == [["db-2", "web-1"], ["db-1", "web-2"]]


def test_missing_group_of_a_deployment_is_told(home: Home) -> None:
    """The others of its targets still are meant."""
    resolved = resolve_targets(home, replace(_DEPLOYMENT, targets=("group:wib", "db-1")))

    assert [machine.name for machine in resolved.machines] == ["db-1"]
    assert resolved.notes == ("There is no group 'wib'. Did you mean 'web'?",)


def test_group_that_cannot_be_evaluated_stops_the_run(home: Home) -> None:
    """Half of the targets would be a guess."""
    define_group(home, Group("asked", query="nobody-wrote-this"))

    with pytest.raises(BadInput, match="Query nobody-wrote-this cannot be asked"):
        resolve_targets(home, replace(_DEPLOYMENT, targets=("group:asked", "db-1")))


def test_rows_of_a_query_are_members(home: Home) -> None:
    """By id, and by name where it has no id."""
    (home.queries_dir).mkdir(exist_ok=True)
    (home.queries_dir / "by-id.sql").write_text(
        "-- title: By id\nSELECT SourceComputerId FROM Machine WHERE Computer LIKE 'db%'\n"
    )
    (home.queries_dir / "by-name.kql").write_text("// title: By name\nMachine | where Computer endswith '-1'\n")
    (home.queries_dir / "neither.sql").write_text("-- title: Neither\nSELECT 1 AS One\n")
    for name in ("by-id", "by-name", "neither"):
        define_group(home, Group(name, query=name))

    assert group_members(home)("by-id") == {"id-db-1", "id-db-2"}
    assert group_members(home)("by-name") == {"id-db-1", "id-web-1"}
    with pytest.raises(BadInput, match="neither a column SourceComputerId nor Computer"):
        group_members(home)("neither")


def test_form_does_not_ask_queries(home: Home) -> None:
    """What is typed must not wait for a query."""
    define_group(home, Group("asked", query="not-assessed"))

    with pytest.raises(BadInput, match="shows when it is used"):
        open_roster(home, asks_queries=False).members("asked")


def test_statuses_of_a_group(home: Home) -> None:
    """As of any other target; an unknown one names the nearest."""
    assert [status.machine.name for status in statuses_of(home, ["group:web"])] == ["web-1", "web-2"]
    with pytest.raises(UnknownName, match="Did you mean 'canary'"):
        statuses_of(home, ["group:canarry"])


def test_period_of_a_group(home: Home) -> None:
    """The service assesses its members more often."""
    timetable = timetable_of(Settings(service_assess_every=("group:web 15",)), group_members(home))
    machines = [status.machine for status in statuses_of(home, ["all"])]

    periods = periods_of(machines, timetable)

    assert {id_: period.total_seconds() / 60 for id_, period in periods.items()} == {
        "id-db-1": 60,
        "id-db-2": 60,
        "id-web-1": 15,
        "id-web-2": 15,
    }
    assert parse_override("group:web never").period is None
