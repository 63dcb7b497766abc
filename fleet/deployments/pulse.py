"""What is looked at before and after a reboot, and at a health gate."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pulse:
    """A machine at one moment. ``failed_units`` is None where there is no systemd, ``listening`` (``tcp 0.0.0.0:22``)
    where nothing tells; ``users`` are those who are logged in. ``is_servicing``: Windows still works on what was
    installed before it restarted; None where there is no such thing, or nothing tells.
    """

    boot_id: str
    kernel: str
    uptime_seconds: float | None = None
    failed_units: tuple[str, ...] | None = None
    listening: tuple[str, ...] | None = None
    users: tuple[str, ...] = ()
    newest_kernel: str = ""
    is_servicing: bool | None = None
