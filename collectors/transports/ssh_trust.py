"""What is said of a host key that is not trusted: an unknown one is a question, a changed one an alarm."""

from asyncssh import SSHKey

from collectors.transports.base import clean_failure
from collectors.transports.ssh_journey import Journey
from collectors.transports.ssh_known_hosts import KnownKeys
from fleet.failures import Failure, FailureKind


def untrusted_key(offered: SSHKey | None, reason: str, known: KnownKeys, journey: Journey) -> Failure:
    """The failure for a host key that asyncssh refused. ``reason`` is asyncssh's own text, used for certificates."""
    kind, came_back, remedy = _tell(offered, reason, known, journey)
    return clean_failure(kind, journey.tried, came_back, remedy, journey.elapsed_seconds)


def fingerprint(key: SSHKey) -> str:
    """``SHA256:…`` as OpenSSH prints it."""
    return key.get_fingerprint()


def _tell(offered: SSHKey | None, reason: str, known: KnownKeys, journey: Journey) -> tuple[FailureKind, str, str]:
    accept = _accept(journey)
    if "revoked" in reason:
        came_back = f"the host key is revoked in known_hosts: {reason}."
        return FailureKind.HOST_KEY_CHANGED, came_back, "Do not connect; find out why it was revoked."
    if known.authorities or offered is None:
        came_back = f"the host certificate cannot be trusted: {reason}."
        return FailureKind.HOST_KEY_UNKNOWN, came_back, "Check the certificate and the @cert-authority in known_hosts."
    if known.trusted and known.is_own:
        came_back = f"THE HOST KEY HAS CHANGED: known is {_known_keys(known, offered)}, presented is {_show(offered)}."
        remedy = (
            f"Somebody may be listening in. Only if the machine was reinstalled: compare the fingerprint, then {accept}"
        )
        return FailureKind.HOST_KEY_CHANGED, came_back, remedy
    came_back = f"the host key is not known: {_show(offered)}."
    return FailureKind.HOST_KEY_UNKNOWN, came_back, f"Compare the fingerprint on the machine itself, then {accept}"


def _accept(journey: Journey) -> str:
    if journey.machine_name is None:
        return "accept it by logging in to the jump host once with ssh."
    return f"run: patchdeck machines accept-key {journey.machine_name}"


def _known_keys(known: KnownKeys, offered: SSHKey) -> str:
    same_kind = [key for key in known.trusted if key.algorithm == offered.algorithm]
    return " or ".join(_show(key) for key in same_kind or known.trusted)


def _show(key: SSHKey) -> str:
    return f"{key.get_algorithm()} {fingerprint(key)}"
