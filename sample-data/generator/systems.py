"""The operating systems of the sample fleet, as their machines describe themselves."""

from dataclasses import dataclass

from fleet.machines import OSType


@dataclass(frozen=True, slots=True)
class System:
    """One release of an operating system. ``main``, ``updates`` and ``security`` are repositories.

    ``esm`` is the service of Ubuntu Pro by which security updates come, "" where they come without. ``like`` is the
    ID_LIKE of os-release. ``catalogue`` names the file with its packages, ``base`` the system of which it has them.
    ``advisories`` are the patterns of numbers of advisories, for security and for others; none where it has none.
    """

    key: str
    os_type: OSType
    os_id: str
    os_name: str
    os_version: str
    os_full_name: str
    kernel: str
    architecture: str
    main: str = ""
    updates: str = ""
    security: str = ""
    esm: str = ""
    manager: str = "apt"
    like: str = ""
    catalogue: str = ""
    base: str = ""
    advisories: tuple[str, ...] = ()

    @property
    def package_manager(self) -> str:
        """What installs updates on it."""
        return self.manager if self.os_type is OSType.LINUX else "windows_update"

    @property
    def has_apt(self) -> bool:
        """Whether it is Debian or a child of it."""
        return self.os_type is OSType.LINUX and self.manager == "apt"


def _debian(number: int, code_name: str, label: str, kernel: str) -> System:
    return System(
        key=f"debian-{number}",
        catalogue=f"debian-{number}",
        advisories=("DLA-{}-1",),
        os_type=OSType.LINUX,
        os_id="debian",
        os_name="Debian GNU/Linux",
        os_version=str(number),
        os_full_name=f"Debian GNU/Linux {number} ({code_name})",
        kernel=kernel,
        architecture="amd64",
        main=f"Debian:{number}/{label}",
        updates=f"Debian:{number}-updates/{label}-updates",
        security=f"Debian-Security:{number}/{label}-security",
    )


def _ubuntu(number: str, code_name: str, full_name: str, kernel: str, *, esm: str = "") -> System:
    return System(
        key=f"ubuntu-{number}",
        catalogue=f"ubuntu-{number}",
        like="debian",
        advisories=("USN-{}-1",),
        os_type=OSType.LINUX,
        os_id="ubuntu",
        os_name="Ubuntu",
        os_version=number,
        os_full_name=full_name,
        kernel=kernel,
        architecture="amd64",
        main=f"Ubuntu:{number}/{code_name}",
        updates=f"Ubuntu:{number}/{code_name}-updates",
        security=f"Ubuntu:{number}/{code_name}-security",
        esm=esm,
    )


def _windows(key: str, name: str, version: str) -> System:
    return System(
        key=key,
        os_type=OSType.WINDOWS,
        os_id="windows",
        os_name=name,
        os_version=version,
        os_full_name=f"Microsoft {name}",
        kernel=version,
        architecture="x64",
    )


_RASPBERRY = System(
    key="raspberry",
    base="debian-12",
    catalogue="raspberry",
    advisories=("DLA-{}-1",),
    os_type=OSType.LINUX,
    os_id="debian",
    os_name="Debian GNU/Linux",
    os_version="12",
    os_full_name="Debian GNU/Linux 12 (bookworm)",
    kernel="6.12.47+rpt-rpi-v8",
    architecture="arm64",
    main="Debian:12/oldstable",
    updates="Debian:12-updates/oldstable-updates",
    security="Debian-Security:12/oldstable-security",
)


def _other(
    key: str, os_id: str, name: str, version: str, full_name: str, kernel: str, manager: str, like: str, **more: object
) -> System:
    values: dict[str, object] = {
        "key": key,
        "os_type": OSType.LINUX,
        "os_id": os_id,
        "os_name": name,
        "os_version": version,
        "os_full_name": full_name,
        "kernel": kernel,
        "architecture": "x86_64",
        "manager": manager,
        "like": like,
        "catalogue": key,
    }
    return System(**(values | more))  # type: ignore[arg-type]


