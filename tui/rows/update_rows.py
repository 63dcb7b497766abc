"""The updates that one machine misses, as rows: what, from where, and whether it would be installed now."""

from collections.abc import Iterable
from datetime import datetime

from fleet.hostile import clean_name
from fleet.updates import Classification, Update
from ops.missing import MissingUpdate
from ops.missing_groups import key_of
from tui.rows.ages import describe_age, describe_bytes
from tui.rows.update_names import (
    articles_text,
    reboot_text,
    severity_text,
    shown_name,
    shown_version,
    source_text,
    windows_head,
    windows_pieces,
)
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

UPDATE_COLUMNS = (
    TableColumn("package", "Package", most=110, least=24, priority=0, least_of_long=32),
    TableColumn("class", "Class", most=12, least=8, priority=1),
    TableColumn("offered", "Offered", most=32, least=18, priority=2, is_sparse=True),
    TableColumn("installable", "Installable", most=24, least=11, priority=1),
    TableColumn("severity", "Severity", most=12, least=9, priority=3, is_sparse=True),
    TableColumn("reboot", "Reboot", most=7, priority=4, is_sparse=True),
    TableColumn("installed", "Installed", most=32, least=18, priority=3, is_sparse=True),
    TableColumn("since", "Needed", most=9, least=6, priority=4),
    TableColumn("repository", "Repository", most=44, least=20, priority=5),
    TableColumn("arch", "Arch", most=8, least=5, priority=6, is_sparse=True),
    TableColumn("size", "Size", most=10, least=8, is_number=True, priority=7),
    TableColumn("kb", "KB", most=0, least=0, priority=9),
)

# Short words for the classes, the most urgent first; any other is shown as it is called. Within 12 letters, see above.
CLASS_WORDS = {
    Classification.CRITICAL: "critical",
    Classification.SECURITY: "security",
    Classification.UNCLASSIFIED: "unclassified",
    Classification.OTHERS: "other",
    Classification.UPDATE_ROLLUPS: "rollup",
    Classification.SERVICE_PACKS: "service pack",
    Classification.UPDATES: "updates",
    Classification.FEATURE_PACKS: "feature pack",
    Classification.TOOLS: "tools",
    Classification.UPGRADES: "upgrade",
    Classification.DRIVERS: "driver",
    Classification.DEFINITION_UPDATES: "definitions",
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


def describe_update(missing: MissingUpdate) -> list[tuple[Piece, ...]]:
    """All of one update in a few lines; why it is not installable with the evidence."""
    update = missing.update
    versions = f"{update.installed_version or 'new'} → {update.offered_version}"
    head = (Piece(update.name, Tone.STRONG), Piece(update.architecture, Tone.DIM), Piece(versions))
    lines: list[tuple[Piece, ...]] = [windows_head(update) if update.windows else head]
    if update.blocker is None:
        lines.append((Piece("Installable:", Tone.GOOD), Piece("an ordinary upgrade installs it now.")))
    else:
        lines.append((Piece(f"Not installable, {update.blocker.value}:", Tone.PENDING), Piece(update.blocker_detail)))
    class_, source = class_word(update.classification), update.classification_source or "nothing that could be told"
    if update.windows is None:
        lines.append((*labelled("Class", f"{class_}, by {source}"), *origin(update)))
    else:
        lines.append((*labelled("Class", class_), *windows_pieces(update), *labelled("· class by", source)))
    return lines


def origin(update: Update) -> tuple[Piece, ...]:
    """Where the update comes from, where the source of its class has not said so already."""
    if not update.repository or update.repository in update.classification_source:
        return ()
    return labelled("· from", update.repository)


def _row(update: Update, first_seen: datetime | None, now: datetime) -> Row:
    cells = (
        shown_name(update.name, update.offered_version),
        class_word(update.classification),
        shown_version(update.offered_version),
        "yes" if update.is_installable else f"no, {update.blocker}",
        severity_text(update),
        reboot_text(update),
        clean_name(update.installed_version),
        describe_age(first_seen, now) if first_seen else "",
        source_text(update),
        clean_name(update.architecture),
        describe_bytes(update.size_bytes),
        articles_text(update),
    )
    tones = (
        Tone.STRONG,
        CLASS_TONES.get(update.classification, Tone.NORMAL),
        Tone.NORMAL,
        Tone.GOOD if update.is_installable else Tone.PENDING,
        *[Tone.DIM] * 8,
    )
    folded = tuple(cell.casefold() for cell in cells)
    rank = class_rank(update.classification)
    order = (folded[0], rank, *folded[2:7], first_seen, *folded[8:10], update.size_bytes, folded[11])
    return Row(key_of(update), cells, tones, order)
