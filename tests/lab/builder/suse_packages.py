"""What SUSE offers in the lab: packages for zypper, each a situation, and the patches over them."""

from tests.lab.builder.advisories import Advisory
from tests.lab.builder.job_rpms import job_packages
from tests.lab.builder.rpms import NOARCH, Rpm

OSS, UPDATE, OTHER = "oss", "update", "other-vendor"
SUSE, STRANGER = "SUSE LLC <https://www.suse.com/>", "Packman of the lab"
OLD_KERNEL, NEW_KERNEL = "6.4.0-150600.21.1", "6.4.0-150600.23.7.1"
_OLD, _NEW = "150600.1.1", "150600.3.3.1"


def _installed(name: str, version: str, architecture: str = "x86_64") -> Rpm:
    return Rpm(name, f"{version}-{_OLD}", (OSS,), architecture, vendor=SUSE)


def _fixed(name: str, version: str, architecture: str = "x86_64", *tags: str) -> Rpm:
    return Rpm(name, f"{version}-{_NEW}", (UPDATE,), architecture, tags, vendor=SUSE)


def _kernel(version: str, repository: str) -> Rpm:
    files = (f"/boot/vmlinuz-{version}-default", f"/lib/modules/{version}-default/kernel/acme.ko")
    return Rpm(
        "kernel-default", version, (repository,), tags=("Provides: multiversion(kernel)",), files=files, vendor=SUSE
    )


INSTALLED: tuple[Rpm, ...] = (
    Rpm("SLES-release", "15.6-1", (OSS,), tags=("Provides: product() = SLES", "Provides: product(SLES) = 15.6-1"),
        files=("/etc/acme-release",), vendor=SUSE),
    _installed("acme-critical", "1.0"),
    _installed("acme-openssl", "1:3.0.1"),
    _installed("libacme3", "3.0.1"),
    _installed("acme-shared", "2.0"),
    _installed("acme-low", "1.0", NOARCH),
    _installed("acme-bug", "1.0"),
    _installed("acme-optional", "1.0"),
    _installed("acme-feature", "1.0"),
    _fixed("acme-applied", "1.0"),
    _installed("acme-both", "1.0"),
    _installed("acme-plain", "1.0"),
    _installed("acme-newdeps", "1.0"),
    _installed("acme-agent", "1.0"),
)  # fmt: skip
OLD_OF_SPECIAL_MACHINES: tuple[Rpm, ...] = (
    _installed("acme-locked", "1.0"),
    _installed("acme-vendor", "1.0"),
    _installed("acme-needsdep", "1.0"),
    _installed("zypper", "1.14.40"),
    _kernel(OLD_KERNEL, OSS),
)
OFFERED: tuple[Rpm, ...] = (
    _fixed("acme-critical", "1.0"),
    _fixed("acme-openssl", "1:3.0.1"),
    _fixed("libacme3", "3.0.1"),
    _fixed("acme-shared", "2.0"),
    _fixed("acme-low", "1.0", NOARCH),
    _fixed("acme-bug", "1.0"),
    _fixed("acme-optional", "1.0"),
    _fixed("acme-feature", "1.0"),
    _fixed("acme-applied", "1.1"),
    _fixed("acme-both", "1.0"),
    _fixed("acme-both", "1.2"),
    _fixed("acme-plain", "1.1"),
    _fixed("acme-newdeps", "1.1", "x86_64", "Requires: acme-brandnew"),
    _fixed("acme-brandnew", "1.0"),
    _fixed("acme-elsewhere", "1.1"),
    _fixed("acme-locked", "1.0"),
    _fixed("acme-needsdep", "1.1", "x86_64", "Requires: acme-not-published"),
    _fixed("zypper", "1.14.68"),
    _kernel(NEW_KERNEL, UPDATE),
    Rpm("acme-vendor", "1.1-1.1", (OTHER,), vendor=STRANGER),
)
JOBS = job_packages(_OLD, _NEW, OSS, UPDATE, SUSE)
PACKAGES: tuple[Rpm, ...] = (*INSTALLED, *OLD_OF_SPECIAL_MACHINES, *OFFERED, *JOBS)


def package(name: str, version: str = "") -> Rpm:
    """The first of the installed packages of that name, or of the offered ones of that ``version``."""
    wanted = (*INSTALLED, *OLD_OF_SPECIAL_MACHINES) if not version else OFFERED
    return next(found for found in wanted if found.name == name and found.evr.startswith(version))


def _patch(
    number: int,
    kind: str,
    severity: str,
    *fixes: tuple[str, str],
    cves: tuple[int, ...] = (),
    flags: tuple[str, ...] = (),
) -> Advisory:
    return Advisory(
        f"openSUSE-SLE-15.6-2024-{number}",
        UPDATE,
        kind,
        severity,
        tuple(package(*fix) for fix in fixes),
        tuple(f"CVE-2024-{cve}" for cve in cves),
        flags,
        vendor="maint-coord@suse.de",
    )


APPLIED = _fixed("acme-applied", "1.0")
ADVISORIES: tuple[Advisory, ...] = (
    _patch(1001, "security", "critical", ("acme-critical", "1.0"), cves=(10001,)),
    _patch(1002, "security", "important", ("acme-openssl", "1:3.0.1"), ("libacme3", "3.0.1"), cves=(10002, 10003)),
    _patch(1003, "security", "moderate", ("acme-shared", "2.0"), cves=(10003, 10004)),
    _patch(1004, "security", "low", ("acme-low", "1.0"), cves=(10005,)),
    _patch(1005, "recommended", "moderate", ("acme-bug", "1.0")),
    _patch(1006, "optional", "low", ("acme-optional", "1.0")),
    _patch(1007, "feature", "moderate", ("acme-feature", "1.0")),
    Advisory("openSUSE-SLE-15.6-2024-1008", UPDATE, "security", "important", (APPLIED,), ("CVE-2024-10008",)),
    _patch(1009, "security", "important", ("acme-both", "1.0"), cves=(10009,)),
    _patch(1010, "recommended", "", ("acme-both", "1.2")),
    _patch(1011, "security", "important", ("acme-elsewhere", "1.1"), cves=(10010,)),
    _patch(1012, "security", "important", ("kernel-default", NEW_KERNEL), cves=(10011,), flags=("reboot_suggested",)),
    _patch(1013, "security", "important", ("acme-locked", "1.0"), cves=(10012,)),
    _patch(1014, "recommended", "important", ("zypper", "1.14.68"), flags=("restart_suggested",)),
    _patch(1015, "security", "moderate", ("acme-needsdep", "1.1"), cves=(10015,)),
)
