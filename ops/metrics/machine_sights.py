"""What metrics count about a machine: little, so that ten thousand of them can be kept in memory. Pure."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts
from fleet.compliance import Compliance, judge
from fleet.facts import MachineFacts
from fleet.failures import FailureKind
from fleet.machines import OSType
from fleet.status import MachineStatus

UNKNOWN = "unknown"
# Assessments look at three places, which may be as many file systems.
_MOST_DISKS = 8
CLASSES = ("critical", "security", "others", "unclassified")


@dataclass(frozen=True, slots=True)
class MachineSight:
    """A machine as metrics see it. ``system`` is as it said itself, as in ``debian 12``.

    What it has not answered yet is None or UNKNOWN; ``is_ready`` None: its last attempt failed.
    """

    id: str
    name: str
    enabled: bool
    os_type: OSType | None
    system: str = UNKNOWN
    last_failure: FailureKind | None = None
    is_ready: bool | None = None
    answered_at: datetime | None = None
    coverage: Coverage | None = None
    counts: MissingCounts | None = None
    reboot_required: Answer = Answer.UNKNOWN
    end_of_life: date | None = None
    booted_at: datetime | None = None
    disks: tuple[tuple[str, int], ...] = ()

    @property
    def os(self) -> str:
        """The system's family for a label."""
        return self.os_type.value if self.os_type is not None else UNKNOWN

    def compliance(self, now: datetime, *, in_scope: bool) -> Compliance:
        """As `MachineStatus.compliance`."""
        return judge(
            now=now,
            enabled=self.enabled,
            os_type=self.os_type,
            last_failure=self.last_failure,
            answered_at=self.answered_at,
            coverage=self.coverage,
            counts=self.counts,
            in_scope=in_scope,
        )

    def missing(self) -> Mapping[str, int]:
        """How many updates of each class it is known to miss."""
        counts = self.counts or MissingCounts()
        return dict(zip(CLASSES, (counts.critical, counts.security, counts.others, counts.unclassified), strict=True))

    def not_counted(self) -> Mapping[str, int]:
        """What it is offered beside what it misses, by kind; nothing where that is unknown, or no Windows."""
        if self.counts is None or self.os_type is not OSType.WINDOWS:
            return {}
        kinds = {"definitions": self.counts.definitions, "set-aside": self.counts.set_aside}
        return kinds if self.known_classes() or any(kinds.values()) else {}

    def known_classes(self) -> Collection[str]:
        """The classes of which it is known how many updates are missing, be it none."""
        return _KNOWN.get(self.coverage, ()) if self.counts is not None else ()


# Where nothing tells the class of updates, "no security updates" is not known: see `Coverage`.
_KNOWN: Mapping[Coverage | None, tuple[str, ...]] = {
    Coverage.COMPLETE: CLASSES,
    Coverage.UNCLASSIFIED: ("unclassified",),
    Coverage.SECURITY_UNKNOWN: ("others", "unclassified"),
}


def sight_of(status: MachineStatus) -> MachineSight:
    """The sight of the machine of ``status``."""
    machine, attempt, answer = status.machine, status.last_attempt, status.last_answer
    failure = attempt.failure if attempt is not None else None
    is_ready = attempt.is_ready if attempt is not None and failure is None else None
    kind = failure.kind if failure is not None else None
    if answer is None:
        return MachineSight(machine.id, machine.name, machine.enabled, status.os_type, UNKNOWN, kind, is_ready)
    facts = answer.facts
    return MachineSight(
        id=machine.id,
        name=machine.name,
        enabled=machine.enabled,
        os_type=status.os_type,
        system=_system(facts),
        last_failure=kind,
        is_ready=is_ready,
        answered_at=answer.ended_at,
        coverage=answer.coverage,
        counts=answer.counts,
        reboot_required=facts.reboot_required,
        end_of_life=facts.end_of_life,
        booted_at=facts.booted_at,
        disks=tuple((disk.path, disk.free_bytes) for disk in facts.disks[:_MOST_DISKS]),
    )


def _system(facts: MachineFacts) -> str:
    """Few words that many machines share. A version of Windows is a build, another one every month."""
    if facts.os_type is OSType.WINDOWS:
        return facts.os_full_name or facts.os_name or UNKNOWN
    return " ".join(filter(None, (facts.os_id or facts.os_name, facts.os_version))) or UNKNOWN
