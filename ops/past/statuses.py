"""The statuses of all machines as of an earlier instant: the table Machine as of then, with what the state still has.

What was true is what was known by then: rows whose TimeGenerated is not later. So it does not matter when a row was
written, compacted or moved, and `patchdeck query --as-of` says the same.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any  # Any: values of a row, typed by fleet.tables

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts, Outcome
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine, OSType, TransportKind
from fleet.shared_values import SharedValues
from fleet.status import AssessmentSummary, MachineStatus
from ops.home import Home
from ops.state.database import opened
from ops.state.past_machines import enrolled_at
from ops.state.statuses import StatusBook

if TYPE_CHECKING:
    from ops.past.room import PastRoom

_COUNTS = {
    "critical": "CriticalUpdatesMissing",
    "security": "SecurityUpdatesMissing",
    "others": "OtherUpdatesMissing",
    "unclassified": "UnclassifiedUpdatesMissing",
    "not_installable": "NotInstallableMissing",
    "definitions": "DefinitionUpdatesMissing",
    "set_aside": "SetAsideUpdatesMissing",
}
_COLUMNS = (
    "SourceComputerId",
    "Computer",
    "Address",
    "AddedAt",
    "OSType",
    "OSName",
    "OSVersion",
    "LastAssessed",
    "LastAnswered",
    "LastOutcome",
    "Coverage",
    "FailureKind",
    "FailureText",
    "Findings",
    "Ready",
    "RebootRequired",
    "RebootReason",
    "EndOfLife",
    *_COUNTS.values(),
)
_OWN = 3  # of each machine its own; what follows many have in common
_FINDING_KINDS = frozenset(FindingKind)
_SQL = f"SELECT {', '.join(_COLUMNS)} FROM Machine ORDER BY Computer, SourceComputerId"  # noqa: S608 - ours


@dataclass(frozen=True, slots=True)
class PastFleet:
    """The machines that were enrolled at ``at``, by name, each as it was known then.

    ``notes`` say what of it is not kept; ``is_before_all`` that nothing that is stored is as old as that: it begins on
    the day ``kept_since``.
    """

    at: datetime
    statuses: tuple[MachineStatus, ...]
    notes: tuple[str, ...] = ()
    is_before_all: bool = False
    kept_since: date | None = None


@dataclass(frozen=True, slots=True)
class PastRows:
    """What the tables have of the machines at ``at``: values of their columns, and what `PastFleet` says of them."""

    at: datetime
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[str, ...]
    is_before_all: bool
    kept_since: date | None


def read_past_rows(home: Home, at: datetime) -> PastRows:
    """What the tables have of the machines at ``at``; `fleet_of` makes the fleet of it. Blocking, for a thread.

    Raises:
        StoreBusy, HomeUnusable: the tables or the state cannot be read.
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    from ops.config import load_settings
    from ops.past.room import opened_room

    with opened_room(home, load_settings(home), at) as room:
        return _rows_of(room)


def fleet_at(home: Home, room: "PastRoom", present: Iterable[MachineStatus] | None = None) -> PastFleet:
    """The fleet at the instant of ``room``; blocking, for a thread.

    ``present`` is what the state says now, for whoever has read it: of 10,000 machines that takes half a second.
    A machine that was assessed at no later time than the instant has all its facts; of others, what only the last
    answer of all tells (kernel, disks, services, …) is unknown.

    Raises:
        QueryFailed, QueryTimedOut: the tables could not be asked.
    """
    if present is None:
        with opened(home.state_file) as connection:
            present = StatusBook(connection).list_statuses()
    return _fleet(_rows_of(room), room.past.machines, present)


def fleet_of(home: Home, found: PastRows, present: Iterable[MachineStatus] | None = None) -> PastFleet:
    """The fleet that ``found`` has, as `fleet_at`; blocking, for a thread."""
    with opened(home.state_file) as connection:
        held = list(StatusBook(connection).list_statuses() if present is None else present)
        enrolled = enrolled_at(connection, found.at, {status.machine.id: status.machine for status in held})
    return _fleet(found, enrolled.machines, held)


def _rows_of(room: "PastRoom") -> PastRows:
    result, share = room.ask(_SQL), SharedValues().share

    def shared(values: Iterable[Any]) -> Iterator[Any]:
        # Numbers and truths are small, and equal to each other.
        return (share(each) if isinstance(each, str | datetime) else each for each in values)

    return PastRows(
        room.past.at,
        tuple((*row[:_OWN], *shared(row[_OWN:])) for row in result.rows),
        tuple(result.notes),
        room.is_before_all,
        room.kept_since,
    )


def _fleet(found: PastRows, machines: Iterable[Machine], present: Iterable[MachineStatus]) -> PastFleet:
    enrolled = {machine.id: machine for machine in machines}
    now = {status.machine.id: status for status in present}
    statuses = [_status(dict(zip(_COLUMNS, row, strict=True)), enrolled, now) for row in found.rows]
    in_order = sorted(statuses, key=lambda status: (status.machine.name, status.machine.id))
    return PastFleet(found.at, tuple(in_order), found.notes, found.is_before_all, found.kept_since)


