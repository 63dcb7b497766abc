"""How long questions take: a year of a fleet, every predefined query, and the same questions put in other ways.

    python bench/query.py [--machines 200] [--days 365] [--write]

Each question is asked several times and the fastest counts. "By hand" is SQL over the same files in a plain DuckDB:
where `bench.by_hand_questions` has the question it was written for them, and gives as many rows; else it is the query's
own text, over the days that a careful author would name. KQL stands against SQL that was written for it.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from os import cpu_count, environ, getloadavg
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.by_hand import ByHand
from bench.by_hand_questions import QUESTIONS
from bench.fleet_year import FleetYear, write_tables
from bench.kql_pairs import PAIRS
from bench.other_stores import compare_stores
from query.engine import QueryEngine
from query.language import QueryLanguage
from query.library import SavedQuery, find_queries
from query.limits import Limits

_PAGE = Path(__file__).parents[1] / "docs/performance.md"
_BEGIN, _END = "<!-- bench/query.py writes from here -->", "<!-- to here, query -->"
_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_LIMITS = Limits(rows=None, seconds=600.0, memory="4GB")
_DAYS_A_MONTH = 30
_MOST_ROUNDS = 4
_ENOUGH_SECONDS = 1.0
_WANTED_RATIO = 1.2
# Below this, the fixed cost of a question (gate, clock, thread, views) is all that is left to compare.
_FIXED_MS = 10.0
# For parameters without a default.
_SAMPLES: Mapping[str, object] = {"machine": "m00001", "cve": "CVE-2026-8"}


@dataclass(frozen=True, slots=True)
class Timing:
    """A question: milliseconds over all days, over a month, and by hand over all of them; how that was written."""

    name: str
    ms: float
    ms_of_a_month: float
    ms_by_hand: float
    is_written_anew: bool = False

    @property
    def ratio(self) -> float:
        """How many times as long as by hand."""
        return self.ms / self.ms_by_hand


def main() -> None:
    """Make the tables, ask, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--machines", type=int, default=200)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="patchdeck-query-") as folder:
        text = _measure(Path(folder), options.machines, options.days)
    if options.write:
        before, rest = _PAGE.read_text("utf-8").split(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", "utf-8")
    else:
        print(text)


def _measure(work: Path, machines: int, days: int) -> str:
    began = time.monotonic()
    year = FleetYear(machines, days, _NOW)
    write_tables(year, work / "home/tables")
    write_tables(FleetYear(machines, _DAYS_A_MONTH, _NOW), work / "month/tables")
    made_seconds = time.monotonic() - began
    print(f"made in {made_seconds:.0f} s", file=sys.stderr)
    with (
        QueryEngine(work / "home/tables", work / "temp", _LIMITS, _NOW) as engine,
        QueryEngine(work / "month/tables", work / "temp", _LIMITS, _NOW) as of_a_month,
        ByHand(work / "home/tables", _NOW) as by_hand,
    ):
        timings = [*_predefined(engine, of_a_month, by_hand), *_in_kql(engine, of_a_month, by_hand)]
        others = [*compare_stores(engine, year, work, fastest_ms)]
    about = (
        f"{machines:,} machines, {days} days, {cpu_count()} cores, load average {getloadavg()[1]:.0f}, "
        f"{datetime.now(UTC):%Y-%m-%d}; made in {made_seconds:.0f} s."
    )
    return "\n".join((about, "", *_summary(timings, _start_seconds(work / "home")), "", *_table(timings), "", *others))


def fastest_ms(ask: Callable[[], object]) -> float:
    """The fastest of a few times that ``ask`` took, after one that warms up."""
    ask()
    ends_at = time.monotonic() + _ENOUGH_SECONDS
    found: list[float] = []
    while len(found) < _MOST_ROUNDS and (not found or time.monotonic() < ends_at):
        began = time.perf_counter()
        ask()
        found.append((time.perf_counter() - began) * 1000)
    return min(found)


def _predefined(engine: QueryEngine, of_a_month: QueryEngine, by_hand: ByHand) -> Iterator[Timing]:
    for saved in find_queries():
        ask = partial(engine.run, saved.text, _values(saved), language=saved.language)
        is_written_anew = saved.name in QUESTIONS
        yield Timing(
            saved.name,
            fastest_ms(ask),
            fastest_ms(partial(of_a_month.run, saved.text, _values(saved), language=saved.language)),
            fastest_ms(_written(saved, engine, by_hand) if is_written_anew else _same(saved, engine, by_hand)),
            is_written_anew,
        )
        print(f"{saved.name} …", file=sys.stderr, flush=True)


def _written(saved: SavedQuery, engine: QueryEngine, by_hand: ByHand) -> Callable[[], object]:
    ask = by_hand.written(saved.name)
    ours, theirs = len(engine.run(saved.text, _values(saved), language=saved.language).rows), len(ask())
    if ours != theirs:
        raise SystemExit(f"{saved.name} has {ours} rows, and by hand {theirs}: they do not ask the same.")
    return ask


def _same(saved: SavedQuery, engine: QueryEngine, by_hand: ByHand) -> Callable[[], object]:
    values = _values(saved)
    sql = saved.text if saved.language is QueryLanguage.SQL else engine.explain_kql(saved.text, values)
    return by_hand.question(sql, values)


def _in_kql(engine: QueryEngine, of_a_month: QueryEngine, by_hand: ByHand) -> Iterator[Timing]:
    for pair in PAIRS:
        yield Timing(
            f"KQL: {pair.title}",
            fastest_ms(partial(engine.run, pair.kql, language=QueryLanguage.KQL)),
            fastest_ms(partial(of_a_month.run, pair.kql, language=QueryLanguage.KQL)),
            fastest_ms(by_hand.question(pair.sql, {})),
            is_written_anew=True,
        )


def _values(saved: SavedQuery) -> dict[str, object]:
    missing = {p.name: _SAMPLES[p.name] for p in saved.parameters if p.default is None}
    return saved.values(missing)


def _start_seconds(home: Path) -> float:
    """From the start of the program to the end of its answer."""
    program = Path(__file__).parents[1] / "patchdeck.py"
    words = [sys.executable, str(program), "query", "--name", "reboot-pending", "--json", "--limit", "10"]

    def ask() -> None:
        subprocess.run(words, env={**environ, "PATCHDECK_HOME": str(home)}, capture_output=True, check=True)

    return fastest_ms(ask) / 1000


def _summary(timings: list[Timing], start_seconds: float) -> Iterator[str]:
    slow = [t for t in timings if t.ratio > _WANTED_RATIO and t.ms - t.ms_by_hand > _FIXED_MS]
    worst = max(timings, key=lambda t: (t.ms - t.ms_by_hand > _FIXED_MS, t.ratio))
    yield "| what | measured | wanted |"
    yield "| --- | ---: | ---: |"
    yield f"| start of the command line to its answer, s | {start_seconds:.2f} | below 0.6 |"
    yield f"| worst ratio to SQL by hand, {_FIXED_MS:.0f} ms or more apart | {worst.ratio:.2f} | at most 1.2 |"
    yield f"| such queries above it | {', '.join(t.name for t in slow) or 'none'} | none |"


def _table(timings: list[Timing]) -> Iterator[str]:
    yield "| question | ms | ms over one month | ms by hand | ratio | by hand |"
    yield "| --- | ---: | ---: | ---: | ---: | --- |"
    for each in timings:
        how = "written for the files" if each.is_written_anew else "the same text"
        times = f"{each.ms:.0f} | {each.ms_of_a_month:.0f} | {each.ms_by_hand:.0f} | {each.ratio:.2f}"
        yield f"| {each.name} | {times} | {how} |"


if __name__ == "__main__":
    main()
