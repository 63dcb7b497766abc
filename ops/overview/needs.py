"""What needs somebody now, and what goes on or comes next: each a count with what it is counted of, and which they are.

Pure: what is kept is read in `ops.overview.reading`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from fleet.alerts.severity import Severity
from fleet.compliance import Compliance
from fleet.deployments.runs import Run
from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of
from ops.overview.kept import Kept
from ops.overview.standing import JudgedMachine, names_of

_FAILED = (Compliance.UNREACHABLE, Compliance.FAILED)
_NOT_ASSESSED = (Compliance.NOT_ASSESSED, Compliance.STALE)


class NeedKind(StrEnum):
    """What kind of thing it is; the gravest stand first, what only goes on stands last."""

    SETTINGS = "settings"
    FAILED_RUNS = "runs-failed"
    APPROVALS = "approvals-waiting"
    ALERTS = "alerts-open"
    FAILED = "assessments-failed"
    NOT_ASSESSED = "not-assessed"
    UNKNOWN = "unknown"
    NON_COMPLIANT = "non-compliant"
    REBOOT = "reboot-pending"
    SERVICE = "service"
    ASSESSING = "assessing"
    RUNS_OPEN = "runs-open"
    NEXT_START = "next-start"

    @property
    def asks_for_somebody(self) -> bool:
        """Whether somebody has to do something about it."""
        return self not in (NeedKind.ASSESSING, NeedKind.RUNS_OPEN, NeedKind.NEXT_START)

    @property
    def is_of_machines(self) -> bool:
        """Whether its ids are those of machines."""
        return self in _MACHINE_WORDS or self is NeedKind.REBOOT

    @property
    def words(self) -> str:
        """What is counted: ``Runs that failed``."""
        return _WORDS[self]


_MACHINE_WORDS: Mapping[NeedKind, tuple[Compliance, ...]] = {
    NeedKind.FAILED: _FAILED,
    NeedKind.NOT_ASSESSED: _NOT_ASSESSED,
    NeedKind.UNKNOWN: (Compliance.UNKNOWN,),
    NeedKind.NON_COMPLIANT: (Compliance.NON_COMPLIANT,),
}
_WORDS = {
    NeedKind.SETTINGS: "Settings",
    NeedKind.FAILED_RUNS: "Last run failed",
    NeedKind.APPROVALS: "Waiting for approval",
    NeedKind.ALERTS: "Open alerts",
    NeedKind.FAILED: "Assessment failed",
    NeedKind.NOT_ASSESSED: "Not assessed",
    NeedKind.UNKNOWN: "Answer not whole",
    NeedKind.NON_COMPLIANT: "Non-compliant",
    NeedKind.REBOOT: "Reboot pending",
    NeedKind.SERVICE: "Service",
    NeedKind.ASSESSING: "Assessing",
    NeedKind.RUNS_OPEN: "Runs going on",
    NeedKind.NEXT_START: "Next start",
}


@dataclass(frozen=True, slots=True)
class Need:
    """Something that needs somebody, goes on or comes: ``count`` of ``total``, in words, and the ids of which.

    ``count`` is None where nothing is counted; ``total`` is None where it is of nothing in particular. ``ids`` are of
    machines, of runs, or the name of the deployment that starts next. ``at`` is when that begins, or began.
    """

    kind: NeedKind
    count: int | None
    total: int | None
    text: str
    ids: tuple[str, ...] = ()
    at: datetime | None = None


def needs_of(of_machines: Iterable[Need], kept: Kept) -> list[Need]:
    """All that there is, in the order of the kinds; what is of machines is given."""
    return [
        *_settings_needs(kept),
        *_run_needs(kept),
        *_approval_needs(kept),
        *_alert_needs(kept),
        *of_machines,
        *_service_needs(kept),
        *_going_on(kept),
        *_next_start(kept),
    ]


def machine_needs(machines: Sequence[JudgedMachine]) -> Iterator[Need]:
    """What machines need somebody for; those that are disabled or outside the scope need nobody."""
    meant = [each for each in machines if each.is_meant]
    for kind, words in _MACHINE_WORDS.items():
        found = [each for each in meant if each.compliance in words]
        if found:
            text = names_of(found)
            if len(words) > 1:
                counts = Counter(each.compliance for each in found)
                text = f"{', '.join(f'{counts[word]:,} {word.value}' for word in words if counts[word])}: {text}"
            yield _of_machines(kind, found, len(meant), text)
    reboots = [each for each in meant if each.needs_reboot]
    if reboots:
        answered = sum(each.status.last_answer is not None for each in meant)
        yield _of_machines(NeedKind.REBOOT, reboots, answered, names_of(reboots))


def _of_machines(kind: NeedKind, found: Sequence[JudgedMachine], total: int, text: str) -> Need:
    return Need(kind, len(found), total, text, tuple(each.status.machine.id for each in found))


def _settings_needs(kept: Kept) -> Iterator[Need]:
    if kept.settings_problem:
        yield Need(NeedKind.SETTINGS, None, None, clean(kept.settings_problem, 300))


def _run_needs(kept: Kept) -> Iterator[Need]:
    failed = kept.failed_runs
    if failed:
        names = some_of(clean_name(run.deployment.name) for run in failed)
        ended = max((run.ended_at for run in failed if run.ended_at is not None), default=None)
        yield Need(NeedKind.FAILED_RUNS, len(failed), len(kept.last_runs), names, _ids(failed), ended)


def _approval_needs(kept: Kept) -> Iterator[Need]:
    waiting = [each.run for each in kept.waiting]
    if waiting:
        names = some_of(clean_name(run.deployment.name) for run in waiting)
        total = len(kept.open_runs)
        yield Need(NeedKind.APPROVALS, len(waiting), total, names, _ids(waiting), min(run.opens_at for run in waiting))


def _alert_needs(kept: Kept) -> Iterator[Need]:
    if not kept.alerts:
        return
    counts = Counter(alert.rule.severity for alert in kept.alerts)
    words = [f"{counts[each]:,} {each.value}" for each in Severity if counts[each]]
    taken = sum(alert.record.acknowledgement is not None for alert in kept.alerts)
    words += [f"{taken:,} acknowledged"] if taken else []
    opened = max((a.record.opened_at for a in kept.alerts if a.record.opened_at is not None), default=None)
    yield Need(NeedKind.ALERTS, len(kept.alerts), None, ", ".join(words), (), opened)


def _service_needs(kept: Kept) -> Iterator[Need]:
    if kept.service_is_missed:
        yield Need(NeedKind.SERVICE, None, None, "not running: nothing is assessed or started by itself")
    elif kept.troubles:
        told = some_of((clean(f"{each.duty}: {each.text}", 200) for each in kept.troubles), 1)
        yield Need(NeedKind.SERVICE, len(kept.troubles), None, told)


def _going_on(kept: Kept) -> Iterator[Need]:
    if kept.assessing:
        text = "; ".join(clean(each.text, 200) for each in kept.assessing)
        yield Need(NeedKind.ASSESSING, len(kept.assessing), None, text, (), kept.assessing[0].since)
    if kept.open_runs:
        words = (f"{clean_name(run.deployment.name)} {run.status.value}" for run in kept.open_runs)
        yield Need(NeedKind.RUNS_OPEN, len(kept.open_runs), None, some_of(words, 3), _ids(kept.open_runs))


def _next_start(kept: Kept) -> Iterator[Need]:
    coming = next((each for each in kept.starts if not each.start.skipped), None)
    if coming is not None:
        name = clean_name(coming.deployment)
        yield Need(
            NeedKind.NEXT_START, None, None, f"{name}, {coming.start.local}", (coming.deployment,), coming.start.at
        )


def _ids(runs: Iterable[Run]) -> tuple[str, ...]:
    return tuple(run.id for run in runs)
