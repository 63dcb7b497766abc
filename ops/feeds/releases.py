"""Releases of distributions, as feeds name them and as machines say it: ``debian:12``, os-release's ID and version."""

import re

from fleet.facts import MachineFacts

# https://wiki.debian.org/DebianReleases and https://releases.ubuntu.com: feeds have names, machines have numbers.
_CODENAMES = {
    "jessie": "debian:8",
    "stretch": "debian:9",
    "buster": "debian:10",
    "bullseye": "debian:11",
    "bookworm": "debian:12",
    "trixie": "debian:13",
    "forky": "debian:14",
    "trusty": "ubuntu:14.04",
    "xenial": "ubuntu:16.04",
    "bionic": "ubuntu:18.04",
    "focal": "ubuntu:20.04",
    "jammy": "ubuntu:22.04",
    "mantic": "ubuntu:23.10",
    "noble": "ubuntu:24.04",
    "oracular": "ubuntu:24.10",
    "plucky": "ubuntu:25.04",
    "questing": "ubuntu:25.10",
    "resolute": "ubuntu:26.04",
}
# Systems that rebuild the packages of another under the same versions.
_SAME_PACKAGES = {"raspbian": "debian", "centos": "rhel"}
_BY_MAJOR = frozenset({"rhel", "almalinux", "rocky", "ol", "debian"})

_NAMES = (
    (re.compile(r"Red Hat Enterprise Linux (?P<version>\d+)"), "rhel"),
    (re.compile(r"AlmaLinux (?P<version>\d+)"), "almalinux"),
    (re.compile(r"Rocky Linux (?P<version>\d+)"), "rocky"),
    (re.compile(r"Oracle Linux (?P<version>\d+)"), "ol"),
    (re.compile(r"openSUSE Leap (?P<version>\d+\.\d+)"), "opensuse-leap"),
    (re.compile(r"openSUSE Tumbleweed(?P<version>)"), "opensuse-tumbleweed"),
    (
        re.compile(
            r"SUSE Linux Enterprise (?:Server|Desktop|High Performance Computing|High Availability Extension"
            r"|Module for .+?)"
            r" (?P<version>\d+)(?: SP(?P<pack>\d))?"
        ),
        "sles",
    ),
    (re.compile(r"Ubuntu (?P<version>\d\d\.\d\d)"), "ubuntu"),
    (re.compile(r"Debian (?:GNU/Linux )?(?P<version>\d+)"), "debian"),
    (re.compile(r"Alpine(?: Linux)? v?(?P<version>\d+\.\d+)"), "alpine"),
)
# https://ossf.github.io/osv-schema/#defined-ecosystems
_ECOSYSTEMS = {
    "debian": "debian",
    "ubuntu": "ubuntu",
    "alpine": "alpine",
    "almalinux": "almalinux",
    "rocky linux": "rocky",
}
_CPE = re.compile(r"cpe:/[ao]:(?P<vendor>[^:]+):(?P<product>[^:]+):(?P<version>[^:]+)(?::(?:sp(?P<pack>\d))?)?")
_CPE_PRODUCTS = {
    ("redhat", "enterprise_linux"): "rhel",
    # Extended support stays on a minor release, with fixes of its own: it counts for machines of that release only.
    ("redhat", "rhel_eus"): "rhel",
    ("redhat", "rhel_aus"): "rhel",
    ("redhat", "rhel_e4s"): "rhel",
    ("redhat", "rhel_tus"): "rhel",
    ("suse", "sles"): "sles",
    ("suse", "sles-ltss"): "sles",
    ("suse", "sled"): "sles",
    ("suse", "sle-module-basesystem"): "sles",
    ("suse", "sle-module-server-applications"): "sles",
    ("opensuse", "leap"): "opensuse-leap",
}
_MODULES = re.compile(r"sle-(?:module-.+|ha|hpc.*|sdk|we)")


def releases_of(facts: MachineFacts) -> tuple[str, ...]:
    """The names under which feeds speak of a machine's release, the most exact first; nothing where it is not known."""
    if not facts.os_id or not facts.os_version:
        return ()
    family, version = _SAME_PACKAGES.get(facts.os_id.lower(), facts.os_id.lower()), facts.os_version
    parts = version.split(".")
    if family == "alpine":
        version = ".".join(parts[:2])
    names = [f"{family}:{version}"]
    if family in _BY_MAJOR and len(parts) > 1:
        names.append(f"{family}:{parts[0]}")
    return tuple(names)


def release_of_codename(codename: str) -> str | None:
    """The release that Debian or Ubuntu call ``codename``; that of Ubuntu's ``esm-infra/bionic`` is ``bionic``."""
    return _CODENAMES.get(codename.rpartition("/")[2].lower())


def release_of_name(name: str) -> str | None:
    """The release with the full name ``name``, as titles and OVAL platforms have it."""
    for pattern, family in _NAMES:
        if match := pattern.search(name):
            pack = match.groupdict().get("pack")
            return f"{family}:{match['version']}.{pack}" if pack else f"{family}:{match['version']}".rstrip(":")
    return None


def release_of_ecosystem(ecosystem: str) -> str | None:
    """The release of an ecosystem of OSV: ``Debian:12``, ``Ubuntu:Pro:22.04:LTS``, ``Alpine:v3.20``."""
    name, _, rest = ecosystem.partition(":")
    family = _ECOSYSTEMS.get(name.lower())
    if family:
        version = next(
            (part.removeprefix("v") for part in rest.split(":") if part[:1].isdigit() or part[:1] == "v"), ""
        )
        return f"{family}:{version}" if version else None
    if name == "Red Hat":
        return release_of_cpe(f"cpe:/a:redhat:{rest}")
    return release_of_name(rest if name == "SUSE" else f"openSUSE {rest}") if name in ("SUSE", "openSUSE") else None


def release_of_cpe(cpe: str) -> str | None:
    """The release that a CPE names: ``cpe:/a:redhat:enterprise_linux:9::appstream``, ``cpe:/o:suse:sles:15:sp5``."""
    match = _CPE.match(cpe)
    if match is None:
        return None
    family = _CPE_PRODUCTS.get((match["vendor"], match["product"]))
    if family is None and match["vendor"] == "suse" and _MODULES.fullmatch(match["product"]):
        family = "sles"
    if family is None:
        return None
    return f"{family}:{match['version']}.{match['pack']}" if match["pack"] else f"{family}:{match['version']}"
