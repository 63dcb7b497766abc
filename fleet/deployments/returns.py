"""Whether a machine came back from a reboot as it was: kernel, units, listening ports."""

from fleet.deployments.gates import find_new_failures
from fleet.deployments.pulse import Pulse
from fleet.hostile import clean

# Ports from here on are given out as they come (ip(7): ip_local_port_range): after a reboot they are others.
_FIRST_EPHEMERAL_PORT = 32_768


def has_rebooted(before: Pulse, now: Pulse) -> bool:
    """Whether the machine runs another boot than before."""
    return bool(before.boot_id) and bool(now.boot_id) and before.boot_id != now.boot_id


def find_differences(before: Pulse, now: Pulse) -> tuple[str, ...]:
    """What is not as before, a line each; services may take some minutes until they are."""
    units = (f"{clean(unit, 200)} failed and did not before" for unit in find_new_failures(before, now))
    closed = sorted(set(_fixed(before.listening)) - set(_fixed(now.listening))) if now.listening is not None else ()
    return (*units, *(f"nothing listens at {clean(each, 100)} any more" for each in closed))


def find_other_kernel(expected: str, now: Pulse) -> str:
    """That another kernel runs than was expected, in one line; empty if none was expected or it is that one."""
    if not expected or now.kernel == expected:
        return ""
    return f"it runs the kernel {clean(now.kernel, 100)}, not {clean(expected, 100)}"


def _fixed(listening: tuple[str, ...] | None) -> tuple[str, ...]:
    return tuple(each for each in listening or () if _port(each) < _FIRST_EPHEMERAL_PORT)


def _port(listening: str) -> int:
    digits = listening.rpartition(":")[2]
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 5 else _FIRST_EPHEMERAL_PORT
