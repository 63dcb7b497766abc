"""Readiness checks of one machine, as rows."""

from collections.abc import Sequence

from fleet.hostile import clean
from fleet.readiness import CheckResult, CheckStatus
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

CHECK_COLUMNS = (
    TableColumn("status", "Status", most=14, least=14, priority=0),
    TableColumn("check", "Check", most=28, least=14, priority=1),
    TableColumn("evidence", "Evidence", most=100, least=20, priority=2),
    TableColumn("remedy", "What to do", most=100, least=20, priority=3),
)
_TONES = {
    CheckStatus.PASSED: Tone.GOOD,
    CheckStatus.FAILED: Tone.BAD,
    CheckStatus.NOT_APPLICABLE: Tone.DIM,
    CheckStatus.UNKNOWN: Tone.PENDING,
}


def check_rows(results: Sequence[CheckResult]) -> list[Row]:
    """A row for each result: those that failed first, then the warnings, then the rest, else in the given order."""
    return [_row(result) for result in sorted(results, key=lambda each: (not each.is_error, not each.is_warning))]


def count_failed(results: Sequence[CheckResult]) -> int:
    """How many checks failed."""
    return sum(result.verdict.status is CheckStatus.FAILED for result in results)


def describe_check(row: Row) -> list[tuple[Piece, ...]]:
    """All of the check in ``row``."""
    status, title, evidence, remedy = row.cells
    head = (Piece(status, row.tones[0]), Piece(title, Tone.STRONG), Piece(evidence))
    return [head, (Piece("To do:", Tone.DIM), Piece(remedy or "nothing"))]


def _row(result: CheckResult) -> Row:
    verdict, check = result.verdict, result.check
    tone = Tone.PENDING if result.is_warning else _TONES[verdict.status]
    cells = (verdict.status.value, check.title, clean(verdict.evidence), clean(verdict.remedy))
    return Row(check.name, cells, (tone, Tone.STRONG, Tone.NORMAL, Tone.DIM))
