"""What a report says, and in which order: the same for the same figures, whatever it is written in."""

from collections.abc import Iterator, Mapping

from fleet.deployments.change_record_blocks import Facts, Grid, Heading, Points, Verbatim, Words
from fleet.reports.blocks import Command, Drawing, Figures, NewPage, ReportBlock
from fleet.reports.report import Report
from fleet.reports.tables import ReportTable

# A page of more rows is read by nobody, and browsers are slow with it; CSV has them all.
MOST_SHOWN = 10_000
_CUT = "more rows than the {:,} that a report holds: ask the query for all of them."


def compose(report: Report) -> Iterator[ReportBlock]:
    """The whole report: what it comes to, its tables, the record of its run, and at the end the queries."""
    yield Heading(1, report.title)
    yield Facts(report.facts)
    yield from map(Words, report.summary)
    if notes := notes_of(report):
        yield Heading(2, "What is not known")
        yield Points(notes)
    for table in report.tables:
        yield from _describe_table(table)
    if report.record:
        yield NewPage()
        yield from report.record
    yield NewPage()
    yield from _describe_queries(report)


def notes_of(report: Report) -> tuple[str, ...]:
    """What is not known, each sentence once: those of the report, then those of its tables."""
    cut = (f"{table.title}: {_CUT.format(len(table.rows))}" for table in report.tables if table.is_cut)
    of_tables = (note for table in report.tables for note in table.notes)
    return tuple(dict.fromkeys((*report.notes, *of_tables, *cut)))


def _describe_table(table: ReportTable) -> Iterator[ReportBlock]:
    yield Heading(2, table.title)
    yield Words(table.help)
    if table.rows:
        if table.chart is not None:
            yield Drawing(table, table.chart)
        yield Figures(table, min(len(table.rows), MOST_SHOWN))
    else:
        yield Words(table.if_empty)
    yield from map(Words, _said_of_rows(table))
    yield Command("The figures are those of", table.citation.command)


def _said_of_rows(table: ReportTable) -> Iterator[str]:
    if len(table.rows) > MOST_SHOWN:
        yield f"Only the first {MOST_SHOWN:,} of {len(table.rows):,} rows are shown; as CSV there are all."
    if table.is_cut:
        yield f"There are {_CUT.format(len(table.rows))}"


def _describe_queries(report: Report) -> Iterator[ReportBlock]:
    yield Heading(2, "Where the figures come from")
    yield Words(
        "Each table above is the whole answer to one query, and can be asked for again with the command below it. All "
        "were asked of the same state of the tables."
    )
    for table in report.tables:
        citation = table.citation
        yield Heading(3, f"{table.title} ({table.key})")
        yield Command("Command:", citation.command)
        own = "this home's own, in the place of the predefined one" if citation.is_own else ""
        yield Facts((("Query", citation.name), ("Origin", own), *_parameters(citation.parameters)))
        meanings = tuple((c.heading, c.meaning) for c in table.columns if c.meaning)
        if meanings:
            yield Grid(("Column", "Meaning"), meanings)
        if citation.text:
            yield Verbatim(citation.text.strip("\n"))


def _parameters(parameters: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    return ((f"Parameter {name}", value) for name, value in parameters.items())
