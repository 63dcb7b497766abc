"""Gates: the next wave begins where everything holds that was asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.deployments.gates import MachineHealth, judge_gate
from fleet.deployments.pulse import Pulse
from fleet.deployments.rollout import HealthGate
from fleet.deployments.runs import MachineRunStatus

_WELL = Pulse("boot", "6.1", failed_units=())
_SUCCEEDED = MachineRunStatus.SUCCEEDED
_FAILED = MachineRunStatus.FAILED


def _wave(*statuses: MachineRunStatus) -> list[MachineHealth]:
    return [MachineHealth(f"web-{number}", status) for number, status in enumerate(statuses)]


@pytest.mark.parametrize(("percent", "passed"), [(0.0, True), (66.6, True), (66.7, False), (100.0, False)])
def test_success_rate_is_of_all_machines_of_the_wave(percent: float, passed: bool) -> None:
    """Two of three are 66.67 percent."""
    verdict = judge_gate(HealthGate(success_percent=percent), _wave(_SUCCEEDED, _SUCCEEDED, _FAILED))
    assert verdict.has_passed is passed and verdict.summary == "2 of 3 machines succeeded"


def test_failed_rate_names_its_denominator() -> None:
    """How many of how many, and what was wanted."""
    verdict = judge_gate(HealthGate(success_percent=90), _wave(_SUCCEEDED, _SUCCEEDED, MachineRunStatus.UNREACHABLE))
    assert verdict.failures == ("2 of 3 machines succeeded (67%), 90% are wanted",)


def test_machines_that_were_not_begun_count_as_not_succeeded() -> None:
    """A wave of which nothing was begun does not pass."""
    assert not judge_gate(HealthGate(success_percent=1), _wave(MachineRunStatus.NOT_STARTED)).has_passed


def test_unit_that_failed_before_is_no_failure_of_the_run() -> None:
    """Only what newly failed counts."""
    before = Pulse("boot", "6.1", failed_units=("old.service",))
    now = Pulse("boot", "6.1", failed_units=("old.service", "shop.service"))
    verdict = judge_gate(HealthGate(check_units=True), [MachineHealth("web", _SUCCEEDED, before, now)])
    assert verdict.failures == ("web: shop.service newly failed",)
    assert verdict.summary == "1 of 1 machine succeeded, 0 of 1 looked at are well"


def test_machine_without_systemd_has_no_units_that_fail() -> None:
    """Not applicable is no failure."""
    pulse = Pulse("boot", "6.1")
    assert judge_gate(HealthGate(check_units=True), [MachineHealth("web", _SUCCEEDED, pulse, pulse)]).has_passed


@pytest.mark.parametrize(
    ("gate", "words"),
    [(HealthGate(check_units=True), "could not be looked at"), (HealthGate(command="true"), "could not be tried")],
)
def test_what_could_not_be_looked_at_does_not_hold(gate: HealthGate, words: str) -> None:
    """Unknown never counts as well."""
    (failure,) = judge_gate(gate, [MachineHealth("web", _SUCCEEDED)]).failures
    assert words in failure


def test_unreachable_machine_is_counted_and_not_looked_at() -> None:
    """The rate and the budget are about it; the other checks are of those that answer."""
    wave = [MachineHealth("a", _SUCCEEDED, _WELL, _WELL), MachineHealth("b", MachineRunStatus.UNREACHABLE)]
    verdict = judge_gate(HealthGate(success_percent=50, check_units=True), wave)
    assert verdict.has_passed and verdict.summary == "1 of 2 machines succeeded, 1 of 1 looked at are well"


def test_failed_probes_are_given_with_their_evidence() -> None:
    """A line each, harmless to show."""
    broken = ("port 443: refused", "exit 1: \x1b[31mdown")
    verdict = judge_gate(HealthGate(tcp_ports=(443,)), [MachineHealth("web", _SUCCEEDED, broken=broken)])
    assert verdict.failures[0] == "web: port 443: refused" and "\x1b" not in verdict.failures[1]


@given(st.floats(0, 100), st.lists(st.sampled_from(list(MachineRunStatus)), min_size=1), st.lists(st.just(_SUCCEEDED)))
def test_more_successes_never_close_a_gate(
    percent: float, statuses: list[MachineRunStatus], more: list[MachineRunStatus]
) -> None:
    """A gate that holds still does with more machines that succeeded."""
    gate = HealthGate(success_percent=percent)
    before = judge_gate(gate, _wave(*statuses)).has_passed
    assert before <= judge_gate(gate, _wave(*statuses, *more)).has_passed
