"""What zypper and rpm say on a machine of the lab, asked inside it, as tables for people, apart from our reading."""

from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import USER
from tests.lab.own_dnf import Package


@dataclass(frozen=True, slots=True)
class Patch:
    """One row of `zypper list-patches`."""

    category: str
    severity: str
    interactive: str
    status: str


@dataclass(frozen=True, slots=True)
class ZypperAnswer:
    """What zypper says: ``offers`` is `list-updates`, as installed version, offered version and repository by package.

    ``known`` is the same with updates that it would not install; ``check_code`` is how `patch-check` ends.
    """

    offers: Mapping[Package, tuple[str, str, str]]
    known: Mapping[Package, tuple[str, str, str]]
    patches: Mapping[str, Patch]
    check_code: int
    reboot_code: int
    installed: frozenset[tuple[str, str, str]]


def ask_zypper(lab: Lab, name: str) -> ZypperAnswer:
    """What zypper says on the machine ``name``, asked as the ordinary user, whom no lock stops."""
    installed = _say(lab, name, r"rpm -qa --qf '%{NAME} %{ARCH} %{EVR}\n'")
    return ZypperAnswer(
        offers=_read_offers(_say(lab, name, "zypper --no-refresh list-updates")),
        known=_read_offers(_say(lab, name, "zypper --no-refresh list-updates --all")),
        patches={row[1]: Patch(*row[2:6]) for row in _rows(_say(lab, name, "zypper --no-refresh list-patches"), 7)},
        check_code=_code(lab, name, "zypper --no-refresh patch-check"),
        reboot_code=_code(lab, name, "zypper needs-rebooting"),
        installed=frozenset((row[0], row[1], row[2]) for row in map(str.split, installed.splitlines())),
    )


def _say(lab: Lab, name: str, command: str) -> str:
    return lab.exec(name, ["sh", "-c", f"LC_ALL=C {command}"], user=USER).stdout


def _code(lab: Lab, name: str, command: str) -> int:
    return lab.exec(name, ["sh", "-c", f"LC_ALL=C {command}"], user=USER).returncode


def _read_offers(text: str) -> dict[Package, tuple[str, str, str]]:
    return {(row[2], row[5]): (row[3], row[4], row[1]) for row in _rows(text, 6)}


def _rows(text: str, columns: int) -> list[list[str]]:
    """The rows of zypper's tables: each begins below a ruler, and other text may stand around them."""
    found = []
    in_table = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        is_ruler = line.startswith("-") and set(line) <= {"-", "+"}
        if in_table and len(cells) == columns:
            found.append(cells)
        in_table = is_ruler or (in_table and len(cells) == columns)
    return found
