"""What is looked at before and after a reboot, and at a health gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pulse:
    """A machine at one moment. ``failed_units`` is None where there is no systemd, ``listening`` (``tcp 0.0.0.0:22``)
    where nothing tells; ``users`` are those who are logged in.
    """

    boot_id: str
    kernel: str
    uptime_seconds: float | None = None
    failed_units: tuple[str, ...] | None = None
    listening: tuple[str, ...] | None = None
    users: tuple[str, ...] = ()
    newest_kernel: str = ""
