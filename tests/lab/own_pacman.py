"""What pacman says on a machine of the lab, asked inside it and read apart from Patchdeck's own reading."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.lab.builder.lab import Lab
from tests.lab.builder.recipe import USER

_OFFER = re.compile(r"^(?P<name>\S+) (?P<old>\S+) -> (?P<new>\S+)(?P<ignored> \[ignored\])?$")


@dataclass(frozen=True, slots=True)
class PacmanAnswer:
    """What pacman says: ``offers`` is `-Qu`, as installed and offered version by name; ``installed`` is `-Q`."""

    offers: Mapping[str, tuple[str, str]]
    ignored: frozenset[str]
    installed: Mapping[str, str]


def ask_pacman(lab: Lab, name: str) -> PacmanAnswer:
    """What pacman says on the machine ``name``, asked as the ordinary user."""
    found = [_OFFER.match(line) for line in _say(lab, name, "pacman -Qu").splitlines()]
    assert all(found)
    return PacmanAnswer(
        offers={row["name"]: (row["old"], row["new"]) for row in found if row},
        ignored=frozenset(row["name"] for row in found if row and row["ignored"]),
        installed=dict(line.split(" ", 1) for line in _say(lab, name, "pacman -Q").splitlines()),
    )


def _say(lab: Lab, name: str, command: str) -> str:
    return lab.exec(name, ["sh", "-c", f"LC_ALL=C {command}"], user=USER).stdout
