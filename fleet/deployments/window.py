"""The maintenance window of a run: how long it is, and until when steps may start in it.

A window is [opens, closes): minutes are real ones, whatever clocks on walls do meanwhile. What may start is asked with
the console's time; a job on a machine counts the seconds that are left by the machine's monotonic clock.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from fleet.errors import BadInput

LONGEST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True, slots=True)
class Window:
    """A maintenance window. ``stop_starting_minutes`` before its end no installation starts any more,
    ``reboot_minutes`` before it no reboot. ``hard_stop`` ends what still runs at its end, which may leave packages
    half-installed; without it a running step is never killed.
    """

    minutes: int = 120
    stop_starting_minutes: int = 15
    reboot_minutes: int = 10
    hard_stop: bool = False


def check_window(window: Window) -> Window:
    """The window, if it can be used: a minute to a week long, with time left to start something in it.

    Raises:
        BadInput: names what does not fit.
    """
    if not 1 <= window.minutes <= LONGEST_MINUTES:
        raise BadInput(f"A window of {window.minutes} minutes is not usable: 1 minute to {LONGEST_MINUTES} (7 days).")
    for what, minutes in (("installation", window.stop_starting_minutes), ("reboot", window.reboot_minutes)):
        if not 0 <= minutes < window.minutes:
            raise BadInput(
                f"No {what} starts in the last {minutes} minutes of a window of {window.minutes}: that is "
                + ("less than none." if minutes < 0 else f"all of it, so give fewer than {window.minutes}.")
            )
    return window


def closes_at(window: Window, opens_at: datetime) -> datetime:
    """When the window ends that begins at ``opens_at``."""
    return opens_at + timedelta(minutes=window.minutes)


def seconds_left(window: Window, opens_at: datetime, now: datetime) -> float:
    """Until the window ends; 0 when it has."""
    return _left(window, opens_at, now, 0)


def seconds_left_to_start(window: Window, opens_at: datetime, now: datetime) -> float:
    """Until no installation may start any more; 0 from then on. Before the window it is counted from its opening."""
    return _left(window, opens_at, now, window.stop_starting_minutes)


def seconds_left_to_reboot(window: Window, opens_at: datetime, now: datetime) -> float:
    """Until no reboot may be made any more; 0 from then on. Before the window it is counted from its opening."""
    return _left(window, opens_at, now, window.reboot_minutes)


def may_start_installation(window: Window, opens_at: datetime, now: datetime) -> bool:
    """Whether an installation, or a batch of one, may start at ``now``."""
    return now >= opens_at and seconds_left_to_start(window, opens_at, now) > 0


def may_reboot(window: Window, opens_at: datetime, now: datetime) -> bool:
    """Whether a reboot may be made at ``now``."""
    return now >= opens_at and seconds_left_to_reboot(window, opens_at, now) > 0


def _left(window: Window, opens_at: datetime, now: datetime, reserved_minutes: int) -> float:
    end = closes_at(window, opens_at) - timedelta(minutes=reserved_minutes)
    return max(0.0, (end - max(now, opens_at)).total_seconds())
