"""Which package manager patches a machine, from its programs, its package databases and its os-release."""

import subprocess
from pathlib import Path

import pytest

from collectors.managers.detection import find_manager, is_managed_by, list_databases
from collectors.probe import read_part

_DEB = "apt-get dpkg-query dpkg-database"


@pytest.mark.parametrize(
    ("programs", "families", "manager"),
    [
        # Every family by itself.
        (_DEB, "debian", "apt"),
        (_DEB, "ubuntu debian", "apt"),
        (_DEB, "linuxmint ubuntu debian", "apt"),
        (_DEB, "raspbian debian", "apt"),
        ("dnf5 dnf yum rpm-database", "fedora", "dnf5"),
        ("dnf yum rpm-database", "rocky rhel centos fedora", "dnf"),
        ("yum rpm-database", "centos rhel fedora", "yum"),
        ("yum rpm-database", "amzn centos rhel fedora", "yum"),
        ("microdnf rpm-database", "rhel fedora", "microdnf"),
        ("zypper rpm-database", "sles suse", "zypper"),
        ("zypper rpm-database", "opensuse-leap suse opensuse", "zypper"),
        ("apk apk-database", "alpine", "apk"),
        ("apk apk-database", "postmarketos alpine", "apk"),
        ("apk apk-database", "wolfi", "apk"),
        ("pacman pacman-database", "arch", "pacman"),
        ("pacman pacman-database", "manjaro arch", "pacman"),
        ("pacman pacman-database", "archarm arch", "pacman"),
        ("pacman pacman-database", "endeavouros arch", "pacman"),
        # Tools of another family.
        (f"{_DEB} dnf rpm-database", "fedora", "dnf"),
        ("apt-get dpkg-query dnf rpm-database", "fedora", "dnf"),
        (f"{_DEB} dnf yum zypper", "debian", "apt"),
        (f"{_DEB} dnf zypper rpm-database", "debian", "apt"),
        (f"{_DEB} pacman pacman-database", "arch", "pacman"),
        (f"{_DEB} pacman pacman-database apk apk-database", "ubuntu debian", "apt"),
        ("dnf zypper rpm-database", "opensuse-tumbleweed opensuse suse", "zypper"),
        ("dnf zypper rpm-database", "almalinux rhel centos fedora", "dnf"),
        # A system that is not known by its own name.
        (_DEB, "acmeos debian", "apt"),
        ("dnf rpm-database", "acmeos rhel fedora", "dnf"),
        (_DEB, "acmeos", "apt"),
        ("dnf rpm-database", "acmeos", "dnf"),
        ("zypper rpm-database", "acmeos", "zypper"),
        # No os-release, or an empty one.
        (_DEB, "", "apt"),
        (f"{_DEB} dnf zypper", "", "apt"),
        ("apk apk-database apt-get dpkg-query", "", "apk"),
        ("pacman pacman-database apk", "", "pacman"),
        ("apt-get dpkg-query", "", None),
        (f"{_DEB} dnf rpm-database", "", None),
        # What the system says and what is there do not agree.
        ("dnf rpm-database apt-get dpkg-query", "debian", None),
        (_DEB, "fedora", None),
        (f"{_DEB} dnf", "fedora", None),
        ("dnf yum", "ubuntu debian", None),
        ("apt-get rpm-database", "altlinux", None),
        ("apt-get dpkg-database", "debian", None),
        ("emerge", "gentoo", None),
        ("", "debian", None),
        ("", "", None),
        # An answer without databases: a captured one of an older probe.
        ("apt-get dpkg-query", "ubuntu debian", "apt"),
    ],
)
def test_manager_is_what_system_and_packages_agree_on(programs: str, families: str, manager: str | None) -> None:
    """Neither the programs nor os-release decide alone; where they contradict each other nothing is certain."""
    found = find_manager(frozenset(programs.split()), families.split())

    assert found == manager
    assert manager is None or is_managed_by(manager, frozenset(programs.split()), families.split())


def test_databases_are_told_by_what_keeps_them() -> None:
    """What a failure names."""
    assert list_databases(frozenset({"dnf", "rpm-database", "dpkg-database"})) == ("dpkg", "rpm")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"/var/lib/dpkg/status": "Package: a\n"}, ["dpkg-database"]),
        ({"/var/lib/dpkg/status": "", "/lib/apk/db/installed": "P:a\n"}, ["apk-database"]),
        ({"/usr/lib/sysimage/rpm/rpmdb.sqlite": "x", "/var/lib/rpm/Packages": "x"}, ["rpm-database"]),
        ({"/usr/lib/sysimage/rpm/.rpm.lock": "x", "/var/lib/pacman/local/ALPM_DB_VERSION": "9\n"}, []),
        ({"/var/lib/pacman/local/a b-1-1/desc": "%NAME%\n"}, ["pacman-database"]),
    ],
)
def test_probe_tells_databases_that_are_not_empty(tmp_path: Path, files: dict[str, str], expected: list[str]) -> None:
    """The probe looks at files alone, wherever each of the formats keeps them."""
    for path, text in files.items():
        place = tmp_path / path.lstrip("/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    script = f"{read_part('frame.sh')}\n{read_part('linux.sh')}"
    for folder in ("/var/lib/", "/usr/lib/sysimage", "/usr/share/rpm", "/lib/apk", "/usr/lib/apk"):
        script = script.replace(f" {folder}", f" {tmp_path}{folder}")

    done = subprocess.run(
        ["sh", "-c", f"{script}\nfind_databases"], capture_output=True, text=True, check=True, timeout=20
    )

    assert done.stdout.split() == expected
    assert done.stderr == ""
