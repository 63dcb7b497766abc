"""A report as text and as files, in the formats that there are."""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.messages import Attachment
from fleet.reports.contents import compose, notes_of
from fleet.reports.kinds import ReportFormat
from fleet.reports.report import Report
from fleet.reports.tables import Citation, ReportColumn, ReportTable
from ops.permission import require_elsewhere

if TYPE_CHECKING:
    from query.results import Result


def report_text(report: Report, format_: ReportFormat, section: str = "") -> str:
    """The whole report; as CSV one of its tables, the one called ``section`` or that of the detail.

    Raises:
        UnknownName: it has no such table.
    """
    from fleet.reports.html import write_html
    from fleet.reports.markdown import write_markdown

    if format_ is ReportFormat.CSV:
        return _csv(report.table(section))
    if format_ is ReportFormat.MARKDOWN:
        return write_markdown(compose(report))
    return write_html(report.title, compose(report))


def report_files(report: Report, format_: ReportFormat, stem: str) -> Iterator[Attachment]:
    """The files of the report: one, or as CSV one for each table and one for what it is of."""
    if format_ is not ReportFormat.CSV:
        yield Attachment(f"{stem}.{format_}", format_.media_type, report_text(report, format_))
        return
    for table in (*report.tables, _facts_table(report)):
        yield Attachment(f"{stem}-{table.key}.csv", format_.media_type, _csv(table))


def write_report(report: Report, format_: ReportFormat, path: Path, section: str = "") -> tuple[Path, ...]:
    """Write the report to the file ``path``, or its files into the folder ``path``; each whole or not at all.

    Raises:
        QueryFailed: it cannot be written; says why.
        NotPermitted: it is in a home that this process does not change.
        UnknownName: the report has no such table.
    """
    if not path.is_dir():
        return (write_file(path, report_text(report, format_, section)),)
    return tuple(write_file(path / file.name, file.text) for file in report_files(report, format_, report.kind.value))


def report_objects(report: Report) -> list[dict[str, object]]:
    """The report as JSON takes it: an object for each table, with its rows and where they come from."""
    from query.plain_values import plain_value

    return [
        {
            "report": report.kind.value,
            "facts": dict(report.facts),
            "summary": list(report.summary),
            "section": table.key,
            "title": table.title,
            "query": table.citation.name,
            "parameters": dict(table.citation.parameters),
            "command": table.citation.command,
            "is_cut": table.is_cut,
            "notes": list(table.notes),
            "rows": [
                {c.name: plain_value(value) for c, value in zip(table.columns, row, strict=True)} for row in table.rows
            ],
        }
        for table in report.tables
    ]


def write_file(path: Path, text: str) -> Path:
    """Write ``text`` to ``path``, whole or not at all, and give the path.

    Raises:
        QueryFailed: it cannot be written; says why.
        NotPermitted: it is in a home that this process does not change.
    """
    from query.outfile import written_aside

    require_elsewhere(path)
    with written_aside(path) as file:
        file.write(text.encode())
    return path


def _csv(table: ReportTable) -> str:
    from query.export import write_rows

    stream = io.StringIO()
    write_rows(_result(table), "csv", stream)
    return stream.getvalue()


def _result(table: ReportTable) -> "Result":
    from query.results import Result, ResultColumn

    columns = tuple(ResultColumn(column.name, column.type) for column in table.columns)
    return Result(columns, [tuple(row) for row in table.rows], table.is_cut, 0.0)


def _facts_table(report: Report) -> ReportTable:
    """What the report is of, and where each table comes from, for whoever has only its rows."""
    said = [
        *report.facts,
        *(("Summary", text) for text in report.summary),
        *(("Not known", note) for note in notes_of(report)),
    ]
    said += [(f"Table {table.key}", table.citation.command) for table in report.tables]
    columns = (ReportColumn("Name"), ReportColumn("Value"))
    rows = [(name, value) for name, value in said if value]
    return ReportTable("facts", "Facts", "What the report is of.", columns, rows, Citation(""))
