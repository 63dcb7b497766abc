"""What deployments make of an update, as reasons: who takes it when, and by which rule others do not."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import LeftOut, LeftOutReason
from fleet.deployments.prediction import Prediction
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.reasons.explain import explain
from fleet.reasons.facts import OpenRun
from fleet.reasons.reason import ReasonKind, Weight
from fleet.reasons.rules import command_for, rule_reason
from fleet.updates import Classification
from tests.fleet.reasons.made import EVERY_CLASS, NOW, OPENSSL, case, deployment, home, run, sight, tried

_OTHERS = UpdateRules(classes=(Classification.OTHERS,))
_SCHEDULE = Schedule(NOW.replace(tzinfo=None), "UTC")


@pytest.mark.parametrize("reason", LeftOutReason)
def test_each_rule_of_selection_is_a_reason_with_a_remedy(reason: LeftOutReason) -> None:
    """A new rule without words or remedy fails here."""
    told = rule_reason(deployment(), LeftOut(OPENSSL, reason, "the rule"), Weight.STOPS)
    assert told.words.startswith("nightly ")
    assert told.evidence == "the rule"
    assert told.remedy
    assert command_for(deployment(), reason, OPENSSL).startswith(("patchdeck deployments ", ""))


def test_class_that_is_not_asked_for_names_the_option_that_asks() -> None:
    """The command repeats what the deployment includes already, since a list replaces the one before."""
    rules = replace(_OTHERS, include=(UpdateMask("curl*"),))
    first = explain(case(), home(sight(deployment(updates=rules))))[0]
    assert (first.kind, first.about) == (ReasonKind.LEFT_OUT, "nightly: not-in-classes")
    assert first.command == "patchdeck deployments edit nightly --include 'curl*' --include openssl"


def test_exclusion_says_by_whom_and_until_when() -> None:
    """The evidence is the exclusion itself."""
    exclusion = Exclusion(UpdateMask("openssl"), "breaks the shop", date(2026, 12, 1), "anna")
    rules = replace(EVERY_CLASS, exclusions=(exclusion,))
    first = explain(case(), home(sight(deployment(updates=rules))))[0]
    assert first.evidence == "excluded by openssl: breaks the shop, by anna, until 2026-12-01"


def test_deployment_that_leaves_it_out_is_a_note_where_another_takes_it() -> None:
    """One that takes care of it is enough."""
    reasons = explain(case(), home(sight(deployment("others", _OTHERS)), sight()))
    assert [(each.kind, each.weight) for each in reasons] == [
        (ReasonKind.WILL_BE_INSTALLED, Weight.UNDER_WAY),
        (ReasonKind.LEFT_OUT, Weight.NOTE),
    ]


def test_machine_that_no_deployment_names_is_told_the_nearest_and_its_rule() -> None:
    """Nearest is one that wants the update and whose targets nearly fit; the evidence is the very target."""
    far = Deployment("far", ("db-01",), EVERY_CLASS)
    near = Deployment("near", ("db-01", "tag:env=prod"), EVERY_CLASS)
    unwanted = Deployment("unwanted", ("tag:env=dev",), _OTHERS)
    sights = [sight(each, covers=False) for each in (far, near, unwanted)]

    (reason,) = explain(case(), home(*sights))

    assert (reason.kind, reason.about) == (ReasonKind.NOT_TARGETED, "near")
    assert reason.evidence.startswith("near is for tag:env=prod, and it has env=test; db-01, and it is called web-01")
    assert reason.command == "patchdeck deployments edit near --target db-01 --target tag:env=prod --target web-01"


def test_home_without_deployments_is_told_how_to_add_one() -> None:
    """Nothing installs by itself."""
    (reason,) = explain(case(), home())
    assert reason.kind is ReasonKind.NO_DEPLOYMENT
    assert reason.command.startswith("patchdeck deployments add security --target web-01")


@pytest.mark.parametrize(
    ("given", "kind", "command"),
    [
        (sight(deployment(enabled=False)), ReasonKind.DEPLOYMENT_DISABLED, "patchdeck deployments enable nightly"),
        (sight(problem="no such file"), ReasonKind.DEPLOYMENT_BROKEN, "patchdeck deployments show nightly"),
        (sight(start=None), ReasonKind.NO_SCHEDULE, "patchdeck deployments run nightly"),
        (
            sight(deployment(schedule=_SCHEDULE), start=None),
            ReasonKind.NO_MORE_STARTS,
            "patchdeck deployments run nightly",
        ),
        (
            sight(deployment(reboot=RebootRules(RebootPolicy.ONLY))),
            ReasonKind.RESTARTS_ONLY,
            "patchdeck deployments edit nightly --reboot if-required",
        ),
    ],
    ids=lambda value: value.value if isinstance(value, ReasonKind) else "",
)
def test_deployment_that_does_not_start_stops_it(given, kind, command) -> None:  # type: ignore[no-untyped-def]  # as above
    """Each way not to start has its kind and its command."""
    first = explain(case(), home(given))[0]
    assert (first.kind, first.weight, first.command) == (kind, Weight.STOPS, command)


@pytest.mark.parametrize("status", [each for each in RunStatus if not each.is_over])
@pytest.mark.parametrize("approval", ["", "0 of 1 approvals"])
def test_each_state_of_an_open_run_is_a_reason(status: RunStatus, approval: str) -> None:
    """A run that waits, works or is paused is told; a new state fails here."""
    open_run = OpenRun(run(status, plan_hash="abc", waits_for_approval=bool(approval)), approval)
    mine = tried(None, status=MachineRunStatus.NOT_STARTED, of=open_run.run, ended_at=None)

    reasons = explain(case(OPENSSL, mine), home(sight(start=None, runs=(open_run,))))

    wanted = {
        RunStatus.WAITING: ReasonKind.WAITS_FOR_APPROVAL if approval else ReasonKind.WAITS_FOR_WINDOW,
        RunStatus.PAUSED: ReasonKind.RUN_PAUSED,
        RunStatus.IN_PROGRESS: ReasonKind.RUN_IN_PROGRESS,
    }
    assert (reasons[0].kind, reasons[0].run_id) == (wanted[status], "R1")


def test_run_that_does_not_have_the_machine_is_no_reason() -> None:
    """Its plan is frozen, and the machine is not among those of it."""
    open_run = OpenRun(run(RunStatus.IN_PROGRESS, plan_hash="abc"))
    kinds = [each.kind for each in explain(case(), home(sight(runs=(open_run,))))]
    assert kinds == [ReasonKind.WILL_BE_INSTALLED]


def test_service_that_does_not_run_stops_what_is_planned() -> None:
    """Without it no schedule starts; where nothing is planned it is not the reason."""
    stopped = explain(case(), home(sight(), service_stopped="nobody holds the lease"))
    assert [each.kind for each in stopped] == [ReasonKind.SERVICE_STOPPED, ReasonKind.WILL_BE_INSTALLED]
    unplanned = explain(case(), home(sight(start=None), service_stopped="nobody holds the lease"))
    assert [each.kind for each in unplanned] == [ReasonKind.NO_SCHEDULE]


def test_window_that_the_history_says_is_too_short_is_told() -> None:
    """The minutes are those of the careful prediction; it may fit after all."""
    asked = replace(case(), predictions={"nightly": Prediction(9_000, 9_600, 0.0, 0.0, 7, True)})
    (reason,) = [each for each in explain(asked, home(sight())) if each.kind is ReasonKind.WINDOW_TOO_SHORT]
    assert reason.evidence.startswith("by 7 of the machine's own installations it takes about 160 minutes")
    assert reason.command == "patchdeck deployments edit nightly --window 320"


def test_start_that_was_skipped_is_a_note() -> None:
    """It explains why the last one was not made."""
    reasons = explain(case(), home(sight(skipped="2026-11-19 20:00 UTC: in the blackout 'freeze'")))
    assert [each.evidence for each in reasons if each.kind is ReasonKind.START_SKIPPED] == [
        "2026-11-19 20:00 UTC: in the blackout 'freeze'"
    ]


def test_other_version_that_is_chosen_supersedes_it() -> None:
    """Of two versions of a package the newest is taken, as a run does."""
    newer = replace(OPENSSL, offered_version="3.0.9")
    first = explain(replace(case(), siblings=(newer,)), home(sight(start=NOW + timedelta(hours=1))))[0]
    assert (first.about, first.evidence) == ("nightly: superseded", "offered twice; 3.0.9 is chosen")
