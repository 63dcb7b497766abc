"""What stopped an SSH connection, told by how far it had come and by what asyncssh or the system raised.

Every exception ends here: asyncssh passes on whatever a hostile server's packet led to.
"""

import logging
import socket
from dataclasses import replace

import asyncssh

from collectors.transports.base import clean_failure
from collectors.transports.ssh_journey import Journey, Stage
from collectors.transports.ssh_key_files import KeyUnusable
from fleet.errors import PatchdeckError
from fleet.failures import Failure, FailureKind, Step
from fleet.hostile import decode

_log = logging.getLogger(__name__)

_Told = tuple[FailureKind, str, str]

_LOOK_AT_SSHD = "Look at the machine's sshd and what stands between."
_CHECK_NAME = "Correct the address, or make the name resolvable."
_CHECK_PORT = "Check the port, and that sshd runs there."
_CHECK_FIREWALL = "Check that the machine is up, its address, and firewalls between."
_CHECK_LOGIN = "Check the user, and that one of its keys (or its password) is accepted there."
_ALLOW_ALGORITHMS = (
    "Update the machine's SSH server, or allow what it has for this host in ~/.ssh/config "
    "(KexAlgorithms, HostKeyAlgorithms, Ciphers, MACs)."
)

# What OpenSSH's sshd says in place of a banner when it has too many connections that are not logged in.
_TOO_MANY = ("Exceeded MaxStartups", "Not allowed at this time")


def failure_of(error: Exception, journey: Journey) -> Failure:
    """The failure that ``error`` stands for on ``journey``. A host key's is told by `ssh_trust`, a shell's by `ssh`."""
    _log.info("ssh failed stage=%s error=%s", journey.stage.name, type(error).__name__)
    _log.debug("ssh error", exc_info=error)
    kind, came_back, remedy = _tell(error, journey)
    failure = clean_failure(kind, journey.tried, came_back, remedy, journey.elapsed_seconds)
    return replace(failure, step=Step[journey.stage.name])


def _tell(error: Exception, journey: Journey) -> _Told:
    if isinstance(error, KeyUnusable):
        return FailureKind.BAD_CONFIGURATION, str(error), error.remedy
    if isinstance(error, PatchdeckError):
        return FailureKind.BAD_CONFIGURATION, _sentence(error), ""
    by_stage = {
        Stage.PREPARE: _tell_prepare,
        Stage.JUMP: _tell_prepare,
        Stage.CONNECT: _tell_connect,
        Stage.BANNER: _tell_banner,
        Stage.LOGIN: _tell_login,
        Stage.SESSION: _tell_session,
    }
    return by_stage[journey.stage](error, journey)


def _tell_prepare(error: Exception, journey: Journey) -> _Told:
    if isinstance(error, TimeoutError):
        return FailureKind.DEADLINE_EXCEEDED, f"{journey.stage.value} was not finished in time.", "Give it more time."
    if isinstance(error, ValueError | OSError):
        return (
            FailureKind.BAD_CONFIGURATION,
            _sentence(error),
            "Correct the SSH configuration or the machine's settings.",
        )
    return FailureKind.INTERNAL, f"{type(error).__name__}: {_sentence(error)}", "Please report this."


def _tell_connect(error: Exception, journey: Journey) -> _Told:
    if isinstance(error, TimeoutError):
        return _too_late_to_connect(journey)
    if isinstance(error, socket.gaierror):
        return FailureKind.ADDRESS_NOT_FOUND, f"the name is not known: {error.strerror}.", _CHECK_NAME
    if isinstance(error, ConnectionRefusedError):
        return FailureKind.CONNECTION_REFUSED, "the connection was refused.", _CHECK_PORT
    if isinstance(error, asyncssh.ChannelOpenError):
        return _tell_jump(error)
    if isinstance(error, OSError):
        return FailureKind.CONNECTION_TIMED_OUT, _sentence(error), _CHECK_FIREWALL
    return (
        FailureKind.CONNECTION_LOST,
        f"the jump host ended the connection: {_sentence(error)}",
        "Look at the jump host.",
    )


def _too_late_to_connect(journey: Journey) -> _Told:
    if journey.is_looking_up:
        came_back = f"looking up the name gave no answer within {journey.stage_seconds:.3g} s."
        return FailureKind.ADDRESS_NOT_FOUND, came_back, "Check the name servers of the machine that Patchdeck runs on."
    came_back = f"no answer to the TCP connection within {journey.stage_seconds:.3g} s."
    return FailureKind.CONNECTION_TIMED_OUT, came_back, _CHECK_FIREWALL


