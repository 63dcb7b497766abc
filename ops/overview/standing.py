"""How compliant some machines are: all of them, those of a system, those of a group; the denominator always with it.

Compliance is what `fleet.compliance` says, as everywhere. Pure.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fleet.answers import Answer
from fleet.compliance import Compliance
from fleet.hostile import clean_name
from fleet.name_lists import some_of
from fleet.status import MachineStatus

# What the saved query compliance-by-system calls the system of a machine that never answered.
UNKNOWN_SYSTEM = "(unknown)"
_JUDGED = (Compliance.COMPLIANT, Compliance.NON_COMPLIANT)
_LEFT_OUT = (Compliance.DISABLED, Compliance.OUTSIDE_SCOPE)


@dataclass(frozen=True, slots=True)
class Part:
    """Some machines of the fleet with their compliance, and the ids of those that are meant.

    ``problem`` is why it cannot be said who they are; they are none then, and that is no answer. ``is_pending``: it can
    be, once somebody asks the query that says it.
    """

    name: str
    counts: Mapping[Compliance, int] = field(default_factory=dict)
    ids: frozenset[str] = frozenset()
    unsure: int = 0
    problem: str = ""
    is_pending: bool = False

    @property
    def machines(self) -> int:
        """How many are meant: enabled ones inside the scope."""
        return sum(self.counts.values()) - self.left_out

    @property
    def left_out(self) -> int:
        """How many more are disabled or outside the scope."""
        return sum(self.counts.get(each, 0) for each in _LEFT_OUT)

    @property
    def assessed(self) -> int:
        """Those whose answer is fresh and whole: compliant or non-compliant."""
        return sum(self.counts.get(each, 0) for each in _JUDGED)

    @property
    def compliant(self) -> int:
        """Those of which it is known that they lack nothing critical or security."""
        return self.counts.get(Compliance.COMPLIANT, 0)

    @property
    def percent(self) -> float | None:
        """Compliant ones of all that are meant, as saved queries have it; None of none."""
        return round(100.0 * self.compliant / self.machines, 1) if self.machines else None

    def in_words(self) -> str:
        """``40 of 42 assessed, 10 non-compliant, 2 stale``; those that are left out behind."""
        if self.problem:
            return self.problem
        words = [f"{self.assessed:,} of {self.machines:,} assessed"]
        words += [
            f"{count:,} {each.value}"
            for each in Compliance
            if each is not Compliance.COMPLIANT and (count := self.counts.get(each, 0))
        ]
        if self.unsure:
            words.append(f"{self.unsure:,} perhaps in it, not counted")
        return ", ".join(words)


@dataclass(frozen=True, slots=True)
class JudgedMachine:
    """A machine with its compliance at the moment of the overview."""

    status: MachineStatus
    compliance: Compliance

    @property
    def is_meant(self) -> bool:
        """Whether it is enabled and inside the scope: what it lacks is somebody's work."""
        return self.compliance not in _LEFT_OUT

    @property
    def needs_reboot(self) -> bool:
        """Whether it said that it needs one."""
        answer = self.status.last_answer
        return answer is not None and answer.facts.reboot_required is Answer.YES

    @property
    def name(self) -> str:
        """Its name, harmless."""
        return clean_name(self.status.machine.name)

    @property
    def system(self) -> str:
        """Its system as the saved query compliance-by-system calls it."""
        answer = self.status.last_answer
        if answer is None:
            return UNKNOWN_SYSTEM
        facts = answer.facts
        told = facts.os_full_name or " ".join(filter(None, (facts.os_name, facts.os_version)))
        return clean_name(told) or UNKNOWN_SYSTEM


def part_of(name: str, machines: Iterable[JudgedMachine], unsure: int = 0) -> Part:
    """The machines under one name."""
    known = list(machines)
    counts = Counter(each.compliance for each in known)
    return Part(name, counts, frozenset(each.status.machine.id for each in known if each.is_meant), unsure)


def parts_by_system(machines: Iterable[JudgedMachine]) -> list[Part]:
    """The machines by their systems; those of most machines that are not compliant first."""
    by_system: dict[str, list[JudgedMachine]] = {}
    for each in machines:
        if each.is_meant:
            by_system.setdefault(each.system, []).append(each)
    return sorted((part_of(name, found) for name, found in by_system.items()), key=most_work_first)


def most_work_first(part: Part) -> tuple[bool, int, str]:
    """The order of parts: those of most machines that are not compliant first, unusable ones before all."""
    return (not part.problem, part.compliant - part.machines, part.name.casefold())


def judge_statuses(statuses: Iterable[MachineStatus], now: datetime) -> list[JudgedMachine]:
    """Every machine with its compliance at ``now``."""
    return [JudgedMachine(each, each.compliance(now)) for each in statuses]


def names_of(machines: Sequence[JudgedMachine]) -> str:
    """The first few of their names, by name."""
    return some_of(sorted((each.name for each in machines), key=str.casefold), 4)
