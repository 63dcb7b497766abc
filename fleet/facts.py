"""What a machine says of itself, beside its updates. Every field may be unknown: None, or `Answer.UNKNOWN`."""

from dataclasses import dataclass
from datetime import datetime

from fleet.answers import Answer
from fleet.machines import OSType


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Free and total space of the file system that holds ``path``, in bytes, as an ordinary user can use it."""

    path: str
    free_bytes: int
    total_bytes: int
    is_read_only: bool = False


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Facts of one machine at one assessment; times are aware UTC.

    ``clock_skew_seconds`` is the machine's clock minus ours, positive when the machine is ahead.
    ``metadata_at`` is the date that the newest package list bears, by the repository's own word.
    """

    host_name: str | None = None
    fqdn: str | None = None
    os_type: OSType | None = None
    os_id: str | None = None
    os_name: str | None = None
    os_version: str | None = None
    os_full_name: str | None = None
    kernel: str | None = None
    architecture: str | None = None
    machine_id: str | None = None
    boot_id: str | None = None
    booted_at: datetime | None = None
    clock_skew_seconds: float | None = None
    package_manager: str | None = None
    metadata_at: datetime | None = None
    reboot_required: Answer = Answer.UNKNOWN
    reboot_reason: str = ""
    other_updaters: tuple[str, ...] | None = None
    disks: tuple[DiskSpace, ...] = ()
    ip_addresses: tuple[str, ...] = ()
