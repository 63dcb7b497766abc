"""Pages of reports: whole, the same in each format, and harmless whatever machines said."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from fleet.reports.cells import cell_text
from fleet.reports.charts import MOST_BARS, draw
from fleet.reports.contents import MOST_SHOWN, compose, notes_of
from fleet.reports.html import write_html
from fleet.reports.kinds import ReportKind
from fleet.reports.markdown import write_markdown
from fleet.reports.report import Report
from fleet.reports.summaries import summarise
from fleet.reports.tables import ChartKind, Citation, ReportChart, ReportColumn, ReportTable

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</table><h1>all compliant</h1>",
    "| a | b |\n---\n# heading",
    "\x1b[2J\x1b]0;gone\x07",
    "\u202egpj.exe\u202c",
    "a" * 300,
    "`code` **bold** [link](javascript:alert(1))",
    "=cmd|' /C calc'!A0",
    "\ud800 lone",
)


class Tags(HTMLParser):
    """The names of the tags of a page, and of its attributes."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes |= {name for name, _ in attrs}


def table_of(rows: list[tuple[object, ...]], **more: object) -> ReportTable:
    columns = (ReportColumn("Computer"), ReportColumn("MissingDays", "how long", "days", "BIGINT"))
    fields = {
        "chart": ReportChart(ChartKind.BAR, "Computer", ("MissingDays",)),
        "citation": Citation("patchdeck query"),
        **more,
    }
    return ReportTable("machines", "Machines", "One row for each.", columns, rows, **fields)  # type: ignore[arg-type]


