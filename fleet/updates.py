"""Updates as a machine's own package manager offers them."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Classification(StrEnum):
    """Classes of updates, spelt as in the record tables. UNCLASSIFIED: the family gives no metadata to tell."""

    CRITICAL = "Critical Updates"
    SECURITY = "Security Updates"
    OTHERS = "Others"
    UNCLASSIFIED = "Unclassified"
    UPDATE_ROLLUPS = "Update Rollups"
    FEATURE_PACKS = "Feature Packs"
    SERVICE_PACKS = "Service Packs"
    DEFINITION_UPDATES = "Definition Updates"
    TOOLS = "Tools"
    UPDATES = "Updates"
    DRIVERS = "Drivers"
    UPGRADES = "Upgrades"

    @property
    def makes_non_compliant(self) -> bool:
        """Whether a machine that misses an installable update of this class is non-compliant."""
        return self in (Classification.CRITICAL, Classification.SECURITY)


class UpdateState(StrEnum):
    """The state of an update on a machine, spelt as in the record tables."""

    NEEDED = "Needed"
    INSTALLED = "Installed"
    NOT_NEEDED = "NotNeeded"


class Blocker(StrEnum):
    """Why an update that is offered would not be installed now."""

    HELD = "held"
    VERSION_LOCKED = "version-locked"
    EXCLUDED = "excluded"
    PHASED = "phased"
    KEPT_BACK = "kept-back"
    NEEDS_NEW_PACKAGES = "needs-new-packages"
    NEEDS_REMOVALS = "needs-removals"
    PINNED = "pinned"
    NEEDS_SUBSCRIPTION = "needs-subscription"
    PACKAGE_MANAGER_BROKEN = "package-manager-broken"
    REPOSITORY_FAILING = "repository-failing"
    DEPENDENCY_EXCLUDED = "dependency-excluded"
    DEPENDENCY_MISSING = "dependency-missing"
    NEEDS_CONFIRMATION = "needs-confirmation"
    VENDOR_CHANGE = "vendor-change"
    HIDDEN = "hidden"
    OPTIONAL = "optional"
    NEEDS_LICENCE = "needs-licence"
    NEEDS_PERSON = "needs-person"


class RebootBehavior(StrEnum):
    """What a Windows update says of restarts, spelt as in the record tables."""

    NEVER = "NeverReboots"
    ALWAYS = "AlwaysRequiresReboot"
    CAN_REQUEST = "CanRequestReboot"


@dataclass(frozen=True, slots=True)
class WindowsUpdate:
    """What Windows Update alone says of an update.

    ``update_id`` and ``revision`` are what it is ordered by. ``kb`` are article numbers without ``KB``, and not always
    numbers; ``product`` is the product family. ``is_optional`` is one that is offered to who looks for it (previews,
    most drivers). ``is_exclusive``: it is installed alone. ``severity`` is the MSRC's, empty where it gives none, which
    is never "low".
    """

    update_id: str
    revision: str
    kb: tuple[str, ...] = ()
    product: str = ""
    approval_source: str = ""
    severity: str = ""
    bulletins: tuple[str, ...] = ()
    reboot_behavior: RebootBehavior | None = None
    is_optional: bool = False
    is_hidden: bool = False
    is_downloaded: bool = False
    is_exclusive: bool = False
    is_approved: bool | None = None
    is_licence_accepted: bool = True


@dataclass(frozen=True, slots=True)
class Update:
    """One package for which the machine is offered a newer version.

    ``repository`` is origin and suite as the machine knows them (``Debian-Security:12/oldstable-security``);
    ``classification_source`` says what the class rests on. ``blocker`` is None for an update that an ordinary
    upgrade installs; otherwise ``blocker_detail`` is its evidence. ``size_bytes`` is the download, None if unknown.
    ``severity`` is the vendor's own word for it, empty where there is none. ``advisories``, their ``urls`` and ``cves``
    are those that the machine's own metadata gives for the versions above the installed one, up to the offered one, in
    order. ``source_package`` is what trackers of distributions know the package by, empty if unknown.

    By feeds, once it is stored: ``cve_source`` are the names of those that gave the CVEs where the metadata gave
    none, ``cve_severity`` is the worst severity of the CVEs, ``known_exploited`` whether one of them is known to be
    exploited.

    Of Windows: ``name`` is the title, made unique on its machine, ``offered_version`` the first article as ``KB123``
    (``rev REVISION`` where it has none), ``architecture`` and ``installed_version`` are empty, ``severity`` is the
    MSRC's, and ``windows`` has the rest.
    """

    name: str
    architecture: str
    installed_version: str
    offered_version: str
    classification: Classification
    classification_source: str
    repository: str
    blocker: Blocker | None = None
    blocker_detail: str = ""
    size_bytes: int | None = None
    severity: str = ""
    advisories: tuple[str, ...] = ()
    urls: tuple[str, ...] = ()
    cves: tuple[str, ...] = ()
    published_at: datetime | None = None
    source_package: str = ""
    cve_source: str = ""
    cve_severity: str = ""
    known_exploited: bool | None = None
    windows: WindowsUpdate | None = None

    @property
    def is_installable(self) -> bool:
        """Whether an ordinary upgrade would install it now."""
        return self.blocker is None

    @property
    def is_set_aside(self) -> bool:
        """Whether it is no part of what a machine lacks: hidden by a person, optional, a driver, a new Windows."""
        return self.blocker in (Blocker.HIDDEN, Blocker.OPTIONAL)
