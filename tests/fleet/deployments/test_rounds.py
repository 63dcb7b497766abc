"""Rounds: what a further one installs, in which order, and how the outcomes of all become one."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.plan import LeftOutReason, Selection
from fleet.deployments.rounds import (
    USUAL_ROUNDS_WINDOWS,
    choose_again,
    key_of,
    merge_outcomes,
    note_rolled_back,
    rounds_of,
    split_round,
    succeeded_keys,
)
from fleet.deployments.runs import InstallationStatus, UpdateOutcome
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Classification, RebootBehavior, Update, WindowsUpdate

_S, _F = InstallationStatus.SUCCEEDED, InstallationStatus.INSTALL_FAILED
_N, _I = InstallationStatus.NOT_STARTED, InstallationStatus.NOT_INCLUDED


def _update(name: str, *, alone: bool = False, behaviour: RebootBehavior | None = None) -> Update:
    known = WindowsUpdate(f"{name}-id", "1", is_exclusive=alone, reboot_behavior=behaviour)
    return Update(name, "", "", "KB5000001", Classification.SECURITY, "", "", windows=known)


def _outcome(name: str, status: InstallationStatus, tries: int = 1) -> UpdateOutcome:
    return UpdateOutcome(name, "", "", "KB5000001", "Security Updates", status, tries=tries)


def _names(updates: Sequence[Update]) -> list[str]:
    return [update.name for update in updates]


@pytest.mark.parametrize(
    ("earlier", "has_changed", "is_chosen"),
    [
        ((), False, True),
        ((_outcome("a", _S),), True, False),
        ((_outcome("a", _F),), True, True),
        ((_outcome("a", _F),), False, False),
        ((_outcome("a", _F, tries=2),), True, False),
        ((_outcome("a", _N),), False, True),
        ((_outcome("a", _I),), False, True),
        (note_rolled_back((_outcome("a", _S),), {key_of(_update("a"))}), True, False),
    ],
)
def test_update_is_tried_twice_and_never_again_once_it_was_installed(
    earlier: tuple[UpdateOutcome, ...], has_changed: bool, is_chosen: bool
) -> None:
    """A second try needs a machine on which something has changed since."""
    again = choose_again(Selection((_update("a"),), ()), earlier, planned=None, has_changed=has_changed)
    assert bool(again.chosen) is is_chosen


def test_plan_that_was_approved_is_all_there_is() -> None:
    """What failed of it may be tried again, what is new may not be installed."""
    planned = {key_of(_update("a"))}
    again = choose_again(
        Selection((_update("a"), _update("b")), ()), (_outcome("a", _F),), planned=planned, has_changed=True
    )
    assert _names(again.chosen) == ["a"]
    assert [(left.update.name, left.reason) for left in again.left_out] == [("b", LeftOutReason.NOT_APPROVED)]


def test_stack_comes_first_and_a_service_pack_waits() -> None:
    """Only in the last round all are ordered, for Windows to decide."""
    pack, other = _update("pack", alone=True), _update("other")
    stack = _update("stack", alone=True, behaviour=RebootBehavior.NEVER)
    now, later = split_round((pack, other, stack), is_last=False)
    assert (_names(now), _names(later)) == (["stack", "other"], ["pack"])
    now, later = split_round((pack, other, stack), is_last=True)
    assert (_names(now), _names(later)) == (["stack", "other", "pack"], [])
    now, later = split_round((pack, replace(pack, name="next")), is_last=False)
    assert (_names(now), _names(later)) == (["pack"], ["next"])


def test_rounds_are_one_unless_windows_or_a_definition_says_more() -> None:
    """Linux deployments stay what they were."""
    assert rounds_of(UpdateRules(), is_windows=False) == 1
    assert rounds_of(UpdateRules(), is_windows=True) == USUAL_ROUNDS_WINDOWS
    assert rounds_of(UpdateRules(rounds=1), is_windows=True) == 1


def test_outcomes_of_all_rounds_are_one_for_each_update() -> None:
    """A failure that is mended succeeded on retry; one that was not tried again stays one."""
    first = (_outcome("mended", _F), _outcome("bad", _F), _outcome("kept", _F), _outcome("done", _S))
    second = (_outcome("mended", _S), _outcome("bad", _F), _outcome("kept", _N), _outcome("new", _S))
    merged = {each.name: each for each in merge_outcomes(first, second, 2)}
    assert {name: (each.status, each.tries, each.round) for name, each in merged.items()} == {
        "mended": (_S, 2, 2),
        "bad": (_F, 2, 2),
        "kept": (_F, 1, 1),
        "done": (_S, 1, 1),
        "new": (_S, 1, 2),
    }
    assert merged["mended"].succeeded_on_retry
    assert not merged["new"].succeeded_on_retry


_NAMES = st.sampled_from("abcdef")
_STATUSES = st.sampled_from([_S, _F, _N, _I])
_OUTCOMES = st.dictionaries(_NAMES, _STATUSES).map(lambda told: tuple(_outcome(n, s) for n, s in told.items()))


@given(_OUTCOMES, _OUTCOMES)
def test_no_outcome_is_lost_and_none_is_twice(
    earlier: tuple[UpdateOutcome, ...], latest: tuple[UpdateOutcome, ...]
) -> None:
    """What succeeded in the last round did so in the end."""
    merged = merge_outcomes(earlier, latest, 2)
    assert sorted(each.name for each in merged) == sorted({each.name for each in (*earlier, *latest)})
    assert succeeded_keys(latest) <= succeeded_keys(merged)


@given(st.lists(st.tuples(_NAMES, st.booleans(), st.sampled_from([None, *RebootBehavior])), unique_by=lambda t: t[0]))
def test_split_loses_nothing_and_always_installs_something(told: list[tuple[str, bool, RebootBehavior | None]]) -> None:
    """So that rounds come to an end."""
    updates = [_update(name, alone=alone, behaviour=behaviour) for name, alone, behaviour in told]
    now, later = split_round(updates, is_last=False)
    assert sorted(_names((*now, *later))) == sorted(_names(updates))
    assert bool(now) is bool(updates)
    assert split_round(updates, is_last=True)[1] == ()


@given(st.lists(st.tuples(_NAMES, st.booleans()), max_size=10), st.integers(0, 5))
def test_rounds_always_end(told: list[tuple[str, bool]], changes: int) -> None:
    """Whatever a machine offers again and whatever fails, each update is tried at most twice."""
    outcomes: tuple[UpdateOutcome, ...] = ()
    fails = dict(told)
    offered = Selection(tuple(_update(name) for name in fails), ())
    for number in range(1, 20):
        chosen = choose_again(offered, outcomes, planned=None, has_changed=number <= changes).chosen
        if not chosen:
            break
        latest = tuple(_outcome(update.name, _F if fails[update.name] else _S) for update in chosen)
        outcomes = merge_outcomes(outcomes, latest, number)
    assert number <= 3
    assert all(each.tries <= 2 for each in outcomes)
