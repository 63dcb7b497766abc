"""The metrics of machines: by system, by group, and of single machines that somebody chose. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta

from fleet import metric_catalogue as catalogue
from fleet.answers import Answer
from fleet.failures import FailureKind
from fleet.metrics import Family, Metric
from ops.metrics.fleet_picture import FleetPicture
from ops.metrics.machine_sights import MachineSight
from ops.metrics.tallies import Judged, Labels, Tally, by_class, by_compliance, by_kind, by_reboot, judge_all, tally_by

# A fleet has some ten; more are what machines make up, or versions of a rolling release.
MOST_SYSTEMS = 50
_OTHER = "other"
_ENDING = timedelta(days=90)


def machine_families(picture: FleetPicture, now: datetime) -> Iterator[Family]:
    """All metrics of machines at ``now``."""
    judged = judge_all(picture.sights.values(), picture.outside, now)
    system_of, others = _systems([*judged.values()])
    tallies = tally_by(judged.values(), lambda each: (each.sight.os, system_of(each.sight)))
    yield from _by_system(tallies)
    yield from _of_all([each.sight for each in judged.values() if each.is_in_scope], now)
    yield from _by_group(picture, judged)
    yield from _of_each([judged[each] for each in picture.chosen if each in judged], system_of)
    left_out = {**picture.left_out, "systems": others}
    yield Family(catalogue.LEFT_OUT, {(what,): number for what, number in left_out.items()})


def _systems(judged: Sequence[Judged]) -> tuple[Callable[[MachineSight], str], int]:
    """How a machine's system is called, and how many systems are not told apart."""
    found = Counter(each.sight.system for each in judged)
    # By number, then by name: the same ones at each gathering.
    ranked = sorted(found, key=lambda system: (-found[system], system))
    told = frozenset(ranked[:MOST_SYSTEMS])
    return lambda sight: sight.system if sight.system in told else _OTHER, len(ranked) - len(told)


def _by_system(tallies: dict[Labels, Tally]) -> Iterator[Family]:
    yield by_compliance(catalogue.MACHINES, tallies)
    yield by_class(catalogue.MACHINES_COUNTED, tallies, lambda tally: tally.counted)
    yield by_class(catalogue.MISSING_UPDATES, tallies, lambda tally: tally.updates)
    yield by_class(catalogue.MACHINES_MISSING, tallies, lambda tally: tally.machines)
    answered = {labels: tally.not_installable for labels, tally in tallies.items() if tally.answered}
    yield Family(catalogue.NOT_INSTALLABLE, answered)
    yield by_kind(catalogue.NOT_COUNTED, tallies)
    yield by_reboot(catalogue.REBOOT_REQUIRED, tallies)
    attempted = {labels: tally.not_ready for labels, tally in tallies.items() if tally.attempted}
    yield Family(catalogue.NOT_READY, attempted)


def _of_all(sights: Sequence[MachineSight], now: datetime) -> Iterator[Family]:
    """``sights`` are those in scope."""
    failing = Counter(sight.last_failure for sight in sights)
    yield Family(catalogue.FAILING, {(kind.value,): failing[kind] for kind in FailureKind})
    support = Counter(_support(sight, now) for sight in sights)
    yield Family(catalogue.SUPPORT, {(each,): support[each] for each in ("supported", "ending", "ended", "unknown")})
    answered: dict[str, list[float]] = {}
    for sight in sights:
        if sight.answered_at is not None:
            answered.setdefault(sight.os, []).append(sight.answered_at.timestamp())
    yield Family(catalogue.OLDEST_ANSWER, {(os,): min(times) for os, times in answered.items()})
    yield Family(catalogue.NEWEST_ANSWER, {(os,): max(times) for os, times in answered.items()})


def _support(sight: MachineSight, now: datetime) -> str:
    if sight.end_of_life is None:
        return "unknown"
    if sight.end_of_life < now.date():
        return "ended"
    return "ending" if sight.end_of_life < (now + _ENDING).date() else "supported"


def _by_group(picture: FleetPicture, judged: dict[str, Judged]) -> Iterator[Family]:
    tallies: dict[Labels, Tally] = {}
    for name, members in picture.groups.items():
        if members is not None:
            tally = tallies.setdefault((name,), Tally())
            for machine_id in members.known & judged.keys():
                tally.add(judged[machine_id])
    found = picture.groups.items()
    yield Family(catalogue.GROUP_EVALUATED, {(name,): int(members is not None) for name, members in found})
    yield Family(
        catalogue.GROUP_UNSURE,
        {(name,): len(members.unknown & judged.keys()) for name, members in found if members is not None},
    )
    yield by_compliance(catalogue.GROUP_MACHINES, tallies)
    yield by_class(catalogue.GROUP_COUNTED, tallies, lambda tally: tally.counted)
    yield by_class(catalogue.GROUP_MISSING_UPDATES, tallies, lambda tally: tally.updates)
    yield by_reboot(catalogue.GROUP_REBOOT_REQUIRED, tallies)


def _of_each(chosen: Sequence[Judged], system_of: Callable[[MachineSight], str]) -> Iterator[Family]:
    sights = [each.sight for each in chosen]
    yield Family(
        catalogue.MACHINE_INFO,
        {(each.sight.name, each.sight.os, system_of(each.sight), each.compliance.value): 1 for each in chosen},
    )
    yield _times(catalogue.MACHINE_ANSWERED, sights, lambda sight: sight.answered_at)
    yield Family(catalogue.MACHINE_MISSING_UPDATES, dict(_missing(sights)))
    yield Family(
        catalogue.MACHINE_REBOOT_REQUIRED,
        {
            (sight.name,): int(sight.reboot_required is Answer.YES)
            for sight in sights
            if sight.reboot_required is not Answer.UNKNOWN
        },
    )
    yield _times(catalogue.MACHINE_BOOTED, sights, lambda sight: sight.booted_at)
    yield Family(
        catalogue.MACHINE_DISK_FREE, {(sight.name, path): free for sight in sights for path, free in sight.disks}
    )


def _times(
    metric: Metric, sights: Sequence[MachineSight], time_of: Callable[[MachineSight], datetime | None]
) -> Family:
    times = ((sight.name, time_of(sight)) for sight in sights)
    return Family(metric, {(name,): at.timestamp() for name, at in times if at is not None})


def _missing(sights: Sequence[MachineSight]) -> Iterator[tuple[Labels, int]]:
    for sight in sights:
        known = sight.known_classes()
        for name, number in sight.missing().items():
            if number or name in known:
                yield (sight.name, name), number