_EL9_KERNEL = "5.14.0-570.12.1.el9_6.x86_64"
_OTHERS = (
    _other(
        "rocky-9",
        "rocky",
        "Rocky Linux",
        "9.6",
        "Rocky Linux 9.6 (Blue Onyx)",
        _EL9_KERNEL,
        "dnf",
        "rhel centos fedora",
        catalogue="el-9",
        main="baseos",
        updates="appstream",
        advisories=("RLSA-2026:{}", "RLBA-2026:{}"),
    ),
    _other(
        "alma-9",
        "almalinux",
        "AlmaLinux",
        "9.6",
        "AlmaLinux 9.6 (Sage Margay)",
        _EL9_KERNEL,
        "dnf",
        "rhel centos fedora",
        catalogue="el-9",
        main="baseos",
        updates="appstream",
        advisories=("ALSA-2026:{}", "ALBA-2026:{}"),
    ),
    _other(
        "rhel-8",
        "rhel",
        "Red Hat Enterprise Linux",
        "8.10",
        "Red Hat Enterprise Linux 8.10 (Ootpa)",
        "4.18.0-553.60.1.el8_10.x86_64",
        "dnf",
        "fedora",
        catalogue="el-8",
        main="rhel-8-for-x86_64-baseos-rpms",
        updates="rhel-8-for-x86_64-appstream-rpms",
        advisories=("RHSA-2026:{}", "RHBA-2026:{}"),
    ),
    _other(
        "amazon-2023",
        "amzn",
        "Amazon Linux",
        "2023",
        "Amazon Linux 2023.9.20260817",
        "6.1.150-170.amzn2023.x86_64",
        "dnf",
        "fedora",
        main="amazonlinux",
        updates="amazonlinux",
        advisories=("ALAS2023-2026-{}", "ALAS2023-2026-{}"),
    ),
    _other(
        "fedora-43",
        "fedora",
        "Fedora Linux",
        "43",
        "Fedora Linux 43 (Workstation Edition)",
        "6.17.10-300.fc43.x86_64",
        "dnf5",
        "",
        main="fedora",
        updates="updates",
        advisories=("FEDORA-2026-{:010x}", "FEDORA-2026-{:010x}"),
    ),
    _other(
        "sles-15",
        "sles",
        "SLES",
        "15.6",
        "SUSE Linux Enterprise Server 15 SP6",
        "6.4.0-150600.23.60-default",
        "zypper",
        "suse",
        catalogue="suse-15",
        main="SLE-Module-Basesystem15-SP6-Updates",
        updates="SLE-Module-Server-Applications15-SP6-Updates",
        advisories=(
            "SUSE-SLE-Module-Basesystem-15-SP6-2026-{}",
            "SUSE-SLE-Module-Basesystem-15-SP6-2026-{}",
        ),
    ),
    _other(
        "leap-15",
        "opensuse-leap",
        "openSUSE Leap",
        "15.6",
        "openSUSE Leap 15.6",
        "6.4.0-150600.23.60-default",
        "zypper",
        "suse opensuse",
        catalogue="suse-15",
        main="repo-sle-update",
        updates="repo-update",
        advisories=("openSUSE-SLE-15.6-2026-{}", "openSUSE-SLE-15.6-2026-{}"),
    ),
    _other(
        "alpine-3.21",
        "alpine",
        "Alpine Linux",
        "3.21.4",
        "Alpine Linux v3.21",
        "6.12.31-0-lts",
        "apk",
        "",
        main="main",
        updates="community",
    ),
    _other(
        "arch",
        "arch",
        "Arch Linux",
        "",
        "Arch Linux",
        "6.18.1-arch1-1",
        "pacman",
        "",
        main="core",
        updates="extra",
    ),
    _other(
        "coreos",
        "fedora",
        "Fedora Linux",
        "43.20260810.3.0",
        "Fedora CoreOS 43.20260810.3.0",
        "6.17.10-300.fc43.x86_64",
        "ostree",
        "",
        main="fedora",
    ),
)

SYSTEMS = {
    system.key: system
    for system in (
        _debian(11, "bullseye", "oldoldstable", "5.10.0-36-amd64"),
        _debian(12, "bookworm", "oldstable", "6.1.0-44-amd64"),
        _ubuntu("20.04", "focal", "Ubuntu 20.04.6 LTS", "5.4.0-216-generic", esm="esm-infra"),
        _ubuntu("22.04", "jammy", "Ubuntu 22.04.5 LTS", "5.15.0-190-generic"),
        _ubuntu("24.04", "noble", "Ubuntu 24.04.4 LTS", "6.8.0-124-generic"),
        _RASPBERRY,
        *_OTHERS,
        _windows("windows-2019", "Windows Server 2019 Standard", "10.0.17763"),
        _windows("windows-2022", "Windows Server 2022 Standard", "10.0.20348"),
        _windows("windows-2025", "Windows Server 2025 Standard", "10.0.26100"),
        _windows("windows-11", "Windows 11 Pro", "10.0.26200"),
    )
}
