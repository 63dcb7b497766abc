"""From what a machine needs to what became of it: rules, transaction, plan, hash and outcomes agree.

The package manager is a model: a graph of what needs what, installed as simulated.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobReport, JobState
from fleet.deployments.outcomes import judge_outcomes
from fleet.deployments.plan import ChangeKind, MachinePlan, PackageChange, Plan, Selection, Simulation
from fleet.deployments.plan_hash import find_drift, hash_plan
from fleet.deployments.planning import orders_of, plan_machine
from fleet.deployments.runs import InstallationStatus, MachineRunStatus
from fleet.deployments.selection import find_exclusion, select
from fleet.deployments.transactions import settle
from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.deployments.verdicts import judge_machine
from fleet.facts import MachineFacts
from fleet.machines import Machine, TransportKind
from fleet.updates import Blocker, Classification, Update

_NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
_MACHINE = Machine("id", "web", TransportKind.SSH, _NOW)
_NAMES = ["a", "b", "c", "d", "e"]

Needs = Mapping[str, frozenset[str]]

_UPDATES = st.lists(
    st.builds(
        lambda name, classification, blocker: Update(name, "amd64", "1", "2", classification, "", "", blocker),
        st.sampled_from(_NAMES),
        st.sampled_from([Classification.SECURITY, Classification.OTHERS]),
        st.sampled_from([None, None, Blocker.HELD, Blocker.KEPT_BACK, Blocker.NEEDS_REMOVALS]),
    ),
    max_size=5,
    unique_by=lambda update: update.name,
)
_NEEDS = st.dictionaries(st.sampled_from(_NAMES), st.frozensets(st.sampled_from([*_NAMES, "-old", "new"]), max_size=2))
_MASKS = st.lists(st.builds(UpdateMask, st.sampled_from(["a", "b", "old", "n*"])), max_size=2).map(tuple)
_RULES = st.builds(
    UpdateRules,
    classes=st.sampled_from([(Classification.SECURITY,), (Classification.SECURITY, Classification.OTHERS), ()]),
    include=_MASKS,
    exclude=_MASKS,
    allow_new_packages=st.booleans(),
    allow_removals=st.booleans(),
)


def _simulate(selection: Selection, needs: Needs, broken: frozenset[str]) -> Simulation:
    wanted = {update.name for update in selection.chosen}
    if found := broken & wanted:
        return Simulation(problem=f"unmet dependencies of {min(found)}")
    while more := {needed for name in wanted for needed in needs.get(name, ())} - wanted:
        wanted |= more
    return Simulation(tuple(_change(name) for name in sorted(wanted)))


def _change(name: str) -> PackageChange:
    if name.startswith("-"):
        return PackageChange(ChangeKind.REMOVE, name[1:], "amd64", "1")
    kind, before = (ChangeKind.INSTALL, "") if name == "new" else (ChangeKind.UPGRADE, "1")
    return PackageChange(kind, name, "amd64", before, "2")


def _plan(updates: list[Update], rules: UpdateRules, needs: Needs, broken: frozenset[str]) -> MachinePlan:
    facts = MachineFacts(package_manager="apt")
    assessment = Assessment("id", "web", _NOW, _NOW, Coverage.COMPLETE, facts, tuple(updates))
    selection = select(updates, rules, today=_NOW.date(), now=_NOW, first_seen={})
    steps = settle(selection, rules, today=_NOW.date())
    try:
        part = next(steps)
        while True:
            part = steps.send(_simulate(part, needs, broken))
    except StopIteration as end:
        settled = end.value
    return plan_machine(_MACHINE, 0, assessment, rules, settled.selection, settled.simulation, today=_NOW.date())


@given(_UPDATES, _RULES, _NEEDS, st.frozensets(st.sampled_from(_NAMES), max_size=2))
def test_nothing_is_planned_that_the_rules_forbid(
    updates: list[Update], rules: UpdateRules, needs: Needs, broken: frozenset[str]
) -> None:
    """Whatever needs whatever: no excluded package is touched, nothing new or removed against the rules."""
    plan = _plan(updates, rules, needs, broken)
    ordered = {order.name for order in orders_of(plan)}
    for change in () if plan.problem else plan.simulation.changes:
        version = change.to_version or change.from_version
        assert not find_exclusion(rules, change.name, version, _NOW.date())
        assert change.kind is not ChangeKind.REMOVE or rules.allow_removals
        assert change.kind is not ChangeKind.INSTALL or rules.allow_new_packages or change.name in ordered
    assert plan.problem or bool(ordered) is bool(plan.simulation.changes)
    known = [*plan.selection.chosen, *(entry.update for entry in plan.selection.left_out)]
    assert sorted(update.name for update in known) == sorted(update.name for update in updates)


@given(_UPDATES, _RULES, _NEEDS, st.frozensets(st.sampled_from(_NAMES), max_size=1))
def test_same_answers_in_another_order_are_no_drift(
    updates: list[Update], rules: UpdateRules, needs: Needs, broken: frozenset[str]
) -> None:
    """A second preview of the same machine has the same hash."""
    plans = [_plan(order, rules, needs, broken) for order in (updates, updates[::-1])]
    old, new = (Plan("n", _NOW, (plan,), hash_plan("n", [plan])) for plan in plans)
    assert find_drift(old, new) == ()


@given(_UPDATES, _RULES, _NEEDS, st.frozensets(st.sampled_from(_NAMES), max_size=2))
def test_plan_that_is_carried_out_succeeds_with_every_update_accounted_for(
    updates: list[Update], rules: UpdateRules, needs: Needs, failing: frozenset[str]
) -> None:
    """What was installed succeeded, what was ordered and is not there failed, the rest was left out."""
    plan = _plan(updates, rules, needs, frozenset())
    before = {(update.name, "amd64"): "1" for update in updates}
    brought = {change.name for change in plan.simulation.changes if change.to_version} - failing
    after = {key: "2" if key[0] in brought else version for key, version in before.items()}
    packages = tuple((order.name, order.architecture) for order in orders_of(plan))
    report = JobReport("run-install", JobState.ENDED, (BatchRecord(1, 1, packages, 0.0, 9.0, BatchOutcome.FAILED),))
    outcomes = judge_outcomes(plan, before, after, report, compare=lambda one, other: (one > other) - (one < other))
    assert sorted(outcome.name for outcome in outcomes) == sorted(update.name for update in updates)
    ordered = {name for name, _ in packages}
    for outcome in outcomes:
        is_there = outcome.name in brought
        assert (outcome.status is InstallationStatus.SUCCEEDED) is is_there
        assert (outcome.status is InstallationStatus.INSTALL_FAILED) is (outcome.name in ordered and not is_there)
    wanted = MachineRunStatus.FAILED if ordered & failing else MachineRunStatus.SUCCEEDED
    assert judge_machine(outcomes).status is wanted
