"""Which package manager a machine is managed by: what the system says it is, and what is there, must agree."""

from collections.abc import Mapping, Sequence
from enum import StrEnum

# What the probe adds to the list of programs for each package database that is there and not empty: linux.sh.
DATABASE_SUFFIX = "-database"


class PackageFormat(StrEnum):
    """What installed packages are recorded by. The value begins the name of its database in the probe's answer."""

    DEB = "dpkg"
    RPM = "rpm"
    APK = "apk"
    ALPM = "pacman"


# os-release(5) IDs. A derivative is known by its ID_LIKE, so only those stand here that others are like, and those
# that name nothing that they are like.
_FORMATS: Mapping[str, PackageFormat] = {
    **dict.fromkeys(("debian", "ubuntu", "raspbian", "devuan", "kali", "linuxmint"), PackageFormat.DEB),
    **dict.fromkeys(("fedora", "rhel", "centos", "rocky", "almalinux", "ol", "amzn", "scientific"), PackageFormat.RPM),
    **dict.fromkeys(("suse", "opensuse", "sles", "sled", "sle_hpc", "sl-micro", "sle-micro"), PackageFormat.RPM),
    **dict.fromkeys(("opensuse-leap", "opensuse-tumbleweed", "opensuse-microos"), PackageFormat.RPM),
    **dict.fromkeys(("mageia", "openmandriva", "openeuler", "photon", "azurelinux", "mariner"), PackageFormat.RPM),
    **dict.fromkeys(("altlinux", "rosa", "opencloudos", "anolis", "eurolinux", "virtuozzo"), PackageFormat.RPM),
    **dict.fromkeys(("alpine", "wolfi", "chainguard", "postmarketos", "chimera", "adelie"), PackageFormat.APK),
    **dict.fromkeys(("arch", "archarm", "manjaro", "manjaro-arm", "endeavouros", "artix"), PackageFormat.ALPM),
}
_SUSE = frozenset({"suse", "opensuse", "sles", "sled", "sle_hpc", "sl-micro", "sle-micro"})
# yum is a name of dnf where both are there, and dnf one of dnf5.
_DNF_KIND = ("dnf5", "dnf", "yum", "microdnf")
# What each needs beside its own name.
_NEEDED: Mapping[str, frozenset[str]] = {"apt": frozenset({"apt-get", "dpkg-query"})}
_TOOLS: Mapping[PackageFormat, tuple[str, ...]] = {
    PackageFormat.DEB: ("apt",),
    PackageFormat.APK: ("apk",),
    PackageFormat.ALPM: ("pacman",),
}


def find_manager(programs: frozenset[str], families: Sequence[str]) -> str | None:
    """The name of the manager that patches a machine: apt, dnf5, dnf, yum, microdnf, zypper, apk or pacman.

    ``programs`` are those of the probe's list, databases among them (``rpm-database``); ``families`` the system's ID
    and what it is like, in that order. None where nothing is certain: no tool of what the system says it is, or a
    system that says nothing of use and has several databases.

    Immutable systems have these programs as well: what manages them is asked for first.
    """
    told = next((_FORMATS[family] for family in families if family in _FORMATS), None)
    if told is None:
        filled = [kind for kind in PackageFormat if kind + DATABASE_SUFFIX in programs]
        return _find_tool(filled[0], programs, families) if len(filled) == 1 else None
    return None if _is_empty(told, programs) else _find_tool(told, programs, families)


def is_managed_by(name: str, programs: frozenset[str], families: Sequence[str]) -> bool:
    """Whether `find_manager` names the manager ``name``."""
    return find_manager(programs, families) == name


def list_databases(programs: frozenset[str]) -> tuple[str, ...]:
    """The package databases that are there and not empty, by the name of what keeps them, in order."""
    return tuple(kind.value for kind in PackageFormat if kind + DATABASE_SUFFIX in programs)


def _is_empty(told: PackageFormat, programs: frozenset[str]) -> bool:
    """Whether another kind of package is installed there, and none of the kind that the system says it has."""
    return bool(list_databases(programs)) and told + DATABASE_SUFFIX not in programs


def _find_tool(kind: PackageFormat, programs: frozenset[str], families: Sequence[str]) -> str | None:
    tools = _TOOLS.get(kind) or _order_rpm_tools(families)
    return next((tool for tool in tools if _NEEDED.get(tool, frozenset({tool})) <= programs), None)


def _order_rpm_tools(families: Sequence[str]) -> tuple[str, ...]:
    """zypper first where the system is of SUSE's kind; there dnf, and elsewhere zypper, is a tool among others."""
    is_suse = any(family in _SUSE or family.startswith("opensuse-") for family in families)
    return ("zypper", *_DNF_KIND) if is_suse else (*_DNF_KIND, "zypper")
