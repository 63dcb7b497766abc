"""What Rocky Linux offers in the lab: packages for dnf, each a situation, and the advisories over them."""

from tests.lab.builder.advisories import Advisory
from tests.lab.builder.job_rpms import job_packages
from tests.lab.builder.rpms import NOARCH, Rpm

BASEOS, APPSTREAM, EPEL = "baseos", "appstream", "epel"
OLD_KERNEL, RUNNING_KERNEL, NEW_KERNEL = "5.14.0-427.13.1.el9_4", "5.14.0-427.18.1.el9_4", "5.14.0-427.20.1.el9_4"


def _rpm(name: str, evr: str, repository: str = BASEOS, architecture: str = "x86_64", *tags: str) -> Rpm:
    return Rpm(name, evr, (repository,) if repository else (), architecture, tags)


def _kernel(version: str) -> tuple[Rpm, Rpm]:
    files = (f"/boot/vmlinuz-{version}.x86_64", f"/lib/modules/{version}.x86_64/kernel/acme.ko")
    provides = (f"Provides: kernel-uname-r = {version}.x86_64", "Provides: installonlypkg(kernel)")
    return (
        Rpm("kernel-core", version, (BASEOS,), tags=provides, files=files),
        Rpm(
            "kernel",
            version,
            (BASEOS,),
            tags=(f"Requires: kernel-core = {version}", "Provides: installonlypkg(kernel)"),
        ),
    )


RELEASE = Rpm(
    "rocky-release",
    "9.4-1.el9",
    (BASEOS,),
    NOARCH,
    ("Provides: system-release = 9.4-1.el9", "Provides: system-release(releasever) = 9"),
)
# Installed on every machine of this family that has anything to update; the offers are below, in the same order.
INSTALLED: tuple[Rpm, ...] = (
    RELEASE,
    _rpm("glibc", "2.34-100.el9_4.2"),
    _rpm("acme-critical", "1.0-1.el9"),
    _rpm("acme-openssl", "1:3.0.1-1.el9"),
    _rpm("acme-openssl-libs", "1:3.0.1-1.el9"),
    _rpm("acme-shared", "2.0-1.el9"),
    _rpm("acme-low", "1.0-1.el9", BASEOS, NOARCH),
    _rpm("acme-nosev", "1.0-1.el9", BASEOS, NOARCH),
    _rpm("acme-bug", "1.0-1.el9", APPSTREAM),
    _rpm("acme-enh", "1.0-1.el9", APPSTREAM),
    _rpm("acme-applied", "1.0-2.el9_4", BASEOS),
    _rpm("acme-both", "1.0-1.el9"),
    _rpm("acme-plain", "1.0-1.el9", APPSTREAM),
    _rpm("acme-epoch", "2.0-1.el9"),
    _rpm("acme-tilde", "1.0~rc1-1.el9", APPSTREAM),
    _rpm("acme-oldname", "1.0-1.el9", APPSTREAM),
    _rpm("acme-newdeps", "1.0-1.el9", APPSTREAM),
    _rpm("acme-multi", "1.0-1.el9"),
    _rpm("acme-multi", "1.0-1.el9", BASEOS, "i686"),
    _rpm("acme-agent", "1.0-1", ""),
)
OPENSSL = _rpm("acme-openssl", "1:3.0.1-2.el9_4")
OPENSSL_LIBS = _rpm("acme-openssl-libs", "1:3.0.1-2.el9_4")
OFFERED: tuple[Rpm, ...] = (
    _rpm("acme-critical", "1.0-2.el9_4"),
    OPENSSL,
    OPENSSL_LIBS,
    _rpm("acme-shared", "2.0-2.el9_4"),
    _rpm("acme-low", "1.0-2.el9_4", BASEOS, NOARCH),
    _rpm("acme-nosev", "1.0-2.el9_4", BASEOS, NOARCH),
    _rpm("acme-bug", "1.0-2.el9_4", APPSTREAM),
    _rpm("acme-enh", "1.0-2.el9_4", APPSTREAM),
    _rpm("acme-applied", "1.1-1.el9_4", BASEOS),
    _rpm("acme-both", "1.0-2.el9_4"),
    _rpm("acme-both", "1.2-1.el9_4", APPSTREAM),
    _rpm("acme-plain", "1.1-1.el9", APPSTREAM),
    _rpm("acme-epoch", "1:1.0-1.el9_4"),
    _rpm("acme-tilde", "1.0-1.el9_4", APPSTREAM),
    _rpm(
        "acme-newname",
        "1.1-1.el9_4",
        APPSTREAM,
        "x86_64",
        "Obsoletes: acme-oldname < 1.1",
        "Provides: acme-oldname = 1.1",
    ),
    _rpm("acme-newdeps", "1.1-1.el9_4", APPSTREAM, "x86_64", "Requires: acme-brandnew"),
    _rpm("acme-brandnew", "1.0-1.el9_4", APPSTREAM),
    _rpm("acme-multi", "1.0-2.el9_4"),
    _rpm("acme-multi", "1.0-2.el9_4", BASEOS, "i686"),
    _rpm("acme-needsdep", "1.0-1.el9"),
    _rpm("acme-needsdep", "1.1-1.el9_4", BASEOS, "x86_64", "Requires: acme-not-published"),
    _rpm("acme-locked", "1.0-1.el9"),
    _rpm("acme-locked", "1.0-2.el9_4"),
    _rpm("acme-excluded", "1.0-1.el9"),
    _rpm("acme-excluded", "1.0-2.el9_4"),
    _rpm("acme-unwanted", "1.0-1.el9", APPSTREAM),
    _rpm("acme-unwanted", "1.0-2.el9_4", APPSTREAM),
    _rpm("acme-depexcluded", "1.0-1.el9", APPSTREAM),
    _rpm("acme-depexcluded", "1.1-1.el9_4", APPSTREAM, "x86_64", "Requires: acme-excluded-lib"),
    _rpm("acme-excluded-lib", "1.0-1.el9_4", APPSTREAM),
    _rpm("acme-extra", "1.0-1.el9", EPEL, NOARCH),
    _rpm("acme-extra", "1.1-1.el9", EPEL, NOARCH),
    _rpm("glibc", "2.34-100.el9_4.2"),
    *_kernel(OLD_KERNEL),
    *_kernel(RUNNING_KERNEL),
    *_kernel(NEW_KERNEL),
)
JOBS = job_packages("1.el9", "1.el9_4", BASEOS, APPSTREAM)
_FOUND = {(package.name, package.evr, package.architecture): package for package in (*INSTALLED, *OFFERED, *JOBS)}
PACKAGES: tuple[Rpm, ...] = tuple(_FOUND.values())