def _tell_jump(error: asyncssh.ChannelOpenError) -> _Told:
    came_back = f"the jump host could not connect: {_sentence(error)}"
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return (
            FailureKind.BAD_CONFIGURATION,
            came_back,
            "Allow the forwarding in its sshd (AllowTcpForwarding, PermitOpen).",
        )
    reason = error.reason.lower()
    if "refused" in reason:
        return FailureKind.CONNECTION_REFUSED, came_back, _CHECK_PORT
    if "not known" in reason or "resolution" in reason or "unknown host" in reason:
        return FailureKind.ADDRESS_NOT_FOUND, came_back, _CHECK_NAME
    return FailureKind.CONNECTION_TIMED_OUT, came_back, _CHECK_FIREWALL


def _tell_banner(error: Exception, journey: Journey) -> _Told:
    began = decode(journey.first_bytes).strip()
    if began.startswith(_TOO_MANY):
        remedy = "Raise MaxStartups in its sshd, or reach fewer machines at once."
        return FailureKind.NO_BANNER, f"sshd turned the connection away: {began!r}.", remedy
    if began:
        remedy = "Check the port: another service listens there."
        return (
            FailureKind.NOT_SSH,
            f"connected, but the answer is no SSH that can be spoken: {began.splitlines()[0][:80]!r}.",
            remedy,
        )
    if isinstance(error, TimeoutError):
        came_back = f"connected, but no SSH banner came within {journey.stage_seconds:.3g} s."
    else:
        came_back = "connected, but the connection was closed before any SSH banner."
    return (
        FailureKind.NO_BANNER,
        came_back,
        "Check the port and the state of sshd: it may hang, or turn connections away.",
    )


def _tell_login(error: Exception, journey: Journey) -> _Told:
    if isinstance(error, TimeoutError):
        came_back = f"the SSH server answered, but the login was not done within {journey.stage_seconds:.3g} s."
        return FailureKind.LOGIN_TIMED_OUT, came_back, "Look at what is slow there: name lookups, PAM, the load."
    if isinstance(error, asyncssh.KeyExchangeFailed):
        return FailureKind.NO_COMMON_ALGORITHM, _sentence(error), _ALLOW_ALGORITHMS
    if isinstance(error, asyncssh.PermissionDenied) or _is_too_many(error):
        return _tell_refused(error, journey)
    if isinstance(error, asyncssh.ConnectionLost | ConnectionError):
        came_back = f"the server closed the connection while logging in{_message(journey)}."
        return FailureKind.CONNECTION_LOST, came_back, f"{_LOOK_AT_SSHD} It may refuse logins for now (/etc/nologin)."
    if isinstance(error, asyncssh.DisconnectError) and not isinstance(error, asyncssh.ProtocolError):
        came_back = f"the server ended the login: {_sentence(error)}"
        return FailureKind.LOGIN_REFUSED, came_back, _CHECK_LOGIN
    came_back = f"the server does not keep to the SSH protocol: {type(error).__name__}: {_sentence(error)}"
    return FailureKind.NOT_SSH, came_back, _LOOK_AT_SSHD


def _tell_session(error: Exception, journey: Journey) -> _Told:
    if isinstance(error, TimeoutError):
        remedy = "Give it more time, or look at what is slow on the machine."
        size_bytes = journey.output.size_bytes if journey.output else 0
        came_back = (
            f"not finished within {journey.deadline_seconds:g} s, {size_bytes:,} bytes had come; it was stopped."
        )
        return FailureKind.DEADLINE_EXCEEDED, came_back, remedy
    if isinstance(error, asyncssh.ChannelOpenError):
        remedy = "Check that this user may run commands there (MaxSessions, ForceCommand, the login shell)."
        return FailureKind.NO_SHELL, f"logged in, but no command could be run: {_sentence(error)}", remedy
    came_back = f"the connection was lost before the script began: {_sentence(error)}"
    return FailureKind.CONNECTION_LOST, came_back, "Try again; if it stays, look at the network and the machine's sshd."


def _tell_refused(error: Exception, journey: Journey) -> _Told:
    tried = ", ".join(journey.methods_tried) or "nothing, for lack of keys and passwords"
    offered = ", ".join(sorted(journey.methods_offered)) or "none that Patchdeck can give"
    left_out = f"; not tried: {'; '.join(journey.left_out)}" if journey.left_out else ""
    came_back = f"the login was refused. Tried: {tried}{left_out}. The server takes: {offered}{_message(journey)}."
    if _is_too_many(error):
        return FailureKind.LOGIN_REFUSED, f"too many keys. {came_back}", "Name the right key in the machine's key file."
    return FailureKind.LOGIN_REFUSED, came_back, _CHECK_LOGIN


def _is_too_many(error: Exception) -> bool:
    return isinstance(error, asyncssh.DisconnectError) and "too many authentication" in error.reason.lower()


def _message(journey: Journey) -> str:
    return f"; it says {journey.server_message.strip()!r}" if journey.server_message.strip() else ""


def _sentence(error: Exception) -> str:
    """What the exception says, ending in a full stop."""
    text = error.reason if isinstance(error, asyncssh.Error) else str(error)
    if isinstance(error, OSError) and error.strerror:
        text = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    return (text.strip() or type(error).__name__).rstrip(".") + "."
