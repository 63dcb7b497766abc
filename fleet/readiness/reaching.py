"""The way to a machine, step by step: each step is passed if a later one was reached."""

from collections.abc import Callable

from fleet.failures import FailureKind, FindingKind, Step
from fleet.machines import TransportKind
from fleet.readiness.verdicts import Reading, Verdict, failed, failed_by, not_applicable, passed, unknown
from fleet.readiness.windows import certificate_evidence, is_windows, winrm_evidence

Judge = Callable[[Reading], Verdict]

STEPS = (
    *("settings", "address", "port", "ssh", "host-key", "certificate", "winrm"),
    *("login", "shell", "language", "answer"),
)
_OF_NETWORK = ("address", "port", "login")
_OF_SSH = ("ssh", "host-key")
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
    FailureKind.CERTIFICATE_UNTRUSTED: "certificate",
    FailureKind.CERTIFICATE_CHANGED: "certificate",
    FailureKind.TLS_FAILED: "certificate",
    FailureKind.NOT_WINRM: "winrm",
    FailureKind.ENCRYPTION_REQUIRED: "winrm",
    FailureKind.CLOCK_SKEWED: "login",
    FailureKind.ACCESS_DENIED: "shell",
    FailureKind.QUOTA_EXCEEDED: "shell",
    FailureKind.LANGUAGE_CONSTRAINED: "language",
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
    "certificate": "The certificate is trusted.",
    "winrm": "WinRM answered.",
    "login": "The login was accepted.",
    "shell": "A shell ran the script.",
    "language": "PowerShell runs scripts in full.",
    "answer": "The answer came whole.",
}


def step_of(reading: Reading) -> str | None:
    """The step at which the way to the machine ended; None if it did not, or if that is not known."""
    failure = reading.failure
    if failure is None or reading.has_answered or failure.kind in (FailureKind.CANCELLED, FailureKind.INTERNAL):
        return None
    if failure.kind in _BY_KIND:
        return _BY_KIND[failure.kind]
    step = _BY_STEP[failure.step] if failure.step else "answer"
    return "winrm" if step == "ssh" and reading.machine.transport is TransportKind.WINRM else step


def judge_step(step: str) -> Judge:
    """The check of one of `STEPS`."""

    def judge(reading: Reading) -> Verdict:
        why = _why_not(step, reading)
        if why and step != step_of(reading):
            return not_applicable(why)
        if step == "certificate" and (found := reading.find((FindingKind.CERTIFICATE_EXPIRING,))):
            return failed_by(found)
        if reading.has_answered:
            return passed(_PASSED[step])
        return _judge_unreached(step, reading)

    return judge


def _why_not(step: str, reading: Reading) -> str:
    """Why a step is none on the way to this machine; empty where it is one."""
    transport = reading.machine.transport
    if step == "certificate":
        return certificate_evidence(reading)
    if step == "winrm":
        return winrm_evidence(reading)
    if step == "language":
        return "" if is_windows(reading) else "It is no Windows."
    if step in _OF_SSH:
        return "" if transport is TransportKind.SSH else f"It is reached by {transport.value}, without SSH."
    is_reached = step not in _OF_NETWORK or transport in (TransportKind.SSH, TransportKind.WINRM)
    return "" if is_reached else f"It is reached by {transport.value}, without a network."


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
