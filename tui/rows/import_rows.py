"""What taking a list over would do, as rows: new, changed, unchanged, refused and missing machines, and groups."""

from collections.abc import Iterable

from fleet.hostile import clean, clean_name
from fleet.importing.listed import Place
from fleet.importing.preview import GroupRow, ImportPreview, ImportRow, ImportState
from tui.rows.machine_rows import reached_by, tags_text
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

IMPORT_COLUMNS = (
    TableColumn("name", "Machine", most=40, least=12, priority=0),
    TableColumn("state", "State", most=10, least=9, priority=1),
    TableColumn("place", "Line", most=40, least=12, priority=3),
    TableColumn("what", "What", most=120, least=20, priority=1),
    TableColumn("address", "Reached by", most=40, least=12, priority=4),
    TableColumn("tags", "Tags", most=50, least=8, priority=5),
)
IMPORT_GROUP_COLUMNS = (
    TableColumn("name", "Group", most=40, least=12, priority=0),
    TableColumn("state", "State", most=10, least=9, priority=1),
    TableColumn("place", "Line", most=40, least=12, priority=3),
    TableColumn("what", "What", most=140, least=20, priority=1),
)
STATE_TONES = {
    ImportState.NEW: Tone.GOOD,
    ImportState.CHANGED: Tone.PENDING,
    ImportState.UNCHANGED: Tone.DIM,
    ImportState.REFUSED: Tone.BAD,
    ImportState.MISSING: Tone.OFFLINE,
}
# What needs a look first stands first.
_ORDER = (ImportState.REFUSED, ImportState.CHANGED, ImportState.NEW, ImportState.MISSING, ImportState.UNCHANGED)


def row_key(row: ImportRow | GroupRow) -> str:
    """What a row is known by: a list may name one machine twice."""
    return f"{row.place} {row.name}"


def import_rows(rows: Iterable[ImportRow]) -> list[Row]:
    """A row for each machine of the list, what is refused first."""
    made = [_row(row) for row in rows]
    return sorted(made, key=lambda row: (row.order[1], row.order[0]))


def import_group_rows(rows: Iterable[GroupRow]) -> list[Row]:
    """A row for each group of the list."""
    return [_group_row(row) for row in rows]


def describe_import(row: ImportRow) -> list[tuple[Piece, ...]]:
    """All of a row: what becomes of the machine, each change, and where the list says so."""
    state = Piece(row.state.value, STATE_TONES[row.state])
    lines: list[tuple[Piece, ...]] = [
        (Piece(clean_name(row.name), Tone.STRONG), state, *labelled("in", str(row.place)))
    ]
    lines += [(Piece(clean(row.reason), Tone.BAD),)] if row.reason else []
    if row.changes:
        kept = any(change.is_kept for change in row.changes)
        text = "; ".join(change.describe() for change in row.changes)
        lines.append((Piece(clean(text), Tone.PENDING if kept else Tone.NORMAL),))
    lines += [(Piece(clean(note), Tone.DIM),) for note in row.notes]
    if row.machine is not None:
        lines.append((*labelled("Reached by", reached_by(row.machine)), *labelled("tags", tags_text(row.machine))))
    return lines


def count_facts(preview: ImportPreview) -> list[Piece]:
    """How many rows have each state that occurs."""
    return [Piece(f"{count:,} {state.value}", STATE_TONES[state]) for state, count in preview.counts.items() if count]


def _row(row: ImportRow) -> Row:
    machine = row.machine
    cells = (
        clean_name(row.name) or "no name",
        row.state.value,
        _near(row.place),
        clean(row.describe()),
        reached_by(machine) if machine else "",
        tags_text(machine) if machine else "",
    )
    tone = STATE_TONES[row.state]
    is_quiet = row.state is ImportState.UNCHANGED
    tones = (
        Tone.NORMAL if is_quiet else Tone.STRONG,
        tone,
        Tone.DIM,
        tone if row.state is ImportState.REFUSED else Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
    )
    order = (cells[0].casefold(), _ORDER.index(row.state), *map(str.casefold, cells[2:]))
    return Row(row_key(row), cells, tones, order)


def _near(place: Place) -> str:
    """The file without its folder, and the line: the whole path stands below the table."""
    return clean(str(Place(place.file.rpartition("/")[2], place.line)))


def _group_row(row: GroupRow) -> Row:
    what = row.reason or (row.group.definition if row.group else "")
    cells = (clean(row.name), row.state.value, _near(row.place), clean(what))
    tone = STATE_TONES[row.state]
    return Row(row_key(row), cells, (Tone.STRONG, tone, Tone.DIM, Tone.BAD if row.reason else Tone.NORMAL))
