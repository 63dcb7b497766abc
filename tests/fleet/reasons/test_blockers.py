"""Blockers as reasons: each that there is has words, evidence and a remedy of its own."""

from dataclasses import replace

import pytest

from fleet.deployments.update_rules import UpdateRules
from fleet.reasons.blockers import remedy_of
from fleet.reasons.explain import explain
from fleet.reasons.reason import ReasonKind, Weight
from fleet.updates import Blocker, Classification
from tests.fleet.reasons.made import OPENSSL, ROLLUP, case, deployment, home, sight


@pytest.mark.parametrize("blocker", Blocker)
def test_each_blocker_is_a_reason_with_a_remedy(blocker: Blocker) -> None:
    """A new one without words or remedy fails here."""
    update = replace(OPENSSL, blocker=blocker, blocker_detail="as the machine says")
    no_extras = UpdateRules(classes=tuple(Classification), allow_new_packages=False)
    reasons = explain(case(update), home(sight(deployment(updates=no_extras))))

    (found,) = [each for each in reasons if each.kind is ReasonKind.BLOCKED]
    assert (found.weight, found.about, found.evidence) == (Weight.STOPS, blocker.value, "as the machine says")
    assert len(found.remedy) > 10
    assert "{" not in found.remedy


@pytest.mark.parametrize("manager", ["apt", "dnf", "zypper", "windows-update", "pacman", ""])
def test_remedy_is_a_whole_sentence_whatever_the_manager(manager: str) -> None:
    """Where the manager has a command for it, the command ends it."""
    for blocker in Blocker:
        assert "{" not in remedy_of(blocker, OPENSSL, manager)
    held = remedy_of(Blocker.HELD, OPENSSL, manager)
    assert held.endswith("sudo apt-mark unhold openssl") is (manager == "apt")


def test_blocker_that_a_deployment_overrides_is_only_a_note() -> None:
    """New packages are what a deployment brings by default."""
    update = replace(OPENSSL, blocker=Blocker.NEEDS_NEW_PACKAGES)
    reasons = explain(case(update), home(sight()))
    assert [(each.kind, each.weight) for each in reasons] == [
        (ReasonKind.WILL_BE_INSTALLED, Weight.UNDER_WAY),
        (ReasonKind.BLOCKED, Weight.NOTE),
    ]


def test_windows_update_that_is_stopped_twice_says_both() -> None:
    """One that is hidden and wants its licence accepted has two reasons."""
    assert ROLLUP.windows is not None
    update = replace(ROLLUP, windows=replace(ROLLUP.windows, is_hidden=True, is_licence_accepted=False))
    reasons = explain(case(update), home(sight()))
    assert [each.about for each in reasons if each.kind is ReasonKind.BLOCKED] == ["hidden", "needs-licence"]
