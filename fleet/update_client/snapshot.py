"""What a machine said of its update client at one moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from fleet.update_client.group_policy import PolicyEntry
from fleet.update_client.held import Held, number
from fleet.update_client.values import MICROSOFT_UPDATE

# Windows Server 2016 and Windows 10 1607.
_BUILD_OF_2016 = 14393
_WORKSTATION = 1


@dataclass(frozen=True, slots=True)
class ClientSnapshot:
    """The settings of one machine; what is not in ``values`` is not set.

    ``is_microsoft_update_registered`` None: that could not be found out. ``policies`` are what Group Policy sets, None
    where its files could not be read. ``managed_by`` are names of policies that a device management (MDM) has set.
    ``product_type`` is 1 for a workstation, 2 and 3 for servers, 0 where unknown. ``notes`` say what could not be read.
    """

    values: Mapping[str, Held] = field(default_factory=dict)
    is_microsoft_update_registered: bool | None = None
    policies: tuple[PolicyEntry, ...] | None = None
    managed_by: tuple[str, ...] = ()
    domain: str = ""
    is_domain_member: bool | None = None
    build: int = 0
    product_type: int = 0
    caption: str = ""
    is_administrator: bool | None = None
    notes: tuple[str, ...] = ()

    @property
    def is_server_2016(self) -> bool:
        """Whether it is a Windows Server 2016 or newer."""
        return self.build >= _BUILD_OF_2016 and self.product_type > _WORKSTATION

    def held(self, name: str) -> Held | None:
        """What the setting ``name`` holds; of the service of other products 1 or nothing."""
        if name == MICROSOFT_UPDATE:
            return number(1) if self.is_microsoft_update_registered else None
        return self.values.get(name)

    def number_of(self, name: str) -> int | None:
        """The number that the setting holds; None where it holds none."""
        held = self.values.get(name)
        return held.number if held is not None and held == number(held.number) else None

    def text_of(self, name: str) -> str:
        """The text that the setting holds; empty where it holds none."""
        held = self.values.get(name)
        return held.text if held is not None and held.is_writable else ""
