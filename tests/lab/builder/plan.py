"""The plan of one running lab: which machines, where; written by who starts it, read by its supervisor."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.lab.builder.machines import SPECS
from tests.lab.builder.specs import Door, MachineSpec


@dataclass(frozen=True, slots=True)
class Place:
    """Where one machine of a running lab is: its address and port, and those of the sshd behind its door."""

    name: str
    address: str
    port: int
    sshd_address: str
    uptime_seconds: int

    @property
    def spec(self) -> MachineSpec:
        """What the machine is."""
        return SPECS[self.name]


@dataclass(frozen=True, slots=True)
class Plan:
    """A running lab: ``generation`` holds its layers, ``folder`` what is its own, ``net`` begins its addresses."""

    generation: Path
    folder: Path
    net: str
    places: tuple[Place, ...]

    @property
    def repositories_at(self) -> str:
        """The address of the lab's repositories."""
        return f"{self.net}.255.1"

    @property
    def lost_hosts(self) -> tuple[str, ...]:
        """The names that lead to the Debian mirror in life, and nowhere in a machine."""
        return tuple((self.generation / "mirror_hosts").read_text().split())

    @property
    def nobody_at(self) -> str:
        """An address where nothing listens."""
        return f"{self.net}.255.2"

    @property
    def login_key(self) -> Path:
        """The private key that opens the machines."""
        return self.folder / "client" / "id_ed25519"

    @property
    def known_hosts(self) -> Path:
        """The host keys as the client knows them."""
        return self.folder / "client" / "known_hosts"

    def host_key(self, place: Place) -> Path:
        """The private host key of a machine."""
        return self.folder / place.name / "host_key"

    def write(self) -> Path:
        """The plan as a file in its folder."""
        path = self.folder / "plan.json"
        path.write_text(json.dumps(asdict(self), default=str))
        return path


def read_plan(path: Path) -> Plan:
    """The plan that `Plan.write` wrote."""
    found = json.loads(path.read_text())
    places = tuple(Place(**place) for place in found.pop("places"))
    return Plan(Path(found["generation"]), Path(found["folder"]), found["net"], places)


def make_plan(generation: Path, folder: Path, net: str, port: int, names: list[str]) -> Plan:
    """The places of ``names``: the address of a machine is the same in every lab of the same slot."""
    numbers = {name: number for number, name in enumerate(SPECS, start=1)}
    places = tuple(
        Place(
            name=name,
            address=f"{net}.0.{numbers[name]}",
            port=port,
            sshd_address=f"{net}.{0 if SPECS[name].door is Door.SSHD else 1}.{numbers[name]}",
            uptime_seconds=3_600 * numbers[name],
        )
        for name in names
    )
    return Plan(generation, folder, net, places)
