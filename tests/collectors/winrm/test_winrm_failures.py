"""What pywinrm and those below it raise, told as failures: a machine cannot provoke them all, a library can."""

import socket

import pytest
import requests
from spnego.exceptions import BadMICError, SpnegoError
from winrm.exceptions import WinRMOperationTimeoutError, WinRMTransportError, WSManFaultError

from collectors.transports.output import CappedOutput
from collectors.transports.winrm_failures import failure_of
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_target import WinrmTarget
from fleet.errors import BadInput
from fleet.failures import FailureKind
from fleet.winrm import WinrmKind, WinrmScheme

_TARGET = WinrmTarget("192.0.2.1", 5986, WinrmScheme.HTTPS, WinrmKind.KERBEROS, "patcher@EXAMPLE.COM")


class GSSError(Exception):
    """As pykerberos has it, which is an extra."""

    __module__ = "kerberos"


def journey_at(stage: Stage) -> WinrmJourney:
    """An operation that has come so far."""
    journey = WinrmJourney("WinRM to 192.0.2.1", _TARGET, 60.0, CappedOutput(100), message="Receive")
    journey.reach(stage)
    return journey


def fault(code: int | None, subcode: str = "w:InternalError") -> WSManFaultError:
    """A fault of WS-Management."""
    return WSManFaultError(500, "Bad HTTP response", "<s/>", "It will not.", "s:Receiver", subcode, code)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (StopIteration(), FailureKind.NOT_WINRM),
        (AssertionError(), FailureKind.NOT_WINRM),
        (KeyError("content-type"), FailureKind.NOT_WINRM),
        (UnboundLocalError("reason"), FailureKind.NOT_WINRM),
        (UnicodeDecodeError("utf-8", b"\xfc", 0, 1, "invalid"), FailureKind.NOT_WINRM),
        (WinRMTransportError("http", 500, "<s:Envelope/>"), FailureKind.NOT_WINRM),
        (BadMICError(), FailureKind.NOT_WINRM),
        (WinRMOperationTimeoutError(), FailureKind.CONNECTION_LOST),
        (requests.ConnectionError("lost"), FailureKind.CONNECTION_LOST),
        (requests.exceptions.ChunkedEncodingError("cut"), FailureKind.CONNECTION_LOST),
        (requests.ReadTimeout("late"), FailureKind.CONNECTION_LOST),
        (fault(2150858843), FailureKind.CONNECTION_LOST),
        (fault(995), FailureKind.CONNECTION_LOST),
        (fault(2150859173), FailureKind.QUOTA_EXCEEDED),
        (fault(2150859174), FailureKind.QUOTA_EXCEEDED),
        (fault(None, "w:QuotaLimit"), FailureKind.QUOTA_EXCEEDED),
        (fault(5, "w:AccessDenied"), FailureKind.ACCESS_DENIED),
        (fault(2147942405), FailureKind.ACCESS_DENIED),
        (fault(2147942402), FailureKind.NO_SHELL),
        (BadInput("no such file"), FailureKind.BAD_CONFIGURATION),
    ],
)
def test_what_is_raised_in_a_session_is_told(error: Exception, kind: FailureKind) -> None:
    """Every exception ends as a failure with words and a kind of its own."""
    failure = failure_of(error, journey_at(Stage.SESSION))

    assert failure.kind is kind
    assert failure.came_back


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (
            GSSError(("Unspecified GSS failure", 851968), ("Clock skew too great", 37)),
            FailureKind.CLOCK_SKEWED,
            "clocks",
        ),
        (GSSError("KRB_AP_ERR_SKEW"), FailureKind.CLOCK_SKEWED, "clocks"),
        (GSSError("No Kerberos credentials available"), FailureKind.LOGIN_REFUSED, "kinit"),
        (GSSError("Server not found in Kerberos database"), FailureKind.LOGIN_REFUSED, "full name"),
        (GSSError("Cannot contact any KDC for realm"), FailureKind.LOGIN_REFUSED, "krb5.conf"),
        (SpnegoError(error_code=1), FailureKind.LOGIN_REFUSED, "user"),
    ],
)
def test_what_is_raised_by_a_login_is_told_with_its_remedy(error: Exception, kind: FailureKind, words: str) -> None:
    """Clocks, tickets, names and controllers each have a remedy."""
    failure = failure_of(error, journey_at(Stage.LOGIN))

    assert failure.kind is kind
    assert words in f"{failure.came_back} {failure.remedy}"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (requests.ConnectTimeout("late"), FailureKind.CONNECTION_TIMED_OUT),
        (requests.ConnectionError(OSError(113, "No route to host")), FailureKind.CONNECTION_TIMED_OUT),
        (requests.ConnectionError(ConnectionRefusedError(111, "refused")), FailureKind.CONNECTION_REFUSED),
        (requests.ConnectionError(socket.gaierror(-2, "unknown")), FailureKind.ADDRESS_NOT_FOUND),
        (requests.exceptions.ProxyError("none"), FailureKind.CONNECTION_REFUSED),
    ],
)
def test_what_is_raised_by_a_connection_is_told(error: Exception, kind: FailureKind) -> None:
    """By what the system said, however it was wrapped."""
    assert failure_of(error, journey_at(Stage.CONNECT)).kind is kind