def package(name: str, evr: str, architecture: str = "x86_64") -> Rpm:
    """The package that is listed above."""
    return _FOUND[name, evr, architecture]


def _cves(*numbers: int) -> tuple[str, ...]:
    return tuple(f"CVE-2024-{number}" for number in numbers)


ADVISORIES: tuple[Advisory, ...] = (
    Advisory(
        "RLSA-2024:0001", BASEOS, "security", "Critical", (package("acme-critical", "1.0-2.el9_4"),), _cves(10001)
    ),
    Advisory("RLSA-2024:0002", BASEOS, "security", "Important", (OPENSSL, OPENSSL_LIBS), _cves(10002, 10003)),
    Advisory(
        "RLSA-2024:0003", BASEOS, "security", "Moderate", (package("acme-shared", "2.0-2.el9_4"),), _cves(10003, 10004)
    ),
    Advisory("RLSA-2024:0004", BASEOS, "security", "Low", (package("acme-low", "1.0-2.el9_4", NOARCH),), _cves(10005)),
    Advisory("RLSA-2024:0005", BASEOS, "security", "", (package("acme-nosev", "1.0-2.el9_4", NOARCH),), _cves(10006)),
    Advisory("RLBA-2024:0006", APPSTREAM, "bugfix", "", (package("acme-bug", "1.0-2.el9_4"),)),
    Advisory("RLEA-2024:0007", APPSTREAM, "enhancement", "", (package("acme-enh", "1.0-2.el9_4"),)),
    Advisory(
        "RLSA-2024:0008", BASEOS, "security", "Important", (package("acme-applied", "1.0-2.el9_4"),), _cves(10008)
    ),
    Advisory("RLSA-2024:0009", BASEOS, "security", "Important", (package("acme-both", "1.0-2.el9_4"),), _cves(10009)),
    Advisory("RLBA-2024:0010", APPSTREAM, "bugfix", "", (package("acme-both", "1.2-1.el9_4"),)),
    Advisory("RLSA-2024:0011", BASEOS, "security", "Important", _kernel(NEW_KERNEL), _cves(10011, 10012)),
    Advisory("RLSA-2024:0012", BASEOS, "security", "Important", (package("acme-locked", "1.0-2.el9_4"),), _cves(10013)),
    Advisory(
        "RLSA-2024:0013", BASEOS, "security", "Important", (package("acme-excluded", "1.0-2.el9_4"),), _cves(10014)
    ),
    Advisory(
        "RLSA-2024:0014", APPSTREAM, "security", "Moderate", (package("acme-unwanted", "1.0-2.el9_4"),), _cves(10015)
    ),
    Advisory(
        "RLSA-2024:0015", BASEOS, "security", "Moderate", (package("acme-needsdep", "1.1-1.el9_4"),), _cves(10016)
    ),
    Advisory("RLSA-2024:0016", BASEOS, "security", "Moderate", (package("acme-epoch", "1:1.0-1.el9_4"),), _cves(10017)),
    Advisory(
        "RLSA-2024:0017",
        BASEOS,
        "security",
        "Moderate",
        (package("acme-multi", "1.0-2.el9_4"), package("acme-multi", "1.0-2.el9_4", "i686")),
        _cves(10018),
    ),
)
