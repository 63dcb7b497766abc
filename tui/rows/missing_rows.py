"""Missing updates over all machines: one row for each package and version, and the machines that need it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet.compliance import Compliance
from fleet.hostile import clean_name
from fleet.status import MachineStatus
from ops.missing import MissingUpdate
from ops.missing_groups import MissingGroup
from tui.rows.ages import describe_age
from tui.rows.machine_rows import COMPLIANCE_TONES
from tui.rows.shared_cells import common, folded
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
from tui.rows.update_rows import CLASS_TONES, class_rank, class_word, origin
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

MISSING_COLUMNS = (
    TableColumn("package", "Package", most=110, least=20, priority=0, least_of_long=26),
    TableColumn("class", "Class", most=12, least=8, priority=1),
    TableColumn("version", "Version", most=34, least=18, priority=2, is_sparse=True),
    TableColumn("machines", "Machines", is_number=True, priority=1),
    TableColumn("installable", "Installable", is_number=True, priority=2),
    TableColumn("blocked", "Blocked", is_number=True, priority=3),
    TableColumn("severity", "Severity", most=12, least=9, priority=3, is_sparse=True),
    TableColumn("reboot", "Reboot", most=7, priority=4, is_sparse=True),
    TableColumn("since", "Needed for", most=10, least=8, priority=4),
    TableColumn("repository", "Repository", most=44, least=20, priority=5),
    TableColumn("arch", "Arch", most=8, least=5, priority=6, is_sparse=True),
    TableColumn("why", "Why not", most=40, least=12, priority=8, is_sparse=True),
    TableColumn("kb", "KB", most=0, least=0, priority=9),
)
NEEDING_COLUMNS = (
    TableColumn("name", "Machine", most=32, least=12, priority=0, least_of_long=24),
    TableColumn("compliance", "Compliance", most=14, least=13, priority=3),
    TableColumn("installable", "Installable", most=22, least=11, priority=1),
    TableColumn("installed", "Installed", most=34, least=12, priority=2, is_sparse=True),
    TableColumn("since", "Needed for", most=10, least=8, priority=4),
    TableColumn("seen", "As of", most=17, least=9, priority=5),
    TableColumn("evidence", "Why not", most=80, least=12, priority=6),
)


def missing_rows(groups: Iterable[MissingGroup], now: datetime) -> list[Row]:
    """A row for each update: the most urgent class first, then what most machines need."""
    ordered = sorted(groups, key=lambda g: (class_rank(g.update.classification), -g.machine_count, g.update.name))
    return [_missing_row(group, now) for group in ordered]


def needing_rows(
    missing: Sequence[MissingUpdate], statuses: Sequence[MachineStatus | None], now: datetime
) -> list[Row]:
    """A row for each machine that misses the update; ``statuses`` in the same order, None where removed since."""
    return [_needing_row(each, status, now) for each, status in zip(missing, statuses, strict=True)]


def describe_group(group: MissingGroup) -> list[tuple[Piece, ...]]:
    """All of one update in a few lines."""
    update = group.update
    blockers = group.blockers
    count = f"{group.machine_count:,} need it, {group.installable:,} can install it now"
    why = labelled("· not installable elsewhere:", ", ".join(blockers), Tone.PENDING) if blockers else ()
    source = update.classification_source or "nothing that could be told"
    counted, class_ = (Piece(count), *why), class_word(update.classification)
    if update.windows is not None:
        # In one paragraph: titles are long, and a low screen has three lines in all.
        known = (*labelled("· class", class_), *windows_pieces(update), *labelled("· class by", source))
        return [windows_head(update), (*counted, *known)]
    head = (Piece(update.name, Tone.STRONG), Piece(update.architecture, Tone.DIM), Piece(update.offered_version))
    return [head, counted, (*labelled("Class", f"{class_}, by {source}"), *origin(update))]


def _missing_row(group: MissingGroup, now: datetime) -> Row:
    update, count, first_seen = group.update, group.machine_count, group.first_seen
    blocked = count - group.installable
    cells = (
        shown_name(update.name, update.offered_version),
        class_word(update.classification),
        shown_version(update.offered_version),
        common(f"{count:,}"),
        common(f"{group.installable:,}"),
        common(f"{blocked:,}"),
        common(severity_text(update)),
        reboot_text(update),
        common(describe_age(first_seen, now)) if first_seen else "",
        common(source_text(update)),
        common(clean_name(update.architecture)),
        common(", ".join(group.blockers)),
        articles_text(update),
    )
    tones = (
        Tone.STRONG,
        CLASS_TONES.get(update.classification, Tone.NORMAL),
        Tone.NORMAL,
        Tone.NORMAL,
        Tone.GOOD if group.installable else Tone.DIM,
        Tone.PENDING if blocked else Tone.DIM,
        *[Tone.DIM] * 7,
    )
    words = tuple(map(folded, cells))
    rank = class_rank(update.classification)
    order = (words[0], rank, words[2], count, group.installable, blocked, *words[6:8], first_seen, *words[9:])
    return Row(group.key, cells, common(tones), order)


def _needing_row(missing: MissingUpdate, status: MachineStatus | None, now: datetime) -> Row:
    update = missing.update
    compliance = status.compliance(now) if status else None
    cells = (
        clean_name(missing.machine_name),
        compliance.value if compliance else "not enrolled",
        "yes" if update.is_installable else common(f"no, {update.blocker}"),
        common(clean_name(update.installed_version)),
        common(describe_age(missing.first_seen, now)) if missing.first_seen else "",
        common(describe_age(missing.seen_at, now)),
        common(clean_name(update.blocker_detail)),
    )
    tones = (
        Tone.STRONG,
        COMPLIANCE_TONES[compliance or Compliance.DISABLED],
        Tone.GOOD if update.is_installable else Tone.PENDING,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    words = tuple(map(folded, cells))
    order = (*words[:4], missing.first_seen, missing.seen_at, words[6])
    return Row(missing.machine_id, cells, common(tones), order)


def describe_needing(row: Row, *, has_versions: bool = True) -> list[tuple[Piece, ...]]:
    """Why the machine in ``row`` would or would not install the update; what it has, for one that ``has_versions``."""
    name, compliance, installable, installed, since, _, evidence = row.cells
    has = labelled("· has", installed or "none") if has_versions else ()
    head = (Piece(name, Tone.STRONG), Piece(compliance, row.tones[1]), *has)
    age = labelled("· needed for", since) if since else ()
    return [(*head, *age), (Piece(f"Installable: {installable}", row.tones[2]), Piece(evidence))]
