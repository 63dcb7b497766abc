"""Why an update is not installed, as rows: a reason each, and the reasons of many machines put together."""

from collections.abc import Iterable, Sequence

from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of
from fleet.reasons.reason import Reason, Weight, rank_of
from fleet.reasons.summary import ReasonGroup
from ops.why.answers import Answer
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

REASON_COLUMNS = (
    TableColumn("weight", "", most=11, least=11, priority=0),
    TableColumn("reason", "Reason", most=160, least=50, priority=0),
    TableColumn("remedy", "What to do", most=120, least=24, priority=1),
    TableColumn("evidence", "Evidence", most=200, least=30, priority=2),
)
GROUP_COLUMNS = (
    TableColumn("machines", "Machines", is_number=True, priority=0),
    TableColumn("weight", "", most=11, least=11, priority=0),
    TableColumn("reason", "Reason", most=160, least=50, priority=0),
    TableColumn("leading", "First on", is_number=True, priority=1),
    TableColumn("which", "Which", most=80, least=20, priority=2),
)
BEHIND_COLUMNS = (
    TableColumn("machine", "Machine", most=32, least=12, priority=0),
    TableColumn("stopping", "Stopped by", is_number=True, priority=2),
    TableColumn("evidence", "Evidence", most=200, least=30, priority=0),
)
WEIGHT_TONES = {
    Weight.STOPS: Tone.BAD,
    Weight.WENT_WRONG: Tone.BAD,
    Weight.UNDER_WAY: Tone.GOOD,
    Weight.MAY_STOP: Tone.PENDING,
    Weight.NOTE: Tone.DIM,
}
_NAMES_SAID = 4


def reason_rows(reasons: Sequence[Reason]) -> list[Row]:
    """A row for each reason, what stops the update first."""
    return [_reason_row(str(number), reason) for number, reason in enumerate(reasons)]


def group_rows(groups: Iterable[ReasonGroup]) -> list[Row]:
    """A row for each reason of any machine."""
    return [_group_row(group) for group in groups]


def behind_rows(answers: Iterable[Answer], key: str) -> list[Row]:
    """A row for each machine that has the reason with ``key``, with the evidence there."""
    rows = []
    for answer in answers:
        found = next((each for each in answer.reasons if ReasonGroup(each, (), 0).key == key), None)
        if found is not None:
            stopping = sum(each.stops for each in answer.reasons)
            name = clean_name(answer.missing.machine_name)
            cells = (name, str(stopping), clean(found.evidence))
            tones = (Tone.STRONG, Tone.BAD if stopping else Tone.DIM, Tone.NORMAL)
            rows.append(Row(answer.missing.machine_id, cells, tones, (name.casefold(), stopping, cells[2])))
    return sorted(rows, key=lambda row: row.cells[0])


def describe_reason(reason: Reason) -> list[tuple[Piece, ...]]:
    """All of a reason in a few lines: by what it is known, and what to do."""
    head = (Piece(reason.weight.value, WEIGHT_TONES[reason.weight]), Piece(clean(reason.words), Tone.STRONG))
    remedy = [*labelled("To do:", clean(reason.remedy) or "nothing")]
    command = [Piece(clean(reason.command), Tone.KEY)] if reason.command else []
    return [head, (*labelled("Evidence:", clean(reason.evidence)),), (*remedy, *command)]


def _reason_row(key: str, reason: Reason) -> Row:
    remedy = " ".join(filter(None, (reason.remedy, reason.command)))
    cells = (reason.weight.value, clean(reason.words), clean(remedy), clean(reason.evidence))
    tones = (WEIGHT_TONES[reason.weight], Tone.NORMAL, Tone.DIM, Tone.DIM)
    return Row(key, cells, tones, (rank_of(reason), *map(str.casefold, cells[1:])))


def _group_row(group: ReasonGroup) -> Row:
    reason, count = group.example, len(group.machines)
    names = clean(some_of(map(clean_name, group.machines), _NAMES_SAID))
    cells = (f"{count:,}", reason.weight.value, clean(reason.words), f"{group.leading:,}", names)
    tones = (Tone.STRONG, WEIGHT_TONES[reason.weight], Tone.NORMAL, Tone.NORMAL, Tone.DIM)
    order = (count, rank_of(reason), cells[2].casefold(), group.leading, names.casefold())
    return Row(group.key, cells, tones, order)
