"""What is known of one machine beside its updates, as rows of a name and a value; unknown is said, not left out."""

from datetime import datetime

from fleet.answers import Coverage
from fleet.failures import Severity
from fleet.hostile import clean
from fleet.machines import OSType
from fleet.status import MachineStatus
from ops.cli.values import count_of
from tui.rows.ages import describe_age, describe_time
from tui.rows.fact_texts import Fact
from tui.rows.linux_facts import linux_facts
from tui.rows.machine_rows import COMPLIANCE_TONES, reached_by, tags_text
from tui.rows.windows_facts import messages_fact, windows_facts
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


def fact_rows(status: MachineStatus, now: datetime) -> list[Row]:
    """How the machine is reached, how it was last assessed, and what it said of itself."""
    facts = [*_enrolment(status), *_assessment(status, now)]
    if status.last_answer:
        said = status.last_answer.facts
        facts += windows_facts(said, now) if said.os_type is OSType.WINDOWS else linux_facts(said, now)
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
        messages_fact(machine) if machine.speaks_powershell else ("Becomes root by", machine.become.value, Tone.NORMAL),
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
        if status.os_type is OSType.WINDOWS:
            counts = answer.counts
            aside = f"{count_of(counts.definitions, 'definition update')}, {counts.set_aside} set aside"
            facts.append(("In no count", aside, Tone.NORMAL))
    return facts
