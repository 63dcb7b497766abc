"""What a deployment would come to by what is known already: no machine is asked, and no package manager simulates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from fleet.answers import Answer
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Simulation
from fleet.deployments.plan_warnings import expect_reboot, is_kernel
from fleet.deployments.prediction import PastInstall, PlannedWork, Prediction, fits, predict
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.selection import select
from fleet.deployments.zones import find_zone
from fleet.facts import MachineFacts
from fleet.updates import Classification, Update


@dataclass(frozen=True, slots=True)
class KnownMachine:
    """A machine as it answered last: what it misses, and when the fleet first saw each version; ``facts`` None: never
    assessed.
    """

    id: str
    name: str
    facts: MachineFacts | None
    updates: Sequence[Update] = ()
    first_seen: Mapping[tuple[str, str], datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ClassOutlook:
    """How many updates of a class would be installed, an update on two machines counted twice, on how many machines."""

    classification: Classification
    updates: int
    machines: int


@dataclass(frozen=True, slots=True)
class MachineOutlook:
    """What would be done on one machine: how many updates, whether it restarts, how long that takes, if it fits."""

    name: str
    updates: int
    reboots: bool
    prediction: Prediction | None
    fits: Answer


@dataclass(frozen=True, slots=True)
class Outlook:
    """What it comes to. ``machines`` has those that something would be done on, the longest first; ``idle`` is how many
    miss nothing of what is chosen, ``unassessed`` of how many nothing is known.
    """

    total: int
    unassessed: int
    idle: int
    classes: tuple[ClassOutlook, ...]
    machines: tuple[MachineOutlook, ...]

    @property
    def updates(self) -> int:
        """How many installations it would be."""
        return sum(each.updates for each in self.machines)

    @property
    def too_long(self) -> tuple[MachineOutlook, ...]:
        """The machines whose work, taken carefully, does not end within the window."""
        return tuple(each for each in self.machines if each.fits is Answer.NO)

    @property
    def untold(self) -> int:
        """How many machines have work of which no history says how long it takes."""
        return sum(each.prediction is None for each in self.machines)


def foresee(
    deployment: Deployment, machines: Iterable[KnownMachine], history: Sequence[PastInstall], now: datetime
) -> Outlook:
    """What ``deployment`` would come to on ``machines``; what new packages an installation brings is not among it.

    Raises:
        BadInput: the schedule's zone is not known.
    """
    zone = find_zone(deployment.schedule.time_zone) if deployment.schedule else UTC
    today = now.astimezone(zone).date()
    known = list(machines)
    assessed = [each for each in known if each.facts is not None]
    chosen = {each.id: _chosen(deployment, each, today, now) for each in assessed}
    reboots_all = deployment.reboot.policy in (RebootPolicy.ALWAYS, RebootPolicy.ONLY)
    busy = [each for each in assessed if chosen[each.id] or reboots_all]
    outlooks = [_outlook(deployment, each, chosen[each.id], history) for each in busy]
    return Outlook(
        total=len(known),
        unassessed=len(known) - len(assessed),
        idle=len(assessed) - len(busy),
        classes=tuple(_by_class(chosen.values())),
        machines=tuple(sorted(outlooks, key=lambda each: (-_careful(each.prediction), each.name))),
    )


def _careful(prediction: Prediction | None) -> float:
    if prediction is None:
        return -1.0
    return prediction.careful_install_seconds + (prediction.careful_reboot_seconds or 0.0)


def _chosen(deployment: Deployment, machine: KnownMachine, today: date, now: datetime) -> Sequence[Update]:
    if deployment.reboot.policy is RebootPolicy.ONLY:
        return ()
    rules = deployment.updates
    # Without masks to include, what is of another class is never chosen: of large fleets that is most of it.
    updates = machine.updates if rules.include else [u for u in machine.updates if u.classification in rules.classes]
    return select(updates, rules, today=today, now=now, first_seen=machine.first_seen).chosen


def _outlook(
    deployment: Deployment, machine: KnownMachine, chosen: Sequence[Update], history: Sequence[PastInstall]
) -> MachineOutlook:
    facts = machine.facts or MachineFacts()
    has_kernel = any(is_kernel(update.name) for update in chosen)
    reboots = _reboots(deployment.reboot.policy, facts, chosen, has_kernel=has_kernel)
    sizes = [update.size_bytes for update in chosen]
    download = None if None in sizes else sum(size for size in sizes if size is not None)
    work = PlannedWork(len(chosen), download, has_kernel, reboots)
    prediction = predict(history, work, machine.id, facts.package_manager or "")
    return MachineOutlook(machine.name, len(chosen), reboots, prediction, fits(prediction, deployment.window))


def _reboots(policy: RebootPolicy, facts: MachineFacts, chosen: Sequence[Update], *, has_kernel: bool) -> bool:
    match policy:
        case RebootPolicy.ALWAYS | RebootPolicy.ONLY:
            return True
        case RebootPolicy.NEVER:
            return False
        case RebootPolicy.IF_REQUIRED:
            return has_kernel or expect_reboot(facts, Simulation(), chosen) is Answer.YES


def _by_class(chosen: Iterable[Sequence[Update]]) -> Iterable[ClassOutlook]:
    counts: dict[Classification, tuple[int, int]] = {}
    for updates in chosen:
        for classification in {update.classification for update in updates}:
            count = sum(update.classification is classification for update in updates)
            known, machines = counts.get(classification, (0, 0))
            counts[classification] = known + count, machines + 1
    return (ClassOutlook(each, *counts[each]) for each in Classification if each in counts)
