"""Whether a machine came back from a reboot as it was: kernel, units, listening ports."""

from datetime import UTC, datetime

from fleet.deployments.gates import find_new_failures
from fleet.deployments.pulse import Pulse
from fleet.hostile import clean

# Ports from here on are given out as they come (ip(7): ip_local_port_range): after a reboot they are others.
_FIRST_EPHEMERAL_PORT = 32_768
# Windows counts its last boot back from its clock, which is set while it runs. No Windows boots faster than this.
_DRIFT_SECONDS = 20.0
# By so much it may move between two looks at a machine that was booted a moment ago.
_JITTER_SECONDS = 5.0


def is_same_boot(one: str, other: str) -> bool:
    """Whether two boot ids are those of one boot. Where they are times, a few seconds between them are its clock's."""
    if one == other:
        return True
    between = _seconds_between(one, other)
    return between is not None and abs(between) <= _DRIFT_SECONDS


def has_rebooted(before: Pulse, now: Pulse) -> bool:
    """Whether the machine runs another boot than before.

    Where a boot is told by its time, a clock that was set moves it. But another boot is at least as much later as the
    machine had been up before, and one that has been up for less than before was restarted.
    """
    if not before.boot_id or not now.boot_id or before.boot_id == now.boot_id:
        return False
    later = _seconds_between(before.boot_id, now.boot_id)
    if later is None or before.uptime_seconds is None or now.uptime_seconds is None:
        return not is_same_boot(before.boot_id, now.boot_id)
    return now.uptime_seconds < before.uptime_seconds or later >= max(before.uptime_seconds, _JITTER_SECONDS)


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


def _seconds_between(one: str, other: str) -> float | None:
    first, second = _time(one), _time(other)
    return None if first is None or second is None else (second - first).total_seconds()


def _time(boot_id: str) -> datetime | None:
    """When that boot was, where its id is a time: Linux gives each boot a random name."""
    try:
        at = datetime.fromisoformat(boot_id)
    except ValueError:
        return None
    return at if at.tzinfo is not None else at.replace(tzinfo=UTC)
