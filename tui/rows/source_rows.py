"""Lists that machines came from, as rows: what each names, how it is followed, and why it could not be read."""

from datetime import datetime

from fleet.hostile import clean
from fleet.importing.source import NewMachines, Source
from tui.rows.ages import describe_age, describe_time
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

SOURCE_COLUMNS = (
    TableColumn("name", "List", most=40, least=12, priority=0),
    TableColumn("every", "Read", most=16, least=9, priority=1),
    TableColumn("machines", "Machines", is_number=True, priority=1),
    TableColumn("missing", "Missing", is_number=True, priority=2),
    TableColumn("refused", "Refused", is_number=True, priority=2),
    TableColumn("age", "Last read", most=10, least=9, priority=3),
    TableColumn("problem", "Problem", most=80, least=12, priority=1),
    TableColumn("path", "File", most=80, least=12, priority=4),
)


def source_row(source: Source, now: datetime) -> Row:
    """The row of one list."""
    cells = (
        source.name,
        f"every {source.following.every_minutes:,} min" if source.followed else "once",
        *(f"{count:,}" for count in (source.machines, source.missing, source.refused)),
        describe_age(source.read_at, now),
        clean(source.error),
        clean(source.request.path),
    )
    tones = (
        Tone.STRONG if source.followed else Tone.NORMAL,
        Tone.NORMAL if source.followed else Tone.DIM,
        Tone.NORMAL,
        Tone.PENDING if source.missing else Tone.DIM,
        Tone.BAD if source.refused else Tone.DIM,
        Tone.DIM,
        Tone.BAD,
        Tone.DIM,
    )
    minutes = source.following.every_minutes if source.followed else 0
    numbers = (source.machines, source.missing, source.refused)
    order = (cells[0].casefold(), minutes, *numbers, source.read_at, *map(str.casefold, cells[6:]))
    return Row(source.name, cells, tones, order)


def describe_source(source: Source) -> list[tuple[Piece, ...]]:
    """All of a list in a few lines."""
    request = source.request
    lines: list[tuple[Piece, ...]] = [(Piece(source.name, Tone.STRONG), Piece(clean(request.path)))]
    if source.error:
        lines.append((Piece(f"It could not be read, and nothing was changed: {clean(source.error)}", Tone.BAD),))
    if source.followed:
        proposes = source.following.new_machines is NewMachines.PROPOSE
        new = "wait for a decision" if proposes else "are enrolled"
        lines.append((*labelled("Next", describe_time(source.due_at)), Piece(f"New machines {new}.", Tone.DIM)))
    else:
        lines.append((Piece("It is not followed: it was taken once, and r or e can read it again.", Tone.DIM),))
    chosen = (("Only", request.only), ("Not", request.excluded), ("Tags from", request.options.tag_variables))
    said = [piece for name, words in chosen if words for piece in labelled(name, clean(" ".join(words)))]
    return [*lines, tuple(said)] if said else lines