def _status(row: Mapping[str, Any], enrolled: Mapping[str, Machine], now: Mapping[str, MachineStatus]) -> MachineStatus:
    machine = enrolled.get(row["SourceComputerId"]) or _unenrolled(row)
    known = now.get(machine.id)
    if known is not None and known.machine == machine:
        machine = known.machine
    stored = (known.last_attempt, known.last_answer) if known is not None else ()
    attempted_at, answered_at = row["LastAssessed"], row["LastAnswered"]
    answer = attempt = None
    if answered_at is not None:
        answer = attempt = _same(answered_at, stored) or _summary(row, answered_at, _facts(row, known))
    if attempted_at is not None and attempted_at != answered_at:
        attempt = _same(attempted_at, stored) or _failed(row, attempted_at)
    if known is not None and not known.outside and (known.machine, *stored) == (machine, attempt, answer):
        return known
    return MachineStatus(machine, attempt, answer)


def _full_name(row: Mapping[str, Any], known: MachineStatus | None) -> str | None:
    """The system's whole name, where the machine still has the same system; else what is kept of it."""
    now = known.last_answer.facts if known is not None and known.last_answer is not None else MachineFacts()
    if (now.os_name, now.os_version) == (row["OSName"], row["OSVersion"]) and now.os_full_name:
        return now.os_full_name
    return " ".join(text for text in (row["OSName"], row["OSVersion"]) if text) or None


def _same(ended_at: datetime, stored: Iterable[AssessmentSummary | None]) -> AssessmentSummary | None:
    """What the state holds of the assessment that ended then, which has everything that it told; None: nothing."""
    return next((each for each in stored if each is not None and each.ended_at == ended_at), None)


def _summary(
    row: Mapping[str, Any], ended_at: datetime, facts: MachineFacts, failure: Failure | None = None
) -> AssessmentSummary:
    coverage = _known(Coverage, row["Coverage"], Coverage.UNKNOWN)
    # After an answer came a failure, the row has the findings of that one.
    is_last = failure is None and row["LastAssessed"] == ended_at
    return AssessmentSummary(
        started_at=ended_at,
        ended_at=ended_at,
        outcome=Outcome.SUCCEEDED if coverage.sees_every_update else Outcome.INCOMPLETE,
        coverage=coverage,
        counts=MissingCounts(**{name: row[column] or 0 for name, column in _COUNTS.items()}),
        facts=facts,
        findings=_findings(row["Findings"]) if is_last else (),
        is_ready=bool(row["Ready"]) if is_last else True,
        failure=failure,
    )


def _failed(row: Mapping[str, Any], ended_at: datetime) -> AssessmentSummary:
    # The table has one line of it; what was tried stands before the first colon.
    tried, _, came_back = (row["FailureText"] or "nothing is kept of why: it failed").partition(": ")
    kind = _known(FailureKind, row["FailureKind"], FailureKind.INTERNAL)
    return replace(
        _summary(row, ended_at, MachineFacts(), Failure(kind, tried, came_back, "")),
        outcome=Outcome.FAILED,
        coverage=Coverage.UNKNOWN,
        counts=MissingCounts(),
        findings=_findings(row["Findings"]),
        is_ready=False,
    )


def _facts(row: Mapping[str, Any], known: MachineStatus | None) -> MachineFacts:
    return MachineFacts(
        os_type=_known(OSType, row["OSType"], None),
        os_name=row["OSName"] or None,
        os_version=row["OSVersion"] or None,
        os_full_name=_full_name(row, known),
        reboot_required=_known(Answer, row["RebootRequired"], Answer.UNKNOWN),
        reboot_reason=row["RebootReason"] or "",
        end_of_life=_day(row["EndOfLife"]),
    )


def _findings(text: object) -> tuple[Finding, ...]:
    listed: Sequence[Mapping[str, str]] = json.loads(text) if isinstance(text, str) and text else text or ()  # type: ignore[assignment]  # a list of objects, by fleet.records
    return tuple(
        Finding(FindingKind(each["kind"]), Severity(each["severity"]), each["text"], each.get("remedy", ""))
        for each in listed
        if each.get("kind") in _FINDING_KINDS
    )


def _unenrolled(row: Mapping[str, Any]) -> Machine:
    """A machine that tables alone know: how it was enrolled is kept nowhere."""
    return Machine(
        id=row["SourceComputerId"],
        name=row["Computer"],
        transport=TransportKind.SCRIPTED,
        created_at=row["AddedAt"],
        os_type=_known(OSType, row["OSType"], None),
    )


def _known(kind: Any, text: object, otherwise: Any) -> Any:  # Any: any enum, and what stands for a word it has not
    return _words(kind).get(text, otherwise)


@cache
def _words(kind: Any) -> Mapping[object, Any]:  # Any: as above
    return {each.value: each for each in kind}


def _day(text: object) -> date | None:
    return date.fromisoformat(text) if isinstance(text, str) and text else None