def report_of(*tables: ReportTable, **more: object) -> Report:
    fields = {"title": "Compliance", "facts": (("Machines", "all"),), "summary": ("It is so.",), **more}
    return Report(ReportKind.COMPLIANCE, tables=tables, **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize("said", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_that_a_machine_says_becomes_markup(said: str) -> None:
    """In a cell, a chart, a fact, a summary, a note, a command: the tags are those of a harmless report."""
    harmless, hostile = (
        report_of(
            table_of([(text, 3), ("db-1", 1)], notes=(text,), citation=Citation(text, text, {"machines": text}, text)),
            facts=(("Machines", text),),
            summary=(text,),
            title=text,
        )
        for text in ("web-1", said)
    )
    page, plain = (Tags(write_html(each.title, compose(each))) for each in (hostile, harmless))
    tokens, plain_tokens = (
        [token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(write_markdown(compose(each)))]
        for each in (hostile, harmless)
    )

    assert page.tags == plain.tags
    assert page.attributes == plain.attributes
    assert tokens == plain_tokens
    written = write_html(hostile.title, compose(hostile)) + write_markdown(compose(hostile))
    assert "\x1b" not in written
    assert "\u202e" not in written
    written.encode()


@given(
    st.lists(
        st.tuples(
            st.text(max_size=60),
            st.one_of(st.none(), st.integers(-5, 10**12), st.floats(0, 1e9, allow_nan=False)),
        ),
        max_size=40,
    ),
    st.sampled_from(ChartKind),
)
def test_chart_is_well_formed_and_said_in_words(rows: list[tuple[str, float | None]], kind: ChartKind) -> None:
    """XML that parses, with a title and what is drawn in its description; nothing where nothing is known."""
    drawn = draw(table_of(list(rows)), ReportChart(kind, "Computer", ("MissingDays", "Gone")), 1)

    assert bool(drawn) == any(value is not None for _, value in rows)
    if drawn:
        root = ET.fromstring(drawn)
        said = next(each.text or "" for each in root.iter() if each.tag.endswith("desc"))
        shown = rows[:MOST_BARS] if kind is ChartKind.BAR else rows
        assert said.count("unknown") >= sum(value is None for _, value in shown)
        assert "nan" not in drawn.replace("unknown", "")


@pytest.mark.parametrize("value", [-1, 0, 5e-324, float("inf"), float("nan"), Decimal("0.5")])
@pytest.mark.parametrize("kind", ChartKind)
def test_every_number_can_be_drawn_or_is_not_known(value: object, kind: ChartKind) -> None:
    """Less than nothing, nearly nothing, without an end."""
    drawn = draw(
        table_of([("a", value), ("b", 2 if value == 0 else None)]), ReportChart(kind, "Computer", ("MissingDays",)), 1
    )
    assert drawn == "" if value not in (-1, 0, 5e-324, Decimal("0.5")) else ET.fromstring(drawn) is not None


def test_bars_of_percentages_are_drawn_against_the_whole() -> None:
    """The best of bad ones does not look like all."""
    columns = (ReportColumn("System"), ReportColumn("Percent", unit="%", type="DOUBLE"))
    table = replace(table_of([("a", 10.0), ("b", 20.0)]), columns=columns)
    drawn = ET.fromstring(draw(table, ReportChart(ChartKind.BAR, "System", ("Percent",)), 1))
    svg = "{http://www.w3.org/2000/svg}"
    lengths = [float(bar.get("width", "")) for bar in drawn.findall(f"./{svg}svg/{svg}rect")]
    assert lengths == [38.0, 76.0]


def test_lines_leave_a_gap_where_nothing_is_known_and_differ_without_colour() -> None:
    """Two series: one is dashed; the unknown day parts a line into two."""
    columns = (ReportColumn("Day", type="DATE"), ReportColumn("A", type="BIGINT"), ReportColumn("B", type="BIGINT"))
    rows = [(date(2026, 11, day), day, None if day == 2 else day) for day in (1, 2, 3)]
    table = ReportTable("days", "Days", "", columns, rows, Citation(""))

    drawn = draw(table, ReportChart(ChartKind.LINE, "Day", ("A", "B")), 7)

    assert drawn.count("<polyline") == 3
    assert drawn.count("stroke-dasharray") == 3
    assert "B: 2026-11-01 1, 2026-11-02 unknown, 2026-11-03 3." in drawn


def test_page_of_very_many_rows_shows_the_first_and_says_so() -> None:
    """A browser is not to be drowned; CSV has them all."""
    report = report_of(table_of([(f"m{number}", number) for number in range(MOST_SHOWN + 5)], is_cut=True))
    text = write_html(report.title, compose(report))

    assert f"Only the first {MOST_SHOWN:,} of {MOST_SHOWN + 5:,} rows are shown" in text
    assert text.count("<tr>") < MOST_SHOWN + 50
    assert any("more rows than" in note for note in notes_of(report))


def test_page_prints_with_repeated_headings_and_the_queries_on_pages_of_their_own() -> None:
    """What browsers need for it is in the page's style."""
    text = write_html("Compliance", compose(report_of(table_of([("web-1", 3)]))))
    for rule in ("table-header-group", "break-inside: avoid", "break-before: page", "size: landscape"):
        assert rule in text
    assert '<th scope="col" class="n">Missing<wbr>Days [days]</th>' in text
    assert "default-src &#x27;none&#x27;" in text or "default-src 'none'" in text


def test_table_without_rows_says_what_that_means() -> None:
    """No empty table, no chart."""
    text = write_markdown(compose(report_of(table_of([], if_empty="Nobody misses anything."))))
    assert "Nobody misses anything." in text
    assert "| Computer |" not in text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (float("nan"), ""),
        (True, "yes"),
        (0, "0"),
        (33.0, "33"),
        (33.25, "33.25"),
        (Decimal(12), "12"),
        (datetime(2026, 11, 20, 12, 0, 1, tzinfo=UTC), "2026-11-20 12:00:01Z"),
        (date(2026, 11, 20), "2026-11-20"),
    ],
)
def test_values_in_cells(value: object, text: str) -> None:
    """What is not known is empty, and no nought."""
    assert cell_text(value) == text


def test_summary_of_a_period_in_which_nothing_was_needed_says_who_answered() -> None:
    """Of machines that never answered nothing is known, which is no good news."""
    age = replace(table_of([(0, 3)]), key="age", columns=(ReportColumn("Answered"), ReportColumn("Machines")))
    classes = replace(table_of([]), key="classes", columns=(ReportColumn("Classification"), ReportColumn("Needed")))
    said = "No critical or security update was first needed in this period, as far as known: 0 of 3 machines answered."
    assert summarise(ReportKind.PATCH_LATENCY, (age, classes)) == (said,)


def test_summary_has_nothing_that_steers_a_terminal() -> None:
    """It goes to standard error and into messages as it is."""
    columns = (ReportColumn("Compliance"), ReportColumn("Machines"))
    judged = replace(table_of([("\x1b[2J\nwell", 2)]), key="compliance", columns=columns)
    assert all(line.isprintable() for line in summarise(ReportKind.COMPLIANCE, (judged,)))
