"""What dnf and rpm say on a machine of the lab, asked inside it by commands, apart from Patchdeck's own reading."""

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import USER

_ADVISORY = re.compile(
    r"^(?P<advisory>\S+) +(?P<kind>\S+) +(?P<name>\S+)-(?P<version>[^-\s]+)-(?P<release>[^-\s]+)\.(?P<arch>[^.\s]+)$"
)
_PLANNED = re.compile(r"^ (?P<name>\S+) +(?P<arch>\S+) +(?P<evr>\S+) +(?P<repository>\S+) +[\d.]+ \S+$")

Package = tuple[str, str]  # name and architecture


@dataclass(frozen=True, slots=True)
class DnfAnswer:
    """What the commands of dnf 4 say.

    ``offers`` is `check-update`: version and repository by package. ``obsoleting`` are those that replace others.
    ``advisories`` and ``cves`` are `updateinfo list --updates`, ``severities`` its second column.
    """

    offers: Mapping[Package, tuple[str, str]]
    obsoleting: frozenset[str]
    advisories: Mapping[Package, frozenset[str]]
    severities: Mapping[Package, frozenset[str]]
    cves: Mapping[Package, frozenset[str]]
    installed: frozenset[tuple[str, str, str]]


def ask_dnf(lab: Lab, name: str) -> DnfAnswer:
    """What dnf says on the machine ``name``, asked from the cache by an ordinary user: a lock would stop root."""
    offers, _, obsoletes = _say(lab, name, "dnf -q -C check-update").partition("Obsoleting Packages")
    listed = _read_advisories(_say(lab, name, "dnf -q -C updateinfo list --updates"))
    with_cves = _read_advisories(_say(lab, name, "dnf -q -C updateinfo list --updates --with-cve"))
    return DnfAnswer(
        offers=_read_offers(offers),
        obsoleting=frozenset(line.split(".")[0] for line in obsoletes.splitlines() if line[:1].strip()),
        advisories={package: frozenset(ids for ids, _ in rows) for package, rows in listed.items()},
        severities={package: frozenset(kind for _, kind in rows) for package, rows in listed.items()},
        cves={p: frozenset(ids for ids, _ in rows if ids.startswith("CVE-")) for p, rows in with_cves.items()},
        installed=_read_installed(_say(lab, name, r"rpm -qa --qf '%{NAME} %{ARCH} %{EVR}\n'")),
    )


def ask_plan(lab: Lab, name: str) -> Mapping[Package, str]:
    """What `upgrade --nobest` would upgrade or install on the machine ``name``, and in which version; root is asked."""
    return _read_plan(_say(lab, name, "dnf -C --assumeno --nobest upgrade", user="root"))


def _say(lab: Lab, name: str, command: str, user: str = USER) -> str:
    return lab.exec(name, ["sh", "-c", f"LC_ALL=C {command}"], user=user).stdout


def _read_offers(text: str) -> dict[Package, tuple[str, str]]:
    rows = [line.split() for line in text.splitlines()]
    return {_package(row[0]): (row[1], row[2]) for row in rows if len(row) == 3}


def _package(name_and_architecture: str) -> Package:
    name, _, architecture = name_and_architecture.rpartition(".")
    return name, architecture


def _read_advisories(text: str) -> dict[Package, set[tuple[str, str]]]:
    found: dict[Package, set[tuple[str, str]]] = defaultdict(set)
    for line in text.splitlines():
        # Plugins print on the same stream.
        if row := _ADVISORY.match(line):
            found[row["name"], row["arch"]].add((row["advisory"], row["kind"]))
    return found


def _read_plan(text: str) -> dict[Package, str]:
    found = {}
    section = ""
    for line in text.splitlines():
        if line.endswith(":"):
            section = line
        elif section in ("Upgrading:", "Installing:") and (row := _PLANNED.match(line)):
            found[row["name"], row["arch"]] = row["evr"]
    return found


def _read_installed(text: str) -> frozenset[tuple[str, str, str]]:
    rows = [line.split() for line in text.splitlines()]
    return frozenset((row[0], row[1], row[2]) for row in rows if len(row) == 3)
