"""Every exception that asyncssh or the system can raise, at every stage, is told as a failure."""

import inspect
import socket

import asyncssh
import pytest

from collectors.transports.ssh_failures import failure_of
from collectors.transports.ssh_journey import Journey, Stage
from fleet.errors import PatchdeckError
from fleet.failures import FailureKind
from fleet.hostile import clean

EVIL = "\x1b[31mevil\n[red]line\udcff"


def exceptions_of_asyncssh() -> list[Exception]:
    kinds = {kind for _, kind in inspect.getmembers(asyncssh, inspect.isclass) if issubclass(kind, Exception)}
    return [make(kind) for kind in sorted(kinds, key=lambda kind: kind.__name__)]


def make(kind: type[Exception]) -> Exception:
    by_arguments: dict[type[Exception], tuple[object, ...]] = {
        asyncssh.Error: (1, EVIL),
        asyncssh.DisconnectError: (1, EVIL),
        asyncssh.ChannelOpenError: (2, EVIL),
        asyncssh.SFTPError: (1, EVIL),
        asyncssh.ProcessError: ({}, "sh", None, 1, None, 1, "", ""),
        asyncssh.TerminalSizeChanged: (80, 24, 0, 0),
        asyncssh.TimeoutError: ({}, "sh", None, 1, None, 1, "", ""),
    }
    return kind(*by_arguments.get(kind, (EVIL,)))


EXCEPTIONS = [
    *exceptions_of_asyncssh(),
    OSError(113, EVIL),
    ConnectionResetError(104, EVIL),
    ConnectionRefusedError(111, EVIL),
    BrokenPipeError(),
    TimeoutError(),
    socket.gaierror(-2, EVIL),
    UnicodeDecodeError("utf-8", b"\xff", 0, 1, EVIL),
    AssertionError(),
    IndexError(EVIL),
    ValueError(EVIL),
    PatchdeckError(EVIL),
]


def journey_at(stage: Stage) -> Journey:
    journey = Journey("SSH to root@192.0.2.7:22", "web-01", 30.0)
    journey.stage = stage
    journey.server_message = EVIL
    return journey


@pytest.mark.parametrize("stage", Stage)
@pytest.mark.parametrize("error", EXCEPTIONS, ids=lambda error: type(error).__name__)
def test_every_exception_is_told_in_clean_lines(error: Exception, stage: Stage) -> None:
    """Kind, evidence and elapsed time are there, and nothing in it steers a terminal."""
    failure = failure_of(error, journey_at(stage))
    assert failure.tried
    assert failure.came_back
    assert clean(failure.describe()) == failure.describe()
    assert failure.elapsed_seconds is not None


@pytest.mark.parametrize(
    ("stage", "error", "kind"),
    [
        (Stage.PREPARE, ValueError("line 3: what"), FailureKind.BAD_CONFIGURATION),
        (Stage.PREPARE, PermissionError(13, "Permission denied", "/root/.ssh/config"), FailureKind.BAD_CONFIGURATION),
        (Stage.PREPARE, IndexError(), FailureKind.INTERNAL),
        (Stage.JUMP, TimeoutError(), FailureKind.DEADLINE_EXCEEDED),
        (Stage.CONNECT, TimeoutError(), FailureKind.CONNECTION_TIMED_OUT),
        (Stage.CONNECT, OSError(113, "No route to host"), FailureKind.CONNECTION_TIMED_OUT),
        (Stage.CONNECT, socket.gaierror(-2, "unknown"), FailureKind.ADDRESS_NOT_FOUND),
        (Stage.CONNECT, asyncssh.ChannelOpenError(2, "Connection refused"), FailureKind.CONNECTION_REFUSED),
        (Stage.CONNECT, asyncssh.ChannelOpenError(1, "prohibited"), FailureKind.BAD_CONFIGURATION),
        (Stage.BANNER, TimeoutError(), FailureKind.NO_BANNER),
        (Stage.LOGIN, TimeoutError(), FailureKind.LOGIN_TIMED_OUT),
        (Stage.LOGIN, asyncssh.KeyExchangeFailed("none"), FailureKind.NO_COMMON_ALGORITHM),
        (Stage.LOGIN, asyncssh.PermissionDenied("no"), FailureKind.LOGIN_REFUSED),
        (Stage.LOGIN, asyncssh.ConnectionLost("gone"), FailureKind.CONNECTION_LOST),
        (Stage.LOGIN, asyncssh.ProtocolError("bad"), FailureKind.NOT_SSH),
        (Stage.SESSION, asyncssh.ChannelOpenError(4, "no"), FailureKind.NO_SHELL),
        (Stage.SESSION, TimeoutError(), FailureKind.DEADLINE_EXCEEDED),
        (Stage.SESSION, asyncssh.ConnectionLost("gone"), FailureKind.CONNECTION_LOST),
    ],
)
def test_stage_and_exception_give_the_kind(stage: Stage, error: Exception, kind: FailureKind) -> None:
    """The same exception means another thing at another stage."""
    assert failure_of(error, journey_at(stage)).kind is kind
