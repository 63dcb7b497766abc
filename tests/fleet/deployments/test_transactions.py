"""Transactions: what the rules forbid is taken out, and no more than that."""

from collections.abc import Callable, Mapping
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.masks import parse_mask
from fleet.deployments.plan import ChangeKind, LeftOutReason, PackageChange, Selection, Simulation
from fleet.deployments.transactions import (
    MOST_SIMULATIONS,
    Settled,
    find_change,
    find_refusal,
    orders_of_selection,
    settle,
)
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Blocker, Classification, Update

_TODAY = date(2026, 11, 20)
_RULES = UpdateRules(classes=tuple(Classification), exclude=(parse_mask("libssl*"),))


def _update(name: str, blocker: Blocker | None = None) -> Update:
    return Update(name, "amd64", "1", "2", Classification.OTHERS, "", "", blocker)


def _upgrade(name: str, kind: ChangeKind = ChangeKind.UPGRADE) -> PackageChange:
    versions = {ChangeKind.INSTALL: ("", "2"), ChangeKind.REMOVE: ("1", "")}
    return PackageChange(kind, name, "amd64", *versions.get(kind, ("1", "2")))


def _manager(
    brings: Mapping[str, tuple[PackageChange, ...]], broken: frozenset[str]
) -> Callable[[Selection], Simulation]:
    """A package manager that brings, beside each package, what it needs, and can do nothing with a broken one."""

    def simulate(selection: Selection) -> Simulation:
        names = [update.name for update in selection.chosen]
        if found := broken.intersection(names):
            return Simulation(problem=f"unmet dependencies: {min(found)}")
        needed = {change for name in names for change in brings.get(name, ())}
        return Simulation((*map(_upgrade, names), *sorted(needed, key=repr)))

    return simulate


def _settle(
    selection: Selection, rules: UpdateRules, simulate: Callable[[Selection], Simulation]
) -> tuple[Settled, int]:
    steps = settle(selection, rules, today=_TODAY)
    asked = 0
    try:
        part = next(steps)
        while True:
            asked += 1
            part = steps.send(simulate(part))
    except StopIteration as end:
        settled: Settled = end.value
        return settled, asked


def test_allowed_transaction_is_simulated_once() -> None:
    """Most selections need one simulation."""
    selection = Selection((_update("curl"), _update("zlib")), ())
    settled, asked = _settle(selection, _RULES, _manager({}, frozenset()))
    assert asked == 1 and settled.selection == selection and len(settled.simulation.changes) == 2


def test_nothing_chosen_needs_no_simulation() -> None:
    """An empty selection is an empty transaction."""
    settled, asked = _settle(Selection((), ()), _RULES, _manager({}, frozenset()))
    assert asked == 0 and settled == Settled(Selection((), ()), Simulation())


def test_update_that_needs_an_excluded_package_is_left_out_and_says_which() -> None:
    """openssl needs libssl3, which is excluded; curl does not."""
    selection = Selection((_update("curl"), _update("openssl"), _update("zlib")), ())
    settled, _ = _settle(selection, _RULES, _manager({"openssl": (_upgrade("libssl3"),)}, frozenset()))
    assert [update.name for update in settled.selection.chosen] == ["curl", "zlib"]
    (left_out,) = settled.selection.left_out
    assert (left_out.update.name, left_out.reason) == ("openssl", LeftOutReason.DEPENDENCY_LEFT_OUT)
    assert left_out.detail == "needs a change of libssl3 2 (excluded by libssl*)"


@pytest.mark.parametrize(
    ("kind", "rules", "reason"),
    [
        (ChangeKind.REMOVE, UpdateRules(), LeftOutReason.NEEDS_REMOVALS),
        (ChangeKind.REMOVE, UpdateRules(allow_removals=True), None),
        (ChangeKind.INSTALL, UpdateRules(allow_new_packages=False), LeftOutReason.NEEDS_NEW_PACKAGES),
        (ChangeKind.INSTALL, UpdateRules(), None),
        (
            ChangeKind.REMOVE,
            UpdateRules(allow_removals=True, exclude=(parse_mask("x"),)),
            LeftOutReason.DEPENDENCY_LEFT_OUT,
        ),
    ],
)
def test_rules_decide_about_new_and_removed_packages(
    kind: ChangeKind, rules: UpdateRules, reason: LeftOutReason | None
) -> None:
    """Removing an excluded package is refused even where removals are allowed."""
    refusal = find_refusal(Simulation((_upgrade("x", kind),)), (_update("curl"),), rules, today=_TODAY)
    assert (refusal.reason if refusal else None) is reason


