"""The updates that one machine misses, as rows: what, from where, and whether it would be installed now."""

from collections.abc import Iterable
from datetime import datetime

from fleet.hostile import clean_name
from fleet.updates import Classification, Update
from ops.missing import MissingUpdate
from tui.rows.ages import describe_age, describe_bytes
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

UPDATE_COLUMNS = (
    TableColumn("package", "Package", most=44, least=24, priority=0),
    TableColumn("class", "Class", most=12, least=8, priority=1),
    TableColumn("offered", "Offered", most=32, least=18, priority=2),
    TableColumn("installable", "Installable", most=24, least=11, priority=1),
    TableColumn("installed", "Installed", most=32, least=18, priority=3),
    TableColumn("since", "Needed", most=9, least=6, priority=4),
    TableColumn("repository", "Repository", most=44, least=20, priority=5),
    TableColumn("arch", "Arch", most=8, least=5, priority=6),
    TableColumn("size", "Size", most=10, least=8, is_number=True, priority=7),
)

# Short words for the classes, the most urgent first; any other is shown as it is called.
CLASS_WORDS = {
    Classification.CRITICAL: "critical",
    Classification.SECURITY: "security",
    Classification.UNCLASSIFIED: "unclassified",
    Classification.OTHERS: "other",
}
CLASS_TONES = {Classification.CRITICAL: Tone.BAD, Classification.SECURITY: Tone.PENDING}


def class_rank(classification: Classification) -> int:
    """0 for the most urgent class."""
    known = list(CLASS_WORDS)
    return known.index(classification) if classification in known else len(known)


def class_word(classification: Classification) -> str:
    """``security``, ``other``."""
    return CLASS_WORDS.get(classification, classification.value.lower())


def update_rows(missing: Iterable[MissingUpdate], now: datetime) -> list[Row]:
    """A row for each update, the most urgent first."""
    rows = [_row(each.update, each.first_seen, now) for each in missing]
    return sorted(rows, key=lambda row: (row.order[1], row.order[0]))


def update_key(update: Update) -> str:
    """What tells an update of a machine from the others."""
    return f"{update.name}\n{update.architecture}\n{update.offered_version}"


def describe_update(missing: MissingUpdate) -> list[tuple[Piece, ...]]:
    """All of one update in a few lines; why it is not installable with the evidence."""
    update = missing.update
    # Updates of Windows have no versions, only a title.
    versions = f"{update.installed_version or 'new'} → {update.offered_version}" if update.offered_version else ""
    lines: list[tuple[Piece, ...]] = [
        (Piece(update.name, Tone.STRONG), Piece(update.architecture, Tone.DIM), Piece(versions))
    ]
    if update.blocker is None:
        lines.append((Piece("Installable:", Tone.GOOD), Piece("an ordinary upgrade installs it now.")))
    else:
        lines.append((Piece(f"Not installable, {update.blocker.value}:", Tone.PENDING), Piece(update.blocker_detail)))
    why = f"{class_word(update.classification)}, by {update.classification_source or 'nothing that could be told'}"
    lines.append((*labelled("Class", why), *origin(update)))
    return lines


def origin(update: Update) -> tuple[Piece, ...]:
    """Where the update comes from, where the source of its class has not said so already."""
    if not update.repository or update.repository in update.classification_source:
        return ()
    return labelled("· from", update.repository)


def _row(update: Update, first_seen: datetime | None, now: datetime) -> Row:
    cells = (
        clean_name(update.name),
        class_word(update.classification),
        clean_name(update.offered_version),
        "yes" if update.is_installable else f"no, {update.blocker}",
        clean_name(update.installed_version),
        describe_age(first_seen, now) if first_seen else "",
        clean_name(update.repository),
        clean_name(update.architecture),
        describe_bytes(update.size_bytes),
    )
    tones = (
        Tone.STRONG,
        CLASS_TONES.get(update.classification, Tone.NORMAL),
        Tone.NORMAL,
        Tone.GOOD if update.is_installable else Tone.PENDING,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    folded = tuple(cell.casefold() for cell in cells)
    order = (folded[0], class_rank(update.classification), *folded[2:5], first_seen, *folded[6:8], update.size_bytes)
    return Row(update_key(update), cells, tones, order)
