"""What is counted over machines: by system, and by group. Pure."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fleet.answers import Answer
from fleet.compliance import Compliance
from fleet.metrics import Family, Metric
from ops.metrics.machine_sights import CLASSES, MachineSight

Labels = tuple[str, ...]
# Not theirs to be touched, or not meant to be: what they miss is nobody's work.
_LEFT_ALONE = frozenset({Compliance.DISABLED, Compliance.OUTSIDE_SCOPE})


@dataclass(frozen=True, slots=True)
class Judged:
    """A machine with its compliance at the moment of the picture."""

    sight: MachineSight
    compliance: Compliance

    @property
    def is_in_scope(self) -> bool:
        """Whether it is enabled and may be touched."""
        return self.compliance not in _LEFT_ALONE


@dataclass(slots=True)
class Tally:
    """Counts over some machines; by class where it is of updates."""

    compliance: Counter[Compliance] = field(default_factory=Counter)
    counted: Counter[str] = field(default_factory=Counter)
    updates: Counter[str] = field(default_factory=Counter)
    machines: Counter[str] = field(default_factory=Counter)
    reboot: Counter[Answer] = field(default_factory=Counter)
    answered: int = 0
    not_installable: int = 0
    not_counted: Counter[str] = field(default_factory=Counter)
    attempted: int = 0
    not_ready: int = 0

    def add(self, judged: Judged) -> None:
        """Count one more machine."""
        self.compliance[judged.compliance] += 1
        if not judged.is_in_scope:
            return
        sight = judged.sight
        self.reboot[sight.reboot_required] += 1
        if sight.is_ready is not None:
            self.attempted += 1
            self.not_ready += not sight.is_ready
        if sight.counts is None:
            return
        self.answered += 1
        self.not_installable += sight.counts.not_installable
        self.not_counted.update(sight.not_counted())
        self.counted.update(sight.known_classes())
        for name, number in sight.missing().items():
            if number:
                self.updates[name] += number
                self.machines[name] += 1

    def known(self, counts: Mapping[str, int]) -> Iterator[tuple[str, int]]:
        """Of each class the count, where anything is known of it: nothing missing is 0 where somebody said so."""
        for name in CLASSES:
            if self.counted[name] or self.updates[name]:
                yield name, counts[name]


def judge_all(sights: Iterable[MachineSight], outside: Collection[str], now: datetime) -> dict[str, Judged]:
    """Every machine with its compliance at ``now``, by id."""
    return {each.id: Judged(each, each.compliance(now, in_scope=each.id not in outside)) for each in sights}


def tally_by(judged: Iterable[Judged], labels_of: Callable[[Judged], Labels]) -> dict[Labels, Tally]:
    """The tallies of machines that have the same labels."""
    tallies: dict[Labels, Tally] = {}
    for each in judged:
        tallies.setdefault(labels_of(each), Tally()).add(each)
    return tallies


def by_compliance(metric: Metric, tallies: Mapping[Labels, Tally]) -> Family:
    """Machines by compliance, every one of them also where there are none."""
    return Family(
        metric,
        {(*labels, each.value): tally.compliance[each] for labels, tally in tallies.items() for each in Compliance},
    )


def by_class(
    metric: Metric, tallies: Mapping[Labels, Tally], counts_of: Callable[[Tally], Mapping[str, int]]
) -> Family:
    """What ``counts_of`` gives, by class, as far as anything is known of the class."""
    return Family(
        metric,
        {
            (*labels, name): number
            for labels, tally in tallies.items()
            for name, number in tally.known(counts_of(tally))
        },
    )


def by_kind(metric: Metric, tallies: Mapping[Labels, Tally]) -> Family:
    """Updates that are in no count, by their kind, where any machine could have such."""
    return Family(
        metric,
        {(*labels, kind): number for labels, tally in tallies.items() for kind, number in tally.not_counted.items()},
    )


def by_reboot(metric: Metric, tallies: Mapping[Labels, Tally]) -> Family:
    """Machines by whether they need a reboot."""
    return Family(
        metric, {(*labels, each.value): tally.reboot[each] for labels, tally in tallies.items() for each in Answer}
    )