@pytest.mark.parametrize(("mask", "is_refused"), [("libssl3=1", False), ("libssl3=2", True), ("libssl3", True)])
def test_version_of_an_exclusion_is_that_which_would_come(mask: str, is_refused: bool) -> None:
    """Excluding version 2 lets version 3 come, and does not keep version 1 from being replaced."""
    rules = UpdateRules(exclude=(parse_mask(mask),))
    refusal = find_refusal(Simulation((_upgrade("libssl3"),)), (_update("curl"),), rules, today=_TODAY)
    assert (refusal is not None) is is_refused


def test_kernel_that_is_installed_beside_the_old_one_is_not_new() -> None:
    """A chosen update may be an installation."""
    simulation = Simulation((_upgrade("kernel-core", ChangeKind.INSTALL),))
    rules = UpdateRules(allow_new_packages=False)
    assert find_refusal(simulation, (_update("kernel-core"),), rules, today=_TODAY) is None


def test_doubtful_updates_are_given_up_first() -> None:
    """What was kept back is tried apart, so that it costs nothing else."""
    chosen = (_update("a"), _update("b", Blocker.KEPT_BACK), _update("c"))
    settled, asked = _settle(Selection(chosen, ()), _RULES, _manager({}, frozenset({"b"})))
    assert [update.name for update in settled.selection.chosen] == ["a", "c"] and asked == 3
    assert settled.selection.left_out[0].detail == "unmet dependencies: b"


def test_manager_that_can_do_nothing_is_the_machines_problem() -> None:
    """Where every part fails, the first words are kept and nothing is blamed on single updates."""
    selection = Selection((_update("a"), _update("b")), ())
    settled, _ = _settle(selection, _RULES, _manager({}, frozenset({"a", "b"})))
    assert settled.simulation.problem == "unmet dependencies: a" and settled.selection == selection


def test_change_is_found_by_name_and_architecture() -> None:
    """The package of another architecture is another package; one without architecture may be it."""
    update = _update("libc6")
    other = PackageChange(ChangeKind.UPGRADE, "libc6", "i386", "1", "2")
    unnamed = PackageChange(ChangeKind.UPGRADE, "libc6", "", "1", "2")
    assert find_change(Simulation((other,)), update) is None
    assert find_change(Simulation((unnamed,)), update) == unnamed
    assert find_change(Simulation((_upgrade("libc6", ChangeKind.REMOVE),)), update) is None


def test_orders_carry_what_the_manager_needs() -> None:
    """Name, architecture and both versions."""
    (order,) = orders_of_selection(Selection((_update("curl"),), ()))
    assert (order.name, order.architecture, order.version, order.installed_version) == ("curl", "amd64", "2", "1")


_NAMES = [f"p{number}" for number in range(12)]


@given(
    st.sets(st.sampled_from(_NAMES)),
    st.sets(st.sampled_from(_NAMES)),
    st.sets(st.sampled_from(_NAMES)),
    st.booleans(),
)
def test_exactly_what_is_refused_alone_is_left_out(
    chosen: set[str], broken: set[str], needing: set[str], allow_removals: bool
) -> None:
    """Whatever is good stays, whatever is bad goes, and the transaction is for exactly what stays."""
    selection = Selection(tuple(_update(name) for name in sorted(chosen)), ())
    brings = {name: (_upgrade("libssl3"), _upgrade("old", ChangeKind.REMOVE)) for name in needing}
    rules = UpdateRules(exclude=_RULES.exclude, allow_removals=allow_removals)
    simulate = _manager(brings, frozenset(broken))
    settled, asked = _settle(selection, rules, simulate)
    good = chosen - broken - needing
    assert asked <= MOST_SIMULATIONS
    if settled.simulation.problem:
        assert chosen <= broken and settled.selection == selection
        return
    assert {update.name for update in settled.selection.chosen} == good
    assert {entry.update.name for entry in settled.selection.left_out} == chosen - good
    assert settled.simulation == (simulate(settled.selection) if good else Simulation())


def test_search_ends_where_everything_is_bad() -> None:
    """500 updates that all need an excluded package cost a bounded number of simulations."""
    names = [f"p{number}" for number in range(500)]
    brings = {name: (_upgrade("libssl3"),) for name in names}
    selection = Selection(tuple(map(_update, names)), ())
    settled, asked = _settle(selection, _RULES, _manager(brings, frozenset()))
    assert asked <= MOST_SIMULATIONS and settled.selection.chosen == () and len(settled.selection.left_out) == 500


def test_one_bad_update_among_many_is_found() -> None:
    """499 of 500 stay."""
    names = [f"p{number}" for number in range(500)]
    selection = Selection(tuple(map(_update, names)), ())
    settled, asked = _settle(selection, _RULES, _manager({"p371": (_upgrade("libssl3"),)}, frozenset()))
    assert asked <= 20 and [entry.update.name for entry in settled.selection.left_out] == ["p371"]
