"""A picture of a fleet at one instant: its machines and what each of them lacks, as far as a comparison needs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from fleet.answers import Answer
from fleet.compliance import Compliance
from fleet.status import MachineStatus

UpdateKey = tuple[str, str, str]


class MachinePicture(NamedTuple):
    """A machine; ``reboot`` is whether it asks for a restart, None before it ever answered."""

    name: str
    compliance: Compliance
    reboot: Answer | None = None


class UpdatePicture(NamedTuple):
    """An update that a machine lacks; ``blocker`` is why it would not be installed, empty where it would.

    Of Windows ``name`` is the title, and ``version`` the article.
    """

    name: str
    version: str
    installed_version: str
    classification: str
    blocker: str = ""


@dataclass(frozen=True, slots=True)
class FleetPicture:
    """The machines by id, and what they lack by machine, name (the id, of Windows) and architecture."""

    machines: Mapping[str, MachinePicture]
    updates: Mapping[UpdateKey, UpdatePicture]

    @property
    def assessed(self) -> int:
        """How many are known to be compliant or not."""
        return sum(machine.compliance.is_assessed for machine in self.machines.values())

    @property
    def compliant(self) -> int:
        """How many are compliant."""
        return sum(machine.compliance is Compliance.COMPLIANT for machine in self.machines.values())

    @property
    def lacking(self) -> int:
        """How many machines lack anything."""
        return len({machine_id for machine_id, _, _ in self.updates})


def picture_machines(statuses: Iterable[MachineStatus], at: datetime) -> dict[str, MachinePicture]:
    """The machines of ``statuses`` as they stand at ``at``, by id."""
    return {
        status.machine.id: MachinePicture(
            status.machine.name,
            status.compliance(at),
            status.last_answer.facts.reboot_required if status.last_answer else None,
        )
        for status in statuses
    }
