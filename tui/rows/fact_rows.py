"""What is known of one machine beside its updates, as rows of a name and a value; unknown is said, not left out."""

from datetime import datetime

from fleet.answers import Answer, Coverage
from fleet.facts import DiskSpace, MachineFacts, Repository
from fleet.failures import Severity
from fleet.hostile import clean
from fleet.status import MachineStatus
from tui.rows.ages import describe_age, describe_bytes, describe_time
from tui.rows.machine_rows import COMPLIANCE_TONES, reached_by, tags_text
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

FACT_COLUMNS = (
    TableColumn("fact", "Fact", most=20, least=16, priority=0),
    TableColumn("value", "Value", most=200, least=20, priority=1),
)
FINDING_COLUMNS = (
    TableColumn("severity", "Severity", most=10, least=8, priority=0),
    TableColumn("finding", "Finding", most=30, least=14, priority=1),
    TableColumn("text", "What was found", most=100, least=20, priority=2),
    TableColumn("remedy", "What to do", most=100, least=20, priority=3),
)
_SEVERITY_TONES = {Severity.ERROR: Tone.BAD, Severity.WARNING: Tone.PENDING, Severity.INFO: Tone.NORMAL}

Fact = tuple[str, str, Tone]


def fact_rows(status: MachineStatus, now: datetime) -> list[Row]:
    """How the machine is reached, how it was last assessed, and what it said of itself."""
    facts = [*_enrolment(status), *_assessment(status, now)]
    if status.last_answer:
        facts += _said(status.last_answer.facts, now)
    return [
        Row(name, (name, clean(value) or "unknown"), (Tone.DIM, tone if value else Tone.DIM))
        for name, value, tone in facts
    ]


def finding_rows(status: MachineStatus) -> list[Row]:
    """What stopped the last assessment, then what was noticed at it, errors first."""
    attempt = status.last_attempt
    if attempt is None:
        return []
    found = sorted(attempt.findings, key=lambda finding: list(_SEVERITY_TONES).index(finding.severity))
    lines = [(each.severity, each.kind.value, each.text, each.remedy) for each in found]
    if attempt.failure:
        failure = attempt.failure
        lines.insert(0, (Severity.ERROR, failure.kind.value, f"{failure.tried}: {failure.came_back}", failure.remedy))
    return [
        Row(
            str(number),
            (severity.value, kind, clean(text), clean(remedy)),
            (_SEVERITY_TONES[severity], Tone.STRONG, Tone.NORMAL, Tone.DIM),
        )
        for number, (severity, kind, text, remedy) in enumerate(lines)
    ]


def describe_finding(row: Row) -> list[tuple[Piece, ...]]:
    """All of the finding in ``row``."""
    severity, kind, text, remedy = row.cells
    head = (Piece(severity, row.tones[0]), Piece(kind, Tone.STRONG), Piece(text))
    return [head, (Piece("To do:", Tone.DIM), Piece(remedy or "nothing"))]


def _enrolment(status: MachineStatus) -> list[Fact]:
    machine = status.machine
    return [
        ("Reached by", reached_by(machine), Tone.NORMAL),
        ("Becomes root by", machine.become.value, Tone.NORMAL),
        ("Tags", tags_text(machine) or "none", Tone.NORMAL),
        ("Enrolled", describe_time(machine.created_at), Tone.NORMAL),
        ("Enabled", "yes" if machine.enabled else "no", Tone.NORMAL),
    ]


def _assessment(status: MachineStatus, now: datetime) -> list[Fact]:
    attempt, answer = status.last_attempt, status.last_answer
    compliance = status.compliance(now)
    facts: list[Fact] = [("Compliance", compliance.value, COMPLIANCE_TONES[compliance])]
    if attempt is not None:
        ended = f"{describe_time(attempt.ended_at)}, {describe_age(attempt.ended_at, now)}: {attempt.outcome.value}"
        facts.append(("Last assessment", ended, Tone.NORMAL))
        if attempt.failure:
            facts.append(("Failure", attempt.failure.describe(), Tone.BAD))
    if answer is not None:
        facts.append(
            ("Last answer", f"{describe_time(answer.ended_at)}, {describe_age(answer.ended_at, now)}", Tone.NORMAL)
        )
        tone = Tone.NORMAL if answer.coverage is Coverage.COMPLETE else Tone.PENDING
        facts.append(("Coverage", answer.coverage.value, tone))
    return facts


