"""Why not patched: there always is a reason, what stops it now comes first, and each has evidence and a remedy."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Answer, Coverage
from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import InstallationStatus, MachineRunStatus, RunStatus
from fleet.deployments.update_rules import UpdateMask, UpdateRules
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.reasons.explain import explain, verdict
from fleet.reasons.facts import DeploymentSight, OpenRun
from fleet.reasons.reason import ReasonKind, Weight, rank_of
from fleet.updates import Blocker, Classification, Update
from tests.fleet.reasons.made import NOW, OPENSSL, ROLLUP, case, deployment, home, run, sight, status, tried

_FAILURES = st.sampled_from(list(FailureKind)).map(lambda kind: Failure(kind, "SSH to web-01", "no", "look"))
_UPDATES = st.builds(
    lambda of, class_, blocker: replace(of, classification=class_, blocker=blocker),
    st.sampled_from([OPENSSL, ROLLUP]),
    st.sampled_from(list(Classification)),
    st.none() | st.sampled_from(list(Blocker)),
)
_RULES = st.builds(
    UpdateRules,
    classes=st.lists(st.sampled_from(list(Classification)), max_size=3).map(tuple),
    include=st.sampled_from([(), (UpdateMask("openssl*"),)]),
    exclude=st.sampled_from([(), (UpdateMask("*ssl"),)]),
    minimum_age_days=st.integers(0, 2),
    allow_removals=st.booleans(),
)
_RUNS = st.builds(
    lambda state, plan, approval: OpenRun(run(state, plan_hash=plan, waits_for_approval=bool(approval)), approval),
    st.sampled_from([each for each in RunStatus if not each.is_over]),
    st.sampled_from(["", "abc"]),
    st.sampled_from(["", "0 of 1 approvals"]),
)
_SIGHTS = st.builds(
    lambda rules, enabled, policy, covers, starts, runs, problem: sight(
        deployment("d", rules, enabled=enabled, reboot=RebootRules(policy)),
        covers=covers,
        start=NOW + timedelta(hours=1) if starts else None,
        runs=tuple(runs),
        problem=problem,
    ),
    _RULES,
    st.booleans(),
    st.sampled_from(list(RebootPolicy)),
    st.booleans(),
    st.booleans(),
    st.lists(_RUNS, max_size=2),
    st.sampled_from(["", "the calendar cannot be read"]),
)
_TRIES = st.builds(
    lambda outcome, state, of: tried(outcome, "E: broken", status=state, of=run(of)),
    st.none() | st.sampled_from(list(InstallationStatus)),
    st.sampled_from(list(MachineRunStatus)),
    st.sampled_from(list(RunStatus)),
)
_STATUSES = st.none() | st.builds(
    lambda enabled, outside, failure, manager, reboot: status(
        enabled=enabled, outside=outside, failure=failure, manager=manager, reboot=reboot
    ),
    st.booleans(),
    st.sampled_from(["", "not in the group prod"]),
    st.none() | _FAILURES,
    st.sampled_from(["apt", "windows-update"]),
    st.sampled_from(list(Answer)),
)


@given(
    _UPDATES,
    _STATUSES,
    st.lists(_SIGHTS, max_size=3),
    st.lists(_TRIES, max_size=2),
    st.sampled_from(["", "nobody holds the lease"]),
)
def test_every_missing_update_has_a_reason(update, of, sights, tries, service) -> None:  # type: ignore[no-untyped-def]  # strategies
    """Whatever is known: one reason or more, in order, each in words with evidence; what is to be undone says how."""
    asked = replace(case(update, *tries), status=of)

    reasons = explain(asked, home(*sights, service_stopped=service))

    assert reasons
    assert [*reasons] == sorted(reasons, key=rank_of)
    assert any(each.weight in (Weight.STOPS, Weight.UNDER_WAY) for each in reasons)
    for each in reasons:
        assert each.words.endswith(".")
        assert each.evidence
        assert each.remedy or not each.stops
    assert verdict(reasons).endswith(".")


def test_disabled_machine_stops_everything() -> None:
    """What stops it comes before the deployment that would take it, and says the command that ends it."""
    reasons = explain(case(of=status(enabled=False)), home(sight()))

    assert [each.kind for each in reasons] == [ReasonKind.MACHINE_DISABLED, ReasonKind.WILL_BE_INSTALLED]
    assert reasons[0].command == "patchdeck machines enable web-01"
    assert verdict(reasons) == "1 reason stops it now."


def test_update_that_is_planned_says_when_and_by_what() -> None:
    """Where nothing stops it, the next start is the answer."""
    reasons = explain(case(), home(sight()))

    assert [each.kind for each in reasons] == [ReasonKind.WILL_BE_INSTALLED]
    assert verdict(reasons) == "Nothing stops it. nightly takes it at its next start, 2026-11-20 20:00 UTC."


def test_failure_of_the_last_assessment_is_told_with_its_evidence() -> None:
    """Out of reach is another reason than an answer that could not be had."""
    for kind in FailureKind:
        failure = Failure(kind, "SSH to web-01:22", "refused", "Start sshd.")
        first = explain(case(of=status(failure=failure)), home(sight()))[0]

        assert first.kind is (ReasonKind.UNREACHABLE if kind.means_unreachable else ReasonKind.ASSESSMENT_FAILED)
        assert "SSH to web-01:22: refused" in first.evidence
        assert first.remedy == "Start sshd."
        assert first.about == kind.value


def test_machine_outside_the_scope_is_not_told_to_have_failed() -> None:
    """It was not asked because it may not be: that is one reason, not two."""
    failure = Failure(FailureKind.OUT_OF_SCOPE, "web-01", "not in the group prod", "")
    reasons = explain(case(of=status(outside="not in the group prod", failure=failure)), home(sight()))
    assert [each.kind for each in reasons if each.stops] == [ReasonKind.OUTSIDE_SCOPE]


def test_finding_that_stops_every_installation_is_a_reason() -> None:
    """A finding that only warns is none."""
    full = Finding(FindingKind.DISK_FULL, Severity.ERROR, "/var is full", "Free space.")
    locked = Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.WARNING, "locked")
    reasons = explain(case(of=status(findings=(full, locked))), home(sight()))
    assert [(each.about, each.evidence) for each in reasons if each.stops] == [("disk-full", "/var is full")]


def test_update_that_the_last_answer_could_not_see_is_told_with_what_blinds_it() -> None:
    """A run reads the same lists; one that every update was seen by says nothing of the kind."""
    lists = Finding(FindingKind.LISTS_MISSING, Severity.ERROR, "no package lists", "Run apt-get update on it.")
    blind = status(findings=(lists,), answered_at=NOW)
    assert blind.last_answer is not None
    blind = replace(blind, last_answer=replace(blind.last_answer, coverage=Coverage.UNKNOWN))

    (told,) = (each for each in explain(case(of=blind), home(sight())) if each.kind is ReasonKind.NOT_SEEN)

    assert (told.weight, told.about, told.remedy) == (Weight.MAY_STOP, "lists-missing", "Run apt-get update on it.")
    assert told.evidence == "seen last 2026-11-20 11:00 UTC; answer of 2026-11-20 12:00 UTC: no package lists"
    whole = explain(case(of=status(findings=(lists,), answered_at=NOW)), home(sight()))
    assert ReasonKind.NOT_SEEN not in {each.kind for each in whole}


def test_old_answer_is_told_and_stops_nothing() -> None:
    """A deployment asks the machine itself; only what is shown may be otherwise."""
    reasons = explain(case(of=status(answered_at=NOW - timedelta(days=3))), home(sight()))
    assert [(each.kind, each.weight) for each in reasons][-1] == (ReasonKind.STALE, Weight.MAY_STOP)


def test_removed_machine_is_one_reason() -> None:
    """Nothing is told of deployments that could not reach it anyway."""
    reasons = explain(replace(case(), status=None), home(sight()))
    assert [each.kind for each in reasons] == [ReasonKind.NOT_ENROLLED]


def test_restart_that_windows_waits_for_stops_it_unless_a_deployment_makes_it() -> None:
    """Windows installs nothing before it."""
    waiting = status(manager="windows-update", reboot=Answer.YES)
    never: DeploymentSight = sight(deployment(reboot=RebootRules(RebootPolicy.NEVER)))
    assert explain(case(ROLLUP, of=waiting), home(never))[0].kind is ReasonKind.RESTART_FIRST
    assert not explain(case(ROLLUP, of=waiting), home(sight()))[0].stops


def test_read_only_seat_is_a_note() -> None:
    """It changes nothing for the update, but for who looks."""
    reasons = explain(case(), home(sight(), read_only="it was opened read-only"))
    assert (reasons[-1].kind, reasons[-1].weight) == (ReasonKind.READ_ONLY, Weight.NOTE)


def test_names_in_commands_are_quoted() -> None:
    """A command of a remedy can be pasted into a shell whatever things are called."""
    hostile = Update("a; rm -rf /", "", "1", "2", Classification.OTHERS, "", "")
    named = Deployment("o'clock", ("web-01",), UpdateRules(classes=(Classification.SECURITY,)))
    (reason,) = [each for each in explain(case(hostile), home(sight(named))) if each.kind is ReasonKind.LEFT_OUT]
    assert reason.command == """patchdeck deployments edit 'o'"'"'clock' --include 'a;*rm*-rf*/'"""


def test_where_nothing_is_found_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Never an empty page, whatever a rule that is yet to come forgets."""
    monkeypatch.setattr("fleet.reasons.explain.deployment_reasons", lambda *_: ())
    (reason,) = explain(case(), home(sight()))
    assert reason.kind is ReasonKind.NOTHING_STOPS
    assert verdict([reason]).startswith("Nothing stops it.")
