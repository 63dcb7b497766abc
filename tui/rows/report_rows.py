"""Reports as rows: those that there are, those that are scheduled, and the tables of one that was made."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from fleet.hostile import clean, clean_name
from fleet.reports.cells import cell_text
from fleet.reports.kinds import ReportKind
from fleet.reports.report import Report
from fleet.reports.schedule import StoredReportSchedule, next_time
from fleet.reports.tables import ReportTable
from tui.rows.ages import describe_age, describe_time
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

KIND_COLUMNS = (
    TableColumn("report", "Report", most=20, least=14, priority=0),
    TableColumn("of", "Of", most=12, least=10, priority=2),
    TableColumn("meaning", "What it answers", most=120, least=30, priority=1),
)
SCHEDULE_COLUMNS = (
    TableColumn("name", "Scheduled report", most=32, least=16, priority=0),
    TableColumn("report", "Report", most=16, least=13, priority=1),
    TableColumn("on", "On", most=4, least=3, priority=0),
    TableColumn("next", "Next", most=17, least=17, priority=1),
    TableColumn("last", "Last made", most=12, least=9, priority=2),
    TableColumn("to", "Goes to", most=60, least=12, priority=2),
    TableColumn("formats", "As", most=14, least=5, priority=4),
    TableColumn("machines", "Machines", most=40, least=10, priority=4),
    TableColumn("problem", "Problem", most=100, least=10, priority=3),
)
REPORT_TABLE_COLUMNS = (
    TableColumn("table", "Table", most=24, least=12, priority=0),
    TableColumn("title", "What is in it", most=80, least=24, priority=1),
    TableColumn("rows", "Rows", is_number=True, priority=1),
    TableColumn("query", "From the query", most=40, least=14, priority=2),
)


def kind_rows() -> list[Row]:
    """A row for each report that there is."""
    return [
        Row(
            kind.value,
            (kind.heading, "a period" if kind.takes_period else "an instant", kind.meaning),
            (Tone.STRONG, Tone.DIM, Tone.NORMAL),
        )
        for kind in ReportKind
    ]


def schedule_rows(stored: Iterable[StoredReportSchedule], now: datetime) -> list[Row]:
    """A row for each scheduled report, in the order given."""
    return [_schedule_row(each, now) for each in stored]


def report_table_rows(report: Report) -> list[Row]:
    """A row for each table of a report."""
    return [_table_row(table) for table in report.tables]


def describe_schedule(stored: StoredReportSchedule, now: datetime) -> list[tuple[Piece, ...]]:
    """All of a scheduled report in a few lines, what went wrong first."""
    report = stored.schedule
    lines: list[tuple[Piece, ...]] = [(Piece(clean(stored.error), Tone.BAD),)] if stored.error else []
    rule = f"{report.schedule.rule or 'once'} from {report.schedule.first:%Y-%m-%d %H:%M} {report.schedule.time_zone}"
    lines.append((Piece(report.name, Tone.STRONG), *labelled("makes", report.kind.value), *labelled("·", rule)))
    lines.append((*labelled("Goes to", _receivers(stored)), *labelled("· as", ", ".join(report.formats))))
    last = f"{describe_age(stored.made_at, now)} ago" if stored.made_at else "never"
    lines.append((*labelled("Last made", last), *labelled("· next", describe_time(next_time(stored, now)) or "none")))
    return lines + ([(Piece(clean(report.description)),)] if report.description else [])


def section_text(table: ReportTable) -> str:
    """A table of a report to be read and scrolled: its columns aligned, and where its figures come from."""
    heads = [clean_name(column.heading) for column in table.columns]
    rows = [[clean(cell_text(value), 80) for value in row] for row in table.rows]
    widths = [max(len(head), *(len(row[at]) for row in rows), 1) for at, head in enumerate(heads)]
    lines = [clean(table.title), clean(table.help), ""]
    lines += [_aligned(row, widths) for row in (heads, *rows)]
    lines += [] if rows else [clean(table.if_empty)]
    lines += ["", *map(clean, table.notes), f"The same figures: {clean(table.citation.command)}"]
    return "\n".join(lines)


def _aligned(cells: Sequence[str], widths: Sequence[int]) -> str:
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


def _receivers(stored: StoredReportSchedule) -> str:
    report = stored.schedule
    return clean(", ".join(filter(None, (*report.channels, report.folder))))


def _schedule_row(stored: StoredReportSchedule, now: datetime) -> Row:
    report = stored.schedule
    coming = next_time(stored, now)
    machines = ", ".join(report.targets) or "all"
    cells = (
        report.name,
        report.kind.value,
        "yes" if report.is_enabled else "no",
        describe_time(coming) or "none any more",
        describe_age(stored.made_at, now),
        _receivers(stored),
        ", ".join(report.formats),
        clean(f"{machines} in the scope" if report.in_scope else machines),
        clean(stored.error),
    )
    tones = (
        Tone.STRONG if report.is_enabled else Tone.OFFLINE,
        Tone.NORMAL,
        Tone.GOOD if report.is_enabled else Tone.OFFLINE,
        Tone.NORMAL if coming else Tone.DIM,
        Tone.DIM,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.BAD,
    )
    order = (cells[0].casefold(), cells[1], cells[2], coming, stored.made_at, *map(str.casefold, cells[5:]))
    return Row(report.name, cells, tones, order)


def _table_row(table: ReportTable) -> Row:
    cut = "+" if table.is_cut else ""
    cells = (table.key, clean(table.title), f"{len(table.rows):,}{cut}", clean_name(table.citation.name))
    tones = (Tone.STRONG, Tone.NORMAL, Tone.NORMAL if table.rows else Tone.DIM, Tone.DIM)
    return Row(table.key, cells, tones, (cells[0], cells[1].casefold(), len(table.rows), cells[3]))
