"""The result of assessing one machine once."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from fleet.answers import Coverage
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind, Finding, Severity
from fleet.updates import Classification, Update


class Outcome(StrEnum):
    """How an assessment ended. INCOMPLETE: the machine answered, but what is missing is not wholly known."""

    SUCCEEDED = "succeeded"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Assessment:
    """What one scan of one machine gave.

    ``installed`` maps (name, architecture) to the installed version of every package, so that an update which is no
    longer offered can be told installed from withdrawn; empty when unknown. Of Windows, an update is there by its id,
    too. A failed assessment has ``failure``, no updates and coverage UNKNOWN. ``sources`` maps those of them that are
    built from a source package of another name or version to its name, with its version behind a space where that is
    another: ``lvm2 2.03.16-2``. ``fix_sources`` are the feeds that were asked which fixes it lacks, since they name
    some for its release.
    """

    machine_id: str
    machine_name: str
    started_at: datetime
    ended_at: datetime
    coverage: Coverage
    facts: MachineFacts = field(default_factory=MachineFacts)
    updates: tuple[Update, ...] = ()
    installed: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    findings: tuple[Finding, ...] = ()
    failure: Failure | None = None
    sources: Mapping[tuple[str, str], str] = field(default_factory=lambda: MappingProxyType({}))
    fix_sources: tuple[str, ...] = ()

    @property
    def outcome(self) -> Outcome:
        """Succeeded, incomplete or failed; see `Outcome`."""
        if self.failure is not None:
            return Outcome.FAILED
        return Outcome.SUCCEEDED if self.coverage.sees_every_update else Outcome.INCOMPLETE

    @property
    def was_attempted(self) -> bool:
        """Whether anything was asked of the machine: one outside the scope says nothing new of itself."""
        return self.failure is None or self.failure.kind is not FailureKind.OUT_OF_SCOPE

    @property
    def is_ready(self) -> bool:
        """Whether nothing was found that would stop patching this machine."""
        return self.failure is None and not any(f.severity is Severity.ERROR for f in self.findings)


@dataclass(frozen=True, slots=True)
class MissingCounts:
    """How many updates a machine misses, by class, and how many of them an ordinary upgrade would not install.

    Of Windows, apart from all of these: ``definitions``, which change several times a day, and ``set_aside``, what
    nobody wants installed unless it is asked for (see `Update.is_set_aside`).
    """

    critical: int = 0
    security: int = 0
    others: int = 0
    unclassified: int = 0
    not_installable: int = 0
    definitions: int = 0
    set_aside: int = 0

    @property
    def total(self) -> int:
        """All missing updates."""
        return self.critical + self.security + self.others + self.unclassified

    @property
    def listed(self) -> int:
        """All updates that are offered: the missing ones, definitions and what is set aside."""
        return self.total + self.definitions + self.set_aside


def count_missing(updates: tuple[Update, ...]) -> MissingCounts:
    """The counts over ``updates``; every class that is neither critical, security nor unclassified is an other."""
    wanted = [update for update in updates if not update.is_set_aside]
    counted = [each for each in wanted if each.classification is not Classification.DEFINITION_UPDATES]
    classes = [update.classification for update in counted]
    critical = classes.count(Classification.CRITICAL)
    security = classes.count(Classification.SECURITY)
    unclassified = classes.count(Classification.UNCLASSIFIED)
    return MissingCounts(
        critical=critical,
        security=security,
        others=len(classes) - critical - security - unclassified,
        unclassified=unclassified,
        not_installable=sum(not update.is_installable for update in counted),
        definitions=len(wanted) - len(counted),
        set_aside=len(updates) - len(wanted),
    )
