"""The maintenance window of a run: how long it is, and until when steps may start in it."""

from dataclasses import dataclass


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
