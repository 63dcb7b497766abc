"""The operating systems of the sample fleet, as their machines describe themselves."""

from dataclasses import dataclass

from fleet.machines import OSType


@dataclass(frozen=True, slots=True)
class System:
    """One release of an operating system. ``main``, ``updates`` and ``security`` are repositories.

    ``esm`` is the service of Ubuntu Pro by which security updates come, "" where they come without.
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

    @property
    def package_manager(self) -> str:
        """What installs updates on it."""
        return "apt" if self.os_type is OSType.LINUX else "windows_update"


def _debian(number: int, code_name: str, label: str, kernel: str) -> System:
    return System(
        key=f"debian-{number}",
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
    os_type=OSType.LINUX,
    os_id="debian",
    os_name="Debian GNU/Linux",
    os_version="12",
    os_full_name="Debian GNU/Linux 12 (bookworm)",
    kernel="6.12.47+rpt-rpi-v8",
    architecture="arm64",
    main="Debian:12/oldstable",
    updates="Raspberry Pi Foundation:stable",
    security="Debian-Security:12/oldstable-security",
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
        _windows("windows-2019", "Windows Server 2019 Standard", "10.0.17763"),
        _windows("windows-2022", "Windows Server 2022 Standard", "10.0.20348"),
        _windows("windows-2025", "Windows Server 2025 Standard", "10.0.26100"),
        _windows("windows-11", "Windows 11 Pro", "10.0.26200"),
    )
}
