"""Updates of a peer: what Windows Update would say of them, and what becomes of them there."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

SECURITY = "0fa1201d-4330-4fa8-8ae9-b877473b6441"
CRITICAL = "e6cf1350-c01b-414d-a61f-263d14d133b4"
UPDATE_ROLLUPS = "28bc880e-0592-4cbf-8f95-c79b17911d5f"
UPDATES = "cd5ffd1e-e932-4e3a-bf74-18bf0b1bbd83"
DEFINITIONS = "e0789628-ce08-4437-be74-2495b842f43b"
FEATURE_PACKS = "b54e7d24-7add-428f-8b75-90a396fa584f"
SERVICE_PACKS = "68c5b0a3-d1a6-4553-ae49-01d3a7827828"
TOOLS = "b4832bd8-e735-4761-8daf-37f882276dab"
UPGRADES = "3689bdc8-b205-4af4-8d4a-a63924c5e9d5"
DRIVERS = "ebfc1fc5-71a4-4f7b-9aca-3b9a503104a0"

NAMES_OF_CLASSES = {
    SECURITY: "Security Updates",
    CRITICAL: "Critical Updates",
    UPDATE_ROLLUPS: "Update Rollups",
    UPDATES: "Updates",
    DEFINITIONS: "Definition Updates",
    FEATURE_PACKS: "Feature Packs",
    SERVICE_PACKS: "Service Packs",
    TOOLS: "Tools",
    UPGRADES: "Upgrades",
    DRIVERS: "Drivers",
}


@dataclass(slots=True)
class PeerCategory:
    """A category of an update. ``type`` is ``UpdateClassification``, ``Product``, ``ProductFamily`` or ``Company``."""

    id: str
    name: str
    type: str = "UpdateClassification"


@dataclass(slots=True)
class PeerBundled:
    """A child of an update: it holds the files, and its articles differ from its parent's."""

    id: str
    kb: list[str] = field(default_factory=list)


@dataclass(slots=True)
class PeerUpdate:
    """One update, with what IUpdate says of it (null where None), and below that how it behaves on its machine.

    ``reboot_behavior``: 0 never, 1 always, 2 can ask for one. ``impact``: 0 normal, 1 minor, 2 exclusive. ``type``: 1
    software, 2 driver. ``deployment_action``: 1 installation.

    ``is_needed`` and ``is_installed`` are what a search goes by. ``fails_times`` installations end with
    ``fails_with`` first; ``rolls_back``: it is reported installed, and offered again after the next reboot.
    ``offered_after`` is the id of an update that must be installed (and the machine rebooted, where that asks for one)
    before this one is offered. ``changes_every_seconds``: a definition whose revision goes up that often.
    ``superseded_by`` is the id of the update that takes its place once that one is offered. ``raises_ubr_to`` is the
    revision of Windows itself once it is in place.
    """

    id: str
    title: str
    revision: int = 200
    kb: list[str] | None = field(default_factory=list)
    cve: list[str] | None = field(default_factory=list)
    bulletins: list[str] | None = field(default_factory=list)
    severity: str | None = None
    categories: list[PeerCategory] | None = field(default_factory=list)
    type: int | None = 1
    deployment_action: int | None = 1
    is_downloaded: bool = False
    is_hidden: bool | None = False
    is_mandatory: bool | None = False
    is_present: bool | None = False
    browse_only: bool | None = False
    auto_select: bool | None = True
    eula_accepted: bool | None = True
    reboot_behavior: int | None = 2
    can_request_user_input: bool | None = False
    requires_network: bool | None = False
    impact: int | None = 0
    max_download_bytes: int | None = 52_428_800
    min_download_bytes: int | None = 0
    last_deployment_change: datetime | None = datetime(2026, 9, 8, 17, 0, tzinfo=UTC)
    deadline: datetime | None = None
    superseded: list[str] | None = field(default_factory=list)
    bundled: list[PeerBundled] | None = field(default_factory=list)
    support_url: str | None = "https://support.microsoft.com/help/"

    is_needed: bool = True
    is_installed: bool = False
    installed_at: datetime | None = None
    asks_for_reboot: bool = True
    waits_for_reboot: bool = False
    real_download_bytes: int | None = None
    download_seconds: float = 0.0
    install_seconds: float = 0.0
    fails_times: int = 0
    fails_with: str = "0x80070643"
    rolls_back: bool = False
    offered_after: str = ""
    changes_every_seconds: float = 0.0
    superseded_by: str = ""
    raises_ubr_to: int = 0

    @property
    def takes_bytes(self) -> int:
        """What its download really takes; ``max_download_bytes`` is only what the agent says of it."""
        return (self.max_download_bytes or 0) if self.real_download_bytes is None else self.real_download_bytes

    @property
    def is_exclusive(self) -> bool:
        """Whether it must be installed alone."""
        return self.impact == 2

    def revision_at(self, seconds: float) -> int:
        """Its revision so many seconds after its machine's clock began."""
        return self.revision + (int(seconds // self.changes_every_seconds) if self.changes_every_seconds else 0)


@dataclass(slots=True)
class PeerHistoryEntry:
    """One entry of the update history. ``operation``: 1 installation, 2 removal. ``result_code``: 2 succeeded."""

    at: datetime
    title: str
    update_id: str = ""
    operation: int = 1
    result_code: int = 2
    hresult: str = "0x00000000"


def classified(category: str, *products: str) -> list[PeerCategory]:
    """The categories of an update of one class, for ``products``."""
    return [
        PeerCategory(category, NAMES_OF_CLASSES.get(category, "")),
        *(PeerCategory(f"product-{name.lower().replace(' ', '-')}", name, "Product") for name in products),
    ]
