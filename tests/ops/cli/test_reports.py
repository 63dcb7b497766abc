"""`patchdeck reports make`: figures that the queries give again, formats, and what is refused."""

import csv
import io
import json
import shlex
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.ops.cli.conftest import ROOT, Patchdeck

SAMPLE = ROOT / "sample-data"
THEN = (SAMPLE / "now.txt").read_text("ascii").strip()


@pytest.fixture
def enrolled(home: Path) -> Path:
    """A home with the machines and runs of the sample fleet; without their tables, of which there are many files."""
    home.mkdir()
    for name in ("version", "state.db"):
        shutil.copyfile(SAMPLE / name, home / name)
    return home


@pytest.fixture
def sample(enrolled: Path) -> Path:
    """A home with the sample fleet."""
    shutil.copytree(SAMPLE / "tables", enrolled / "tables")
    return enrolled


class ReportPage(HTMLParser):
    """The tables of a page by their id, each with the commands below it; and every tag."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.commands: dict[str, str] = {}
        self.tags: set[str] = set()
        self._table = ""
        self._last = ""
        self._text: list[str] | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        if tag == "table":
            self._table = dict(attrs).get("id") or ""
            self._last = self._table or self._last
            self.tables.setdefault(self._table, [])
        elif tag == "tr":
            self.tables[self._table].append([])
        elif tag in ("td", "th", "code"):
            self._text = []

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag in ("td", "th", "code") and self._text is not None:
            said = "".join(self._text)
            if tag == "code":
                self.commands.setdefault(self._last, said)
            else:
                self.tables[self._table][-1].append(said)
            self._text = None
        elif tag == "table":
            self._table = ""


def numbers_in(row: Iterator[object]) -> list[float]:
    return [float(value) for value in row if isinstance(value, int | float) and not isinstance(value, bool)]


def shown_numbers(heads: list[str], row: list[str], answer: dict[str, object]) -> list[float]:
    """What the page shows where the answer has a number."""
    names = [head.partition(" [")[0] for head in heads]
    kept = zip(names, row, strict=True)
    return [
        float(text)
        for name, text in kept
        if isinstance(answer[name], int | float) and not isinstance(answer[name], bool)
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        ("compliance", "--now", THEN, "--target", "tag:env=prod"),
        ("compliance", "--as-of", "2026-08-30", "--target", "db-0[12]"),
        ("patch-latency", "--now", THEN, "--from", "2026-09-01", "--target", "db-*"),
        ("change-record", "--now", THEN, "--to", "2026-11-10"),
        ("exceptions", "--now", THEN),
    ],
    ids=lambda arguments: "-".join(arguments[:2]),
)
def test_figures_of_the_page_are_those_of_the_queries_it_cites(
    sample: Path, patchdeck: Patchdeck, arguments: tuple[str, ...]
) -> None:
    """Every number of every table, read out of the HTML, against `patchdeck query` as it is printed there."""
    page = ReportPage(patchdeck("reports", "make", *arguments, "--format", "html").out)

    asked = {key: command for key, command in page.commands.items() if command.startswith("patchdeck query")}
    assert len(asked) >= 4
    for key, command in asked.items():
        answer = json.loads(patchdeck(*shlex.split(command)[1:], "--format", "json").out)
        heads, *rows = page.tables[key]
        assert [shown_numbers(heads, r, a) for r, a in zip(rows, answer, strict=True)] == [
            numbers_in(iter(a.values())) for a in answer
        ]


def test_page_runs_nothing_loads_nothing_and_says_what_it_rests_on(sample: Path, patchdeck: Patchdeck) -> None:
    """No script, no link; charts in words too; the head of the audit, the instant, the age of the data."""
    text = patchdeck("reports", "make", "compliance", "--now", THEN, "--format", "html").out
    page = ReportPage(text)

    assert page.tags.isdisjoint({"script", "link", "img", "iframe", "object", "form", "image", "foreignObject"})
    assert text.count("<svg") == text.count('role="img"') == text.count("<desc") > 2
    facts = dict(row for row in page.tables[""] if len(row) == 2)
    assert "Compliant: 15 of 74 machines. 54 of 74 can be judged by a fresh and whole answer." in text
    assert facts["As of"] == "2026-11-20 12:00:00Z"
    assert facts["Age of the data"].startswith("74 of 75 ever answered, 60 of 75 lately; the newest answer is of 2026-")
    assert facts["Head of the audit"].startswith("entry ")


def test_what_is_not_known_is_never_compliant(sample: Path, patchdeck: Patchdeck) -> None:
    """Days later every answer is stale: nobody is compliant, and nobody is judged."""
    text = patchdeck("reports", "make", "compliance", "--now", "2026-11-22T12:00:00Z").out
    assert "Compliant: 0 of 74 machines. 0 of 74 can be judged by a fresh and whole answer." in text


def test_time_taken_for_the_present_is_not_passed_off_as_an_earlier_state(sample: Path, patchdeck: Patchdeck) -> None:
    """The figures are of what was found later, too: the report says so."""
    text = patchdeck("reports", "make", "compliance", "--now", "2026-10-01T00:00:00Z").out
    assert "2026-10-01 00:00:00Z was only taken for the present" in text
    assert "only taken" not in patchdeck("reports", "make", "compliance", "--as-of", "2026-10-01T00:00:00Z").out


def test_csv_is_one_table_and_into_a_folder_all_of_them(sample: Path, patchdeck: Patchdeck, tmp_path: Path) -> None:
    """The detail unless another is named; what it comes to goes to standard error."""
    made = patchdeck("reports", "make", "compliance", "--now", THEN, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(made.out)))
    other = patchdeck("reports", "make", "compliance", "--now", THEN, "--format", "csv", "--section", "compliance").out
    folder = tmp_path / "out"
    folder.mkdir()
    patchdeck("reports", "make", "compliance", "--now", THEN, "--format", "csv", "-o", str(folder))

    assert len(rows) == 75
    assert "15 of 74" in made.err
    assert other.startswith("Compliance,Machines,Linux,Windows,Percent\n")
    names = {
        f"compliance-{key}.csv" for key in ("age", "compliance", "systems", "classes", "days", "machines", "facts")
    }
    assert {path.name for path in folder.iterdir()} == names


def test_change_record_of_one_run_has_its_machines_and_its_figures(sample: Path, patchdeck: Patchdeck) -> None:
    """The figures are of that run alone, and the record of the run follows."""
    run = next(run for run in json.loads(patchdeck("deployments", "history", "--json").out) if run["ended_at"])
    made = json.loads(patchdeck("reports", "make", "change-record", "--run", str(run["run"]), "--json").out)
    text = patchdeck("reports", "make", "change-record", "--run", str(run["run"])).out

    assert {row["CorrelationId"] for each in made if each["section"] == "machines" for row in each["rows"]} == {
        run["run"]
    }
    assert "## Change record: " in text
    begun = datetime.fromisoformat(run["started_at"]) + timedelta(seconds=20)
    options = ("--as-of", begun.isoformat())
    for words in (("reports", "make", "change-record", "--run", run["run"]), ("deployments", "record", run["run"])):
        then = patchdeck(*words, *options).out
        assert f"{begun:%Y-%m-%d %H:%M:%S}" in then
        assert "InProgress" in then
        assert f"{datetime.fromisoformat(run['ended_at']):%Y-%m-%d %H:%M:%S}" not in then
    assert [len(each["rows"]) for each in made if each["section"] == "runs"] == [1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("complience",), "compliance"),
        (("compliance", "--from", "2026-01-01"), "is of one instant"),
        (("compliance", "--run", "x"), "is of no run"),
        (("compliance", "--as-of", "2999-01-01"), "yet to come"),
        (("patch-latency", "--from", "2026-05-01", "--to", "2026-04-01"), "before it begins"),
        (("compliance", "--target", "web-99"), "web-99"),
        (("compliance", "--group", "nobody"), "nobody"),
        (("compliance", "--section", "machines"), "--section chooses"),
        (("compliance", "--format", "csv", "--section", "machine"), "machines"),
        (("compliance", "-o", "x.pdf"), "does not say its format"),
        (("change-record", "--run", "nothing"), "nothing"),
        (("change-record", "--run", "linux-production-frankfurt", "--as-of", "2026-11-01"), "was asked for later"),
        (("compliance", "--target", ""), "names nothing"),
    ],
)
def test_what_makes_no_sense_is_refused(
    enrolled: Path, patchdeck: Patchdeck, arguments: tuple[str, ...], said: str
) -> None:
    """In one line, with what would do, and nothing on standard output."""
    ended = patchdeck("reports", "make", *arguments, code=2)
    assert said in ended.err
    assert ended.out == ""


def test_query_of_the_home_in_the_place_of_a_predefined_one_is_told(sample: Path, patchdeck: Patchdeck) -> None:
    """It is asked, since its command would ask it, too; whoever reads the report learns that. One that does not fit is
    refused with its place.
    """
    own = sample / "queries" / "compliance-of-machines.sql"
    own.parent.mkdir()
    text = "SELECT 'compliant' AS Compliance, 5 AS Machines, $machines AS Asked"
    own.write_text(f"-- title: Mine\n-- param: machines string = '*': whose\n{text}", encoding="utf-8")
    out = patchdeck("reports", "make", "compliance", "--now", THEN).out
    assert "Mine: answered by this home's own query compliance-of-machines" in out.replace("\\", "")

    own.write_text("-- title: Mine\nSELECT 1 AS x", encoding="utf-8")
    assert str(own) in patchdeck("reports", "make", "compliance", "--now", THEN, code=2).err


def test_report_of_an_empty_home_says_that_there_is_nothing(patchdeck: Patchdeck) -> None:
    """And nothing in it is compliant."""
    for kind in ("compliance", "patch-latency", "change-record", "exceptions"):
        assert "There are no such machines." in (out := patchdeck("reports", "make", kind).out) or "No machine" in out


def test_query_takes_targets_for_the_parameter_machines(sample: Path, patchdeck: Patchdeck) -> None:
    """Of SQL as it is typed too; not beside the parameter itself."""
    sql = "SELECT count(*) AS n FROM Machine WHERE SourceComputerId IN (SELECT unnest(string_split($machines, ',')))"
    assert json.loads(patchdeck("query", sql, "--target", "db-*", "--format", "json").out) == [{"n": 5}]
    patchdeck("query", sql, "--target", "db-*", "--param", "machines=x", code=2)
    patchdeck("query", "SELECT 1 AS x", "--target", "db-*", code=2)