def _said(facts: MachineFacts, now: datetime) -> list[Fact]:
    reboot = facts.reboot_required.value + (f": {facts.reboot_reason}" if facts.reboot_reason else "")
    skew = f"{facts.clock_skew_seconds:+.1f} s" if facts.clock_skew_seconds is not None else ""
    booted = f"{describe_time(facts.booted_at)}, {describe_age(facts.booted_at, now)}" if facts.booted_at else ""
    lists = f"{describe_time(facts.metadata_at)}, {describe_age(facts.metadata_at, now)}" if facts.metadata_at else ""
    return [
        ("Reboot required", reboot, Tone.REBOOT if facts.reboot_required is Answer.YES else Tone.NORMAL),
        ("Services to restart", _none_or(facts.services_to_restart), Tone.NORMAL),
        ("System", facts.os_full_name or "", Tone.NORMAL),
        _end_of_life(facts, now),
        ("Updated by", facts.update_model.value if facts.update_model else "", Tone.NORMAL),
        ("Kernel", facts.kernel or "", Tone.NORMAL),
        ("Architecture", facts.architecture or "", Tone.NORMAL),
        ("Host name", facts.fqdn or facts.host_name or "", Tone.NORMAL),
        ("Addresses", ", ".join(facts.ip_addresses), Tone.NORMAL),
        ("Booted", booted, Tone.NORMAL),
        ("Clock", f"{skew} against this one" if skew else "", Tone.NORMAL),
        ("Package manager", facts.package_manager or "", Tone.NORMAL),
        ("Package lists of", lists, Tone.NORMAL),
        ("Repositories", _repositories(facts, now), Tone.NORMAL),
        ("Other updaters", _updaters(facts, now), Tone.NORMAL),
        *((f"Free on {disk.path}", _disk(disk), Tone.NORMAL) for disk in facts.disks),
        ("Machine id", facts.machine_id or "", Tone.NORMAL),
        ("Firmware UUID", facts.system_uuid or "", Tone.NORMAL),
        ("Boot id", facts.boot_id or "", Tone.NORMAL),
    ]


def _none_or(names: tuple[str, ...] | None) -> str:
    return "" if names is None else ", ".join(names) or "none"


def _end_of_life(facts: MachineFacts, now: datetime) -> Fact:
    if facts.end_of_life is None:
        return ("End of life", facts.end_of_life_source, Tone.NORMAL)
    tone = Tone.PENDING if facts.end_of_life < now.date() else Tone.NORMAL
    return ("End of life", f"{facts.end_of_life.isoformat()}, by {facts.end_of_life_source}", tone)


def _updaters(facts: MachineFacts, now: datetime) -> str:
    if facts.other_updaters is None:
        return ""
    ran = {u.name: f" (last ran {describe_age(u.last_ran_at, now)} ago)" for u in facts.other_updaters if u.last_ran_at}
    return _none_or(tuple(f"{updater.name}{ran.get(updater.name, '')}" for updater in facts.other_updaters))


def _repositories(facts: MachineFacts, now: datetime) -> str:
    return ", ".join(f"{each.name} ({_describe_copy(each, now)})" for each in facts.repositories)


def _describe_copy(repository: Repository, now: datetime) -> str:
    if repository.is_failing:
        return "failing"
    return describe_age(repository.made_at, now) if repository.made_at else "no date"


def _disk(disk: DiskSpace) -> str:
    read_only = ", read-only" if disk.is_read_only else ""
    return f"{describe_bytes(disk.free_bytes)} of {describe_bytes(disk.total_bytes)}{read_only}"
