"""What is said of a host key that is not trusted: an unknown one is a question, a changed one an alarm."""

import binascii
from datetime import UTC, datetime

from asyncssh import SSHKey

from collectors.transports.base import clean_failure
from collectors.transports.ssh_certificates import read_certificate
from collectors.transports.ssh_journey import Journey
from collectors.transports.ssh_known_hosts import KnownKeys
from collectors.transports.ssh_login import OfferedKey
from fleet.failures import Failure, FailureKind

_Told = tuple[FailureKind, str, str]


def untrusted_key(offered: OfferedKey, reason: str, known: KnownKeys, journey: Journey) -> Failure:
    """The failure for a host key that asyncssh refused. ``reason`` is asyncssh's own text, used for certificates."""
    kind, came_back, remedy = _tell(offered, reason, known, journey)
    return clean_failure(kind, journey.tried, came_back, remedy, journey.elapsed_seconds)


def fingerprint(key: SSHKey) -> str:
    """``SHA256:…`` as OpenSSH prints it."""
    return key.get_fingerprint()


def _tell(offered: OfferedKey, reason: str, known: KnownKeys, journey: Journey) -> _Told:
    if "revoked" in reason:
        came_back = f"the host key is revoked in known_hosts: {reason}{_shown_certificate(offered)}."
        return FailureKind.HOST_KEY_CHANGED, came_back, "Do not connect; find out why it was revoked."
    if offered.key is None:
        return _tell_certificate(offered, reason, known)
    accept = _accept(journey)
    if known.trusted and known.is_own:
        came_back = (
            f"THE HOST KEY HAS CHANGED: known is {_known_keys(known, offered.key)}, presented is {_show(offered.key)}."
        )
        remedy = (
            f"Somebody may be listening in. Only if the machine was reinstalled: compare the fingerprint, then {accept}"
        )
        return FailureKind.HOST_KEY_CHANGED, came_back, remedy
    uncertified = ", and it comes without a certificate" if known.authorities else ""
    came_back = f"the host key is not known{uncertified}: {_show(offered.key)}."
    return FailureKind.HOST_KEY_UNKNOWN, came_back, f"Compare the fingerprint on the machine itself, then {accept}"


def _tell_certificate(offered: OfferedKey, reason: str, known: KnownKeys) -> _Told:
    if offered.authority is not None:
        trusted = " or ".join(fingerprint(key) for key in known.authorities)
        came_back = (
            f"the host certificate cannot be trusted: it is signed by {_show(offered.authority)}, trusted for this "
            f"host is {trusted}{_shown_certificate(offered)}."
        )
        return (
            FailureKind.HOST_KEY_UNKNOWN,
            came_back,
            "Trust that authority by patchdeck machines trust-ca, or not at all.",
        )
    came_back = f"the host certificate cannot be trusted: {reason}{_shown_certificate(offered)}."
    remedy = "Have the machine's host certificate made anew, for the name or address that it is reached by."
    return FailureKind.HOST_KEY_UNKNOWN, came_back, remedy


def _shown_certificate(offered: OfferedKey) -> str:
    """What the certificate that was shown says of itself, and that it has expired."""
    name_length = int.from_bytes(offered.raw[:4], "big")
    algorithm = offered.raw[4 : 4 + name_length]
    shown = read_certificate(algorithm + b" " + binascii.b2a_base64(offered.raw, newline=False)) if algorithm else None
    if shown is None:
        return ""
    problem = shown.problem(datetime.now(UTC))
    return f"; it is {shown.describe()}{f', and {problem}' if problem else ''}"


def _accept(journey: Journey) -> str:
    if journey.machine_name is None:
        return "accept it by logging in to the jump host once with ssh."
    return f"run: patchdeck machines accept-key {journey.machine_name}"


def _known_keys(known: KnownKeys, offered: SSHKey) -> str:
    same_kind = [key for key in known.trusted if key.algorithm == offered.algorithm]
    return " or ".join(_show(key) for key in same_kind or known.trusted)


def _show(key: SSHKey) -> str:
    return f"{key.get_algorithm()} {fingerprint(key)}"
