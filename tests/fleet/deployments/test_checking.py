"""Deployments that cannot work are refused, each with one sentence that says why."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

import pytest

from fleet.deployments.checking import check_deployment
from fleet.deployments.deployment import Deployment
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind, WaveRule
from fleet.deployments.schedule import Schedule
from fleet.deployments.scripts import Script, ScriptPlace, ScriptStage
from fleet.deployments.update_rules import Exclusion, UpdateMask, UpdateRules
from fleet.deployments.window import Window
from fleet.errors import BadInput
from fleet.updates import Classification

_SECURITY = UpdateRules((Classification.SECURITY,))
_GOOD = Deployment("web", ("tag:env=prod",), _SECURITY)
_SCHEDULE = Schedule(datetime(2026, 12, 8, 2, 30), "UTC")


def _script(path: str = "/opt/drain", parameters: Mapping[str, str] | None = None, seconds: int = 300) -> Script:
    return Script(ScriptStage.PRE, ScriptPlace.CONSOLE, path, parameters or {}, seconds)


def _gate(**more: object) -> Deployment:
    return replace(_GOOD, rollout=Rollout(gate=HealthGate(**more)))  # type: ignore[arg-type]  # the fields of a gate


@pytest.mark.parametrize(
    "deployment",
    [
        _GOOD,
        replace(_GOOD, updates=UpdateRules(include=(UpdateMask("openssl*", "3.0.*"),))),
        replace(_GOOD, updates=UpdateRules(), reboot=RebootRules(RebootPolicy.ONLY)),
        replace(_GOOD, schedule=replace(_SCHEDULE, first=datetime(2020, 1, 1, 2))),
        replace(_GOOD, scripts=(_script(parameters={"_POOL2": "a\nb"}),), description="two\nlines"),
        replace(_GOOD, rollout=Rollout(waves=(WaveRule(WaveKind.PERCENT, amount=25), WaveRule(WaveKind.REST)))),
        replace(_GOOD, targets=("all", "os:Linux", "web-*")),
        _gate(success_percent=100, tcp_ports=(22, 443), soak_minutes=120),
    ],
)
def test_deployment_that_can_work_is_taken(deployment: Deployment) -> None:
    """What makes sense is left alone."""
    assert check_deployment(deployment) is deployment


@pytest.mark.parametrize(
    ("deployment", "words"),
    [
        (replace(_GOOD, name="all"), "Deployment name 'all'"),
        (replace(_GOOD, name="../x"), "Deployment name '../x'"),
        (replace(_GOOD, description="\x1b[31m"), "The description has characters"),
        (replace(_GOOD, description="x" * 4001), "longer than 4,000"),
        (replace(_GOOD, targets=()), "There are no targets"),
        (replace(_GOOD, targets=(" ",)), "A target is empty"),
        (replace(_GOOD, targets=("host:web",)), "Target 'host:web'"),
        (replace(_GOOD, targets=("os:beos",)), "no operating system 'beos'"),
        (replace(_GOOD, targets=("web",) * 10_001), "at most 10,000"),
        (replace(_GOOD, updates=UpdateRules()), "Nothing would be installed"),
        (replace(_GOOD, updates=UpdateRules(exclude=(UpdateMask("a"),))), "Nothing would be installed"),
        (replace(_GOOD, reboot=RebootRules(RebootPolicy.ONLY)), "The reboot policy is only"),
        (replace(_GOOD, updates=UpdateRules((Classification.SECURITY,) * 2)), "given twice"),
        (replace(_GOOD, updates=replace(_SECURITY, minimum_age_days=-1)), "The minimum age is -1"),
        (replace(_GOOD, updates=replace(_SECURITY, include=(UpdateMask("a=b", "c"),))), "Mask 'a=b=c' is not usable"),
        (replace(_GOOD, updates=replace(_SECURITY, exclude=(UpdateMask(" a"),))), "it would be read as another"),
        (replace(_GOOD, updates=replace(_SECURITY, exclusions=(Exclusion(UpdateMask("a"), " "),))), "has no reason"),
        (replace(_GOOD, schedule=replace(_SCHEDULE, time_zone="Mars")), "There is no time zone 'Mars'"),
        (replace(_GOOD, schedule=replace(_SCHEDULE, rule="FREQ=SECONDLY")), "FREQ=SECONDLY is too often"),
        (replace(_GOOD, schedule=replace(_SCHEDULE, blackouts="a.ics")), "calendar of blackouts needs a whole path"),
        (replace(_GOOD, window=Window(10)), "No installation starts in the last 15 minutes"),
        (replace(_GOOD, reboot=RebootRules(at="25:00")), "Time of day '25:00'"),
        (replace(_GOOD, reboot=RebootRules(notice_minutes=121)), "The notice before a reboot is 121"),
        (replace(_GOOD, reboot=RebootRules(return_minutes=0)), "The time to return after a reboot is 0"),
        (replace(_GOOD, reboot=RebootRules(message="a\nb")), "The message before a reboot has characters"),
        (replace(_GOOD, scripts=(_script(""),)), "A script needs a whole path"),
        (replace(_GOOD, scripts=(_script("drain.sh"),)), "'drain.sh' depends on where it is read"),
        (replace(_GOOD, scripts=(_script("/a\0b"),)), "A script has characters"),
        (replace(_GOOD, scripts=(_script(seconds=0),)), "The time limit of /opt/drain is 0"),
        (replace(_GOOD, scripts=(_script(parameters={"1A": ""}),)), "Parameter '1A'"),
        (replace(_GOOD, scripts=(_script(parameters={"A=B": ""}),)), "Parameter 'A=B'"),
        (replace(_GOOD, scripts=(_script(parameters={"A": "\0"}),)), "a value that no environment holds"),
        (
            replace(_GOOD, rollout=Rollout((WaveRule(WaveKind.REST), WaveRule(WaveKind.COUNT, amount=1)))),
            "Behind the wave 'rest'",
        ),
        (replace(_GOOD, rollout=Rollout((WaveRule(WaveKind.COUNT, amount=0),))), "Wave '0' is not usable"),
        (replace(_GOOD, rollout=Rollout((WaveRule(WaveKind.TARGET, "5"),))), "it would be read as another"),
        (replace(_GOOD, rollout=Rollout(cluster_tag="a b")), "Tag 'a b=x'"),
        (replace(_GOOD, rollout=Rollout(order_by_tag="a=b")), "The tag for the order is not usable"),
        (replace(_GOOD, rollout=Rollout(concurrency=0)), "Machines at once is 0"),
        (replace(_GOOD, rollout=Rollout(budget=FailureBudget())), "one of the two"),
        (replace(_GOOD, rollout=Rollout(budget=FailureBudget(1, 1.0))), "one of the two"),
        (replace(_GOOD, rollout=Rollout(budget=FailureBudget(percent=100.5))), "Failure budget '100.5%'"),
        (_gate(success_percent=101), "The success of a wave is 101"),
        (_gate(success_percent=float("nan")), "The success of a wave is nan"),
        (_gate(soak_minutes=121), "the length of the window"),
        (_gate(tcp_ports=(0,)), "Port 0 is not between"),
        (_gate(tcp_ports=(22, 22)), "A TCP port of the health gate is given twice"),
        (_gate(command="a\0b"), "The command of the health gate has characters"),
        (replace(_GOOD, predownload_minutes=10081), "Pre-download before the window is 10,081"),
    ],
)
def test_deployment_that_cannot_work_is_refused(deployment: Deployment, words: str) -> None:
    """One sentence, before anybody waits for it."""
    with pytest.raises(BadInput) as raised:
        check_deployment(deployment)
    assert words in str(raised.value)
    assert "\n" not in str(raised.value)
