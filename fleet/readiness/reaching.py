"""The way to a machine, step by step: each step is passed if a later one was reached."""

from collections.abc import Callable

from fleet.failures import FailureKind, Step
from fleet.machines import TransportKind
from fleet.readiness.verdicts import Reading, Verdict, failed, not_applicable, passed, unknown

Judge = Callable[[Reading], Verdict]

STEPS = ("settings", "address", "port", "ssh", "host-key", "login", "shell", "answer")
_OF_SSH = ("address", "port", "ssh", "host-key", "login")
_BY_KIND = {
    FailureKind.BAD_CONFIGURATION: "settings",
    FailureKind.OUT_OF_SCOPE: "settings",
    FailureKind.ADDRESS_NOT_FOUND: "address",
    FailureKind.CONNECTION_REFUSED: "port",
    FailureKind.CONNECTION_TIMED_OUT: "port",
    FailureKind.NO_BANNER: "ssh",
    FailureKind.NOT_SSH: "ssh",
    FailureKind.NO_COMMON_ALGORITHM: "ssh",
    FailureKind.HOST_KEY_UNKNOWN: "host-key",
    FailureKind.HOST_KEY_CHANGED: "host-key",
    FailureKind.LOGIN_REFUSED: "login",
    FailureKind.LOGIN_TIMED_OUT: "login",
    FailureKind.NO_SHELL: "shell",
    FailureKind.OUTPUT_TOO_LARGE: "answer",
    FailureKind.OUTPUT_UNREADABLE: "answer",
}
# A connection may be lost, and time may run out, at any step.
_BY_STEP = {
    Step.PREPARE: "settings",
    Step.JUMP: "settings",
    Step.CONNECT: "port",
    Step.BANNER: "ssh",
    Step.LOGIN: "login",
    Step.SESSION: "answer",
}
_PASSED = {
    "settings": "What is enrolled can be used.",
    "address": "The address was found.",
    "port": "The port is open.",
    "ssh": "An SSH server answered.",
    "host-key": "The host key is the one that was accepted.",
    "login": "The login was accepted.",
    "shell": "A shell ran the script.",
    "answer": "The answer came whole.",
}


def step_of(reading: Reading) -> str | None:
    """The step at which the way to the machine ended; None if it did not, or if that is not known."""
    failure = reading.failure
    if failure is None or reading.has_answered or failure.kind in (FailureKind.CANCELLED, FailureKind.INTERNAL):
        return None
    if failure.kind in _BY_KIND:
        return _BY_KIND[failure.kind]
    return _BY_STEP[failure.step] if failure.step else "answer"


def judge_step(step: str) -> Judge:
    """The check of one of `STEPS`."""

    def judge(reading: Reading) -> Verdict:
        is_without_ssh = reading.machine.transport is not TransportKind.SSH
        if is_without_ssh and step in _OF_SSH and step != step_of(reading):
            return not_applicable(f"It is reached by {reading.machine.transport.value}, without SSH.")
        if reading.has_answered:
            return passed(_PASSED[step])
        return _judge_unreached(step, reading)

    return judge


def not_asked(reading: Reading) -> Verdict:
    """What is said of a check whose question was never put to the machine."""
    step = step_of(reading)
    return unknown(f"Not asked: the check {step!r} failed." if step else "Not asked: no assessment came to it.")


def _judge_unreached(step: str, reading: Reading) -> Verdict:
    stopped_at, failure = step_of(reading), reading.failure
    if stopped_at is None or failure is None:
        return unknown(failure.evidence if failure else "Nothing is known.", failure.remedy if failure else "")
    if step == stopped_at:
        return failed(failure.evidence, failure.remedy)
    if step == "shell" and failure.step is Step.SESSION:
        return unknown("The login was accepted, but whether a shell ran the script is not known.")
    if STEPS.index(step) < STEPS.index(stopped_at):
        return passed(_PASSED[step])
    return not_asked(reading)
