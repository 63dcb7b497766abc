"""Machines as rows: compliance, what is missing, readiness, the age of what is known."""

from bisect import insort
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from fleet.answers import Answer, Coverage
from fleet.assessments import MissingCounts
from fleet.compliance import BY_URGENCY, Compliance
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.hostile import clean_name
from fleet.machines import Machine, TransportKind
from fleet.status import AssessmentSummary, MachineStatus
from fleet.winrm import WinrmScheme
from tui.rows.ages import describe_age
from tui.rows.shared_cells import common, folded
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

MACHINE_COLUMNS = (
    TableColumn("name", "Machine", most=32, least=12, priority=0, least_of_long=24),
    TableColumn("compliance", "Compliance", most=14, least=13, priority=1),
    TableColumn("critical", "Crit", is_number=True, priority=2),
    TableColumn("security", "Sec", is_number=True, priority=2),
    TableColumn("others", "Other", is_number=True, priority=3),
    TableColumn("blocked", "Blocked", is_number=True, priority=5),
    TableColumn("reboot", "Reboot", most=7, priority=4),
    TableColumn("ready", "Ready", most=20, least=8, priority=4),
    TableColumn("assessed", "Assessed", most=12, least=9, priority=2),
    TableColumn("os", "System", most=34, least=10, priority=6),
    TableColumn("tags", "Tags", most=40, least=8, priority=7),
    TableColumn("address", "Reached by", most=40, least=10, priority=8),
)
COMPLIANCE_COLUMN, READY_COLUMN, AGE_COLUMN = 1, 7, 8

_RANKS = {compliance: rank for rank, compliance in enumerate(BY_URGENCY)}
COMPLIANCE_TONES = {
    Compliance.COMPLIANT: Tone.GOOD,
    Compliance.NON_COMPLIANT: Tone.PENDING,
    Compliance.UNKNOWN: Tone.PENDING,
    Compliance.STALE: Tone.OFFLINE,
    Compliance.UNREACHABLE: Tone.BAD,
    Compliance.FAILED: Tone.BAD,
    Compliance.NOT_ASSESSED: Tone.DIM,
    Compliance.DISABLED: Tone.OFFLINE,
    Compliance.OUTSIDE_SCOPE: Tone.OFFLINE,
}
_UNKNOWN_KEYS = (
    *(FailureKind.HOST_KEY_UNKNOWN, FailureKind.HOST_KEY_CHANGED),
    *(FailureKind.CERTIFICATE_UNTRUSTED, FailureKind.CERTIFICATE_CHANGED),
)


def machine_rows(
    statuses: Iterable[MachineStatus], now: datetime, progress: Mapping[str, str] | None = None
) -> list[Row]:
    """One row for each machine, what needs a look first; ``progress`` replaces the age while one is assessed."""
    rows = [machine_row(status, now, (progress or {}).get(status.machine.id)) for status in statuses]
    return in_default_order(rows)


def in_default_order(rows: Iterable[Row]) -> list[Row]:
    """``rows`` of machines, what needs a look first."""
    return sorted(rows, key=_default_order)


def put_in_order(rows: Sequence[Row], changed: Iterable[tuple[Row | None, Row]]) -> list[Row]:
    """``rows`` in their default order with the second of each pair in the place of the first, where it belongs now."""
    arranged = list(rows)
    for old, new in changed:
        if old is not None:
            arranged.remove(old)
        insort(arranged, new, key=_default_order)
    return arranged


def machine_row(status: MachineStatus, now: datetime, progress: str | None = None) -> Row:
    """The row of one machine; a count that is not known is shown as ``?``, never as 0."""
    machine, answer = status.machine, status.last_answer
    compliance = status.compliance(now)
    counts = _known_counts(answer)
    ready, ready_tone = _readiness(status)
    reboot = answer.facts.reboot_required if answer else None
    assessed_at = status.last_attempt.ended_at if status.last_attempt else None
    age = progress or describe_age(assessed_at, now)
    cells = (
        clean_name(machine.name),
        compliance.value,
        *(common(_count_text(count, answer)) for count in counts),
        {None: "", Answer.YES: "reboot", Answer.NO: "no", Answer.UNKNOWN: "unknown"}[reboot],
        common(ready),
        common(age),
        common(_system(answer)),
        common(tags_text(machine)),
        reached_by(machine),
    )
    order = (
        folded(machine.name),
        _RANKS[compliance],
        *counts,
        reboot or None,
        cells[READY_COLUMN],
        assessed_at,
        *map(folded, cells[-3:]),
    )
    return Row(machine.id, cells, common(_tones(status, compliance, counts, ready_tone, progress)), order)


