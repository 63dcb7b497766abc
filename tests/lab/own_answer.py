"""What a machine's own package manager says, asked inside the machine and read apart from Patchdeck's own reading."""

import re
import subprocess
from dataclasses import dataclass

from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import USER

_INSTALLATION = re.compile(r"^Inst (?P<name>\S+) (?:\[(?P<old>[^]]+)\] )?\((?P<new>\S+) .*\[(?P<arch>[a-z0-9]+)\]\)")
_UPGRADABLE = re.compile(r"^(?P<name>[^/]+)/\S+ (?P<new>\S+) (?P<arch>\S+) \[upgradable from: (?P<old>\S+)\]$")
_VERSION = re.compile(r"^ (?:\*\*\*|   ) (?P<version>\S+) -?\d+")
_SOURCE = re.compile(r"^ {8,} *-?\d+ (?P<source>\S.*)$")


@dataclass(frozen=True, slots=True)
class Offer:
    """One update as apt offers it: ``architecture`` is the package's own, `all` included."""

    name: str
    architecture: str
    installed: str
    offered: str


@dataclass(frozen=True, slots=True)
class OwnAnswer:
    """What apt and dpkg say: ``offers`` is `apt list --upgradable`, ``ordinary`` what `apt-get upgrade` would install.

    ``security`` are the offers where a version above the installed one is in a security suite.
    """

    offers: frozenset[Offer]
    ordinary: frozenset[tuple[str, str]]
    held: frozenset[str]
    security: frozenset[Offer]
    installed: dict[tuple[str, str], str]


def ask(lab: Lab, name: str) -> OwnAnswer:
    """What the package manager of machine ``name`` says, asked as the same ordinary user: root may need a free disk."""
    offers = frozenset(_read_upgradable(_say(lab, name, "apt list --upgradable")))
    tables = _read_policy(_say(lab, name, f"apt-cache policy {' '.join(_asked(offer) for offer in offers)}"))
    return OwnAnswer(
        offers=offers,
        ordinary=_read_plan(_say(lab, name, "apt-get -s upgrade")),
        held=frozenset(_say(lab, name, "apt-mark showhold").split()),
        security=frozenset(offer for offer in offers if _is_fix_between(offer, tables[_asked(offer)])),
        installed=_read_installed(_say(lab, name, r"dpkg-query -W -f='${Package} ${Architecture} ${Version}\n'")),
    )


def _say(lab: Lab, name: str, command: str) -> str:
    return lab.exec(name, ["sh", "-c", f"LC_ALL=C {command}"], user=USER).stdout


def _asked(offer: Offer) -> str:
    is_foreign = offer.architecture not in ("all", "amd64")
    return f"{offer.name}:{offer.architecture}" if is_foreign else offer.name


def _read_upgradable(text: str) -> list[Offer]:
    found = [_UPGRADABLE.match(line) for line in text.splitlines()]
    return [Offer(match["name"], match["arch"], match["old"], match["new"]) for match in found if match]


def _read_plan(text: str) -> frozenset[tuple[str, str]]:
    found = [_INSTALLATION.match(line) for line in text.splitlines() if line.startswith("Inst ")]
    assert all(found), text
    return frozenset((match["name"].partition(":")[0], match["arch"]) for match in found if match and match["old"])


def _read_installed(text: str) -> dict[tuple[str, str], str]:
    rows = [line.split() for line in text.splitlines()]
    return {(row[0], row[1]): row[2] for row in rows if len(row) == 3}


def _read_policy(text: str) -> dict[str, dict[str, list[str]]]:
    """Package to version to the sources of that version."""
    tables: dict[str, dict[str, list[str]]] = {}
    for line in text.splitlines():
        if not line.startswith(" "):
            versions: dict[str, list[str]] = {}
            tables[line.removesuffix(":")] = versions
        elif version := _VERSION.match(line):
            versions[version["version"]] = []
        elif versions and (source := _SOURCE.match(line)):
            versions[list(versions)[-1]].append(source["source"])
    return tables


def _is_fix_between(offer: Offer, versions: dict[str, list[str]]) -> bool:
    """Whether a security suite has a version above the installed one, up to the offered one."""
    fixes = [version for version, sources in versions.items() if any("-security/" in source for source in sources)]
    return any(_holds(fix, "gt", offer.installed) and _holds(fix, "le", offer.offered) for fix in fixes)


def _holds(left: str, relation: str, right: str) -> bool:
    return subprocess.run(["dpkg", "--compare-versions", left, relation, right], check=False).returncode == 0
