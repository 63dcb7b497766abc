"""What stopped an operation over WinRM, told by how far it had come and by what pywinrm and those below it raised.

Every exception ends here: they pass on whatever a machine's answer led to (../shared measured which).
"""

import logging
from collections.abc import Iterator
from dataclasses import replace

import requests
from winrm.exceptions import InvalidCredentialsError, WinRMOperationTimeoutError, WSManFaultError

from collectors.transports.base import clean_failure
from collectors.transports.winrm_connecting import tell_connection
from collectors.transports.winrm_faults import Told, tell_fault
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_link import TimeIsOver
from collectors.transports.winrm_login_failures import find_login_trouble, tell_refused
from collectors.transports.winrm_password_trials import PasswordHeld
from collectors.transports.winrm_replies import ReplyCut
from collectors.transports.winrm_statuses import LOOK_AT_WINRM, LOOK_BETWEEN, tell_status
from collectors.transports.winrm_wire import BadStatus, ClearReply, ForeignReply, KeysStale, WireCut
from collectors.windows.bootstrap_end import refusal_of_bootstrap
from fleet.errors import PatchdeckError
from fleet.failures import Failure, FailureKind

_log = logging.getLogger(__name__)

_MEND_LOGIN = "Give the right one (patchdeck profiles set-secret, machines password) and try again."
_USE_HTTPS = "Use HTTPS: whoever is on the way can write such an answer."


class OutputFull(Exception):
    """More came than is taken."""


def failure_of(error: Exception, journey: WinrmJourney) -> Failure:
    """The failure that ``error`` stands for on ``journey``. May look at the machine's certificate, so it may block."""
    elapsed_seconds = journey.elapsed_seconds
    _log.info("winrm failed stage=%s message=%s error=%s", journey.stage.name, journey.message, type(error).__name__)
    _log.debug("winrm error", exc_info=error)
    kind, came_back, remedy = _tell(error, journey)
    failure = clean_failure(kind, journey.tried, came_back, remedy, elapsed_seconds)
    return replace(failure, step=journey.stage.step)


def too_late(journey: WinrmJourney) -> Failure:
    """The failure of an operation whose time is over, by how far it had come."""
    kind, came_back, remedy = _tell_too_late(journey)
    failure = clean_failure(kind, journey.tried, came_back, remedy, journey.elapsed_seconds)
    return replace(failure, step=journey.stage.step)


def refused_script(
    journey: WinrmJourney, head: bytes, stderr: bytes, exit_status: int | None, elapsed_seconds: float
) -> Failure | None:
    """The failure of a command that ended before the script could begin, None where it began."""
    told = refusal_of_bootstrap(head, stderr, exit_status)
    return None if told is None else clean_failure(told[0], journey.tried, told[1], told[2], elapsed_seconds)


def causes(error: BaseException) -> Iterator[BaseException]:
    """``error`` and what it was raised for, as requests and urllib3 wrap it, the outermost first."""
    waiting: list[object] = [error]
    seen: list[object] = []
    while waiting:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or any(each is known for known in seen):
            continue
        seen.append(each)
        yield each
        waiting += [getattr(each, "reason", None), *each.args, each.__cause__, each.__context__]


def _tell(error: Exception, journey: WinrmJourney) -> Told:
    if isinstance(error, WireCut | TimeIsOver):
        return _tell_too_late(journey)
    if isinstance(error, PatchdeckError):
        return FailureKind.BAD_CONFIGURATION, str(error), ""
    if isinstance(error, PasswordHeld):
        user = journey.target.user
        came_back = f"the password of {user} was not sent: {error} refused it, and more refusals may lock the account."
        return FailureKind.LOGIN_REFUSED, came_back, _MEND_LOGIN
    if isinstance(error, WSManFaultError):
        return tell_fault(error, journey)
    if isinstance(error, InvalidCredentialsError | KeysStale):
        return tell_refused(error, journey)
    if isinstance(error, OutputFull):
        came_back = f"more than {journey.output.max_bytes:,} bytes of output; the command was ended."
        return FailureKind.OUTPUT_TOO_LARGE, came_back, "See the kept output for what floods it."
    if isinstance(error, BadStatus):
        return tell_status(error, journey)
    return _tell_reply(error, journey) or _tell_others(error, journey)


def _tell_reply(error: Exception, journey: WinrmJourney) -> Told | None:
    if isinstance(error, ClearReply):
        came_back = "an answer came unencrypted although the login encrypts messages; it was not believed."
        return FailureKind.ENCRYPTION_REQUIRED, came_back, _USE_HTTPS
    if isinstance(error, ForeignReply):
        return FailureKind.NOT_WINRM, f"what answered is not WinRM: {error}", LOOK_BETWEEN
    if isinstance(error, ReplyCut):
        return FailureKind.CONNECTION_LOST, f"the answer to {journey.message} ends in its middle.", LOOK_AT_WINRM
    if isinstance(error, WinRMOperationTimeoutError):
        came_back = f"the machine did not do it in its own time ({journey.message})."
        return FailureKind.CONNECTION_LOST, came_back, LOOK_AT_WINRM
    return None


def _tell_others(error: Exception, journey: WinrmJourney) -> Told:
    chain = list(causes(error))
    for each in chain:
        if (told := find_login_trouble(each, journey)) is not None:
            return told
    if isinstance(error, requests.RequestException | OSError) or type(error).__module__.startswith("urllib3"):
        if journey.left_seconds <= 0 and journey.stage >= Stage.LOGIN:
            return _tell_too_late(journey)
        return tell_connection(error, journey, chain)
    if journey.message:
        came_back = f"the answer to {journey.message} cannot be read ({type(error).__name__})."
        return FailureKind.NOT_WINRM, came_back, LOOK_BETWEEN
    return FailureKind.INTERNAL, f"{type(error).__name__}: {error}", "Please report this."


def _tell_too_late(journey: WinrmJourney) -> Told:
    if journey.stage is Stage.SESSION:
        came_back = (
            f"not finished within {round(journey.deadline_seconds, 1):g} s, {journey.output.size_bytes:,} bytes had "
            "come; the command was ended."
        )
        return FailureKind.DEADLINE_EXCEEDED, came_back, "Give it more time, or look at what is slow on the machine."
    if journey.stage is Stage.PREPARE:
        return FailureKind.DEADLINE_EXCEEDED, "what logs in was not there in time.", "Give it more time."
    if journey.stage is Stage.CONNECT:
        came_back = f"no answer to the TCP connection within {journey.elapsed_seconds:.3g} s."
        remedy = "Check that the machine is up, its address, and firewalls between (ports 5985, 5986)."
        return FailureKind.CONNECTION_TIMED_OUT, came_back, remedy
    came_back = f"connected, but nothing was answered within {journey.elapsed_seconds:.3g} s."
    return FailureKind.LOGIN_TIMED_OUT, came_back, "Check the port, and the state of WinRM there: it may hang."