def _tones(
    status: MachineStatus,
    compliance: Compliance,
    counts: tuple[int | None, ...],
    ready_tone: Tone,
    progress: str | None,
) -> tuple[Tone, ...]:
    reboots = status.last_answer is not None and status.last_answer.facts.reboot_required is Answer.YES
    counted = (Tone.BAD, Tone.PENDING, Tone.NORMAL, Tone.DIM)
    age_tone = Tone.OFFLINE if compliance is Compliance.STALE else Tone.NORMAL
    return (
        Tone.STRONG if status.machine.enabled else Tone.OFFLINE,
        COMPLIANCE_TONES[compliance],
        *(tone if count else Tone.DIM for tone, count in zip(counted, counts, strict=True)),
        Tone.REBOOT if reboots else Tone.DIM,
        ready_tone,
        Tone.ACCENT if progress else age_tone,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
    )


def fleet_facts(known: Sequence[MachineStatus], compliances: Iterable[Compliance]) -> list[Piece]:
    """What the top of the screen says of the whole fleet, the denominator always with it."""
    tally = Counter(compliances)
    assessed = sum(count for compliance, count in tally.items() if compliance.is_assessed)
    facts = [Piece(f"{assessed:,} of {len(known):,} assessed")]
    facts += [
        Piece(f"{tally[compliance]:,} {compliance.value}", COMPLIANCE_TONES[compliance])
        for compliance in (Compliance.NON_COMPLIANT, Compliance.UNREACHABLE, Compliance.FAILED, Compliance.STALE)
        if tally[compliance]
    ]
    reboots = sum(s.last_answer is not None and s.last_answer.facts.reboot_required is Answer.YES for s in known)
    if reboots:
        facts.append(Piece(f"{reboots:,} to reboot", Tone.REBOOT))
    return facts


def tags_text(machine: Machine) -> str:
    """``env=prod role=web``, by key."""
    return clean_name(" ".join(f"{key}={value}" for key, value in sorted(machine.tags.items())))


def reached_by(machine: Machine) -> str:
    """``ssh admin@192.0.2.7:2222``, ``local``; ``winrm http! …``, where nothing proves that answers are its own."""
    if machine.transport is TransportKind.LOCAL:
        return "local"
    mark = "http! " if _is_over_http(machine) else ""
    user = f"{machine.user}@" if machine.user else ""
    port = f":{machine.port}" if machine.port else ""
    return clean_name(f"{machine.transport} {mark}{user}{machine.address or ''}{port}".rstrip())


def _is_over_http(machine: Machine) -> bool:
    return machine.winrm is not None and machine.winrm.scheme is WinrmScheme.HTTP


def needs_host_key(status: MachineStatus) -> bool:
    """Whether the last attempt ended because the machine's host key or certificate is not trusted, or has changed."""
    failure = status.last_attempt.failure if status.last_attempt else None
    return failure is not None and failure.kind in _UNKNOWN_KEYS


def changed_key(status: MachineStatus) -> str:
    """What is known and what was shown, where the machine showed another host key than the trusted one; else empty."""
    failure = status.last_attempt.failure if status.last_attempt else None
    return failure.came_back if failure is not None and failure.kind is FailureKind.HOST_KEY_CHANGED else ""


def _default_order(row: Row) -> tuple[object, ...]:
    rank, critical, security = row.order[1:4]
    return (rank, -_as_int(critical), -_as_int(security), row.order[0])


def _as_int(count: object) -> int:
    return count if isinstance(count, int) else 0


def _known_counts(answer: AssessmentSummary | None) -> tuple[int | None, int | None, int | None, int | None]:
    if answer is None or answer.coverage is Coverage.UNKNOWN:
        return (None, None, None, None)
    counts: MissingCounts = answer.counts
    has_security = answer.coverage is Coverage.COMPLETE
    others = counts.others + counts.unclassified
    return (
        counts.critical if has_security or counts.critical else None,
        counts.security if has_security or counts.security else None,
        others,
        counts.not_installable,
    )


def _count_text(count: int | None, answer: AssessmentSummary | None) -> str:
    if count is None:
        return "" if answer is None else "?"
    return f"{count:,}"


def _readiness(status: MachineStatus) -> tuple[str, Tone]:
    attempt = status.last_attempt
    if attempt is None:
        return "", Tone.DIM
    if attempt.failure is not None:
        return attempt.failure.kind.value, Tone.BAD
    errors = [finding for finding in attempt.findings if finding.severity is Severity.ERROR]
    if errors or not attempt.is_ready:
        return (errors[0].kind.value if errors else "not ready"), Tone.BAD
    warnings = [finding.kind for finding in attempt.findings if finding.severity is Severity.WARNING]
    if _is_over_http(status.machine):
        others = len([kind for kind in warnings if kind is not FindingKind.MESSAGES_NOT_AUTHENTICATED])
        return f"yes, http!{f' +{others}' if others else ''}", Tone.PENDING
    return (f"yes, {len(warnings)} warn", Tone.PENDING) if warnings else ("yes", Tone.GOOD)


def _system(answer: AssessmentSummary | None) -> str:
    if answer is None:
        return ""
    facts = answer.facts
    named = " ".join(part for part in (facts.os_name, facts.os_version) if part)
    return clean_name(facts.os_full_name or named or "")
