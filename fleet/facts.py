"""What a machine says of itself, beside its updates. Every field may be unknown: None, or `Answer.UNKNOWN`."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from fleet.answers import Answer
from fleet.machines import OSType

_GIB = 1024**3


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """Free and total space of the file system that holds ``path``, in bytes, as an ordinary user can use it."""

    path: str
    free_bytes: int
    total_bytes: int
    is_read_only: bool = False

    def describe(self) -> str:
        """The path, and how much of it is free."""
        return f"{self.path} {self.free_bytes / _GIB:.1f} of {self.total_bytes / _GIB:.1f} GiB free"


class UpdateModel(StrEnum):
    """How a system is changed. All but PACKAGES are immutable: an update is staged, and holds after a reboot."""

    PACKAGES = "packages"
    RPM_OSTREE = "rpm-ostree"
    TRANSACTIONAL_UPDATE = "transactional-update"
    BOOTC = "bootc"


@dataclass(frozen=True, slots=True)
class OtherUpdater:
    """Software beside Patchdeck that installs updates; ``last_ran_at`` is None where that is not known."""

    name: str
    last_ran_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that is in use on a machine.

    ``name`` is the same on every machine that uses the same repository, and never an address, which may hold a
    password. ``made_at`` is the date that its metadata bear, by the repository's own word, ``fetched_at`` when the
    machine fetched them. ``has_advisories`` is whether it can tell security updates from others.
    """

    name: str
    made_at: datetime | None = None
    fetched_at: datetime | None = None
    has_advisories: bool | None = None
    is_failing: bool = False


class RootWay(StrEnum):
    """How root was gained, or would be, for the one command that needs it: fetching package lists."""

    ROOT = "root"
    SUDO = "sudo"
    SUDO_PASSWORD = "sudo-password"  # noqa: S105 - the name of a way
    DOAS = "doas"
    NONE = "none"


class PatchWay(StrEnum):
    """How a job would have root there. LIMITED: for the package manager's program alone, not for everything."""

    ROOT = "root"
    SUDO = "sudo"
    SUDO_PASSWORD = "sudo-password"  # noqa: S105 - the name of a way
    DOAS = "doas"
    LIMITED_SUDO = "limited-sudo"
    LIMITED_DOAS = "limited-doas"
    NONE = "none"


class SearchWay(StrEnum):
    """How Windows Update was asked: by the login itself, or by a task of SYSTEM where that is refused."""

    DIRECT = "direct"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class WindowsFacts:
    """What only a Windows says of itself; None and empty texts are unknown, but ``wsus_server`` is empty where none is
    in use.

    ``update_setting`` is that of automatic updates in Update Management's words. ``searched_at`` is when the agent last
    searched by itself, ``installed_at`` when an update was last installed.
    """

    build: str = ""
    edition: str = ""
    installation_type: str = ""
    domain: str = ""
    agent_version: str = ""
    search_way: SearchWay | None = None
    update_setting: str = ""
    update_source: str = ""
    wsus_server: str = ""
    wsus_group: str = ""
    net_version: str = ""
    powershell: str = ""
    searched_at: datetime | None = None
    installed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """Facts of one machine at one assessment; times are aware UTC.

    ``clock_skew_seconds`` is the machine's clock minus ours, positive when the machine is ahead.
    ``metadata_at`` is the date that the newest package list bears, by the repository's own word. ``system_uuid`` is
    that of its firmware (SMBIOS). ``end_of_life`` is the last day with security updates for everybody,
    ``end_of_life_source`` says by whom. ``services_to_restart`` are those that still run what an update replaced, None
    where nothing tells. ``root_way`` NONE: the user is not root and has no way to be. ``is_refresh_limited`` is whether
    a refresh as root ends at its own time limit, None where it is not known. ``patch_way`` and ``is_reboot_allowed``
    say how a job would install, and whether it may reboot the machine; None where nothing tells. ``host_key`` is the
    fingerprint ``SHA256:…`` of the SSH host key that it proved to have; of one in a certificate, that of the key.
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
    other_updaters: tuple[OtherUpdater, ...] | None = None
    disks: tuple[DiskSpace, ...] = ()
    ip_addresses: tuple[str, ...] = ()
    uptime_seconds: float | None = None
    system_uuid: str | None = None
    update_model: UpdateModel | None = None
    end_of_life: date | None = None
    end_of_life_source: str = ""
    services_to_restart: tuple[str, ...] | None = None
    repositories: tuple[Repository, ...] = ()
    root_way: RootWay | None = None
    is_refresh_limited: bool | None = None
    patch_way: PatchWay | None = None
    is_reboot_allowed: bool | None = None
    host_key: str | None = None
    windows: WindowsFacts | None = None
