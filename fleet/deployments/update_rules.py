"""Which updates a deployment installs: classes, masks, exclusions with a reason and an expiry, minimum age."""

from dataclasses import dataclass
from datetime import date

from fleet.updates import Classification


@dataclass(frozen=True, slots=True)
class UpdateMask:
    """Updates by name and, if given, by version. Both may hold ``*``; ``name`` is also compared with KB numbers.

    Written ``openssl*``, or ``openssl*=3.0.*`` with a version.
    """

    name: str
    version: str = ""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An update that is left out for a reason, until a day (that day included; None: for good), by whom."""

    mask: UpdateMask
    reason: str
    until: date | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class UpdateRules:
    """What is installed: updates of ``classes``, and those that ``include`` names, unless anything excludes them.

    Exclusion beats inclusion. No classes and no ``include``: nothing. To install a list only, give no classes.
    ``minimum_age_days`` is since this fleet first saw that version offered. ``allow_new_packages`` and
    ``allow_removals`` say what a transaction may do beside upgrading. On Windows, ``accept_licences`` accepts those of
    the updates that are installed, and without ``allow_optional`` optional ones (previews, drivers) are installed only
    where ``include`` names them. ``rounds`` is how often a machine installs, assesses and, where more is offered,
    installs again; None: as often as is usual for its system (`fleet.deployments.rounds`).
    """

    classes: tuple[Classification, ...] = ()
    include: tuple[UpdateMask, ...] = ()
    exclude: tuple[UpdateMask, ...] = ()
    exclusions: tuple[Exclusion, ...] = ()
    minimum_age_days: int = 0
    allow_new_packages: bool = True
    allow_removals: bool = False
    accept_licences: bool = False
    allow_optional: bool = False
    rounds: int | None = None
