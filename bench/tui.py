"""What the screens cost: start, memory, keys, bytes and a slow line; Patchdeck beside harlequin and posting in one run.

    python bench/tui.py [--home FOLDER] [--without-peers] [--starts 5] [--size 120x40] [--write]

Over real pseudo-terminals that an emulator reads, with 10,000 machines and 300,000 missing updates, made first
(a minute; `--home` keeps them for the next run). `--write` puts the tables into docs/performance.md. Bytes do not
depend on what else the machine does; times do.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from bench.tui_fleet import make_fleet
from bench.tui_measures import Figures, Own, measure, measure_own
from bench.tui_programs import install_peers, patchdeck, peers
from ops.home import open_home

_PAGE = Path(__file__).parents[1] / "docs/performance.md"
_BEGIN, _END = "<!-- bench/tui.py writes from here -->", "<!-- to here, tui -->"
_MACHINES, _UPDATES_EACH = 10_000, 30


def main() -> None:
    """Make the fleet, measure, and print or write what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, help="a home that bench/tui_fleet.py made, or is to be made")
    parser.add_argument("--without-peers", action="store_true")
    parser.add_argument("--starts", type=int, default=5, metavar="N")
    parser.add_argument("--size", default="120x40", metavar="COLUMNSxROWS")
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    if not options.without_peers:
        install_peers()
    with tempfile.TemporaryDirectory(prefix="patchdeck-tui-") as folder:
        home = options.home or Path(folder, "home")
        if not (home / "state.db").exists():
            make_fleet(open_home(home), _MACHINES, _UPDATES_EACH)
        others = [] if options.without_peers else peers(Path(folder), _MACHINES)
        columns, rows = map(int, options.size.split("x"))
        programs = [patchdeck(home), *others]
        figures = {each.name: measure(each, columns, rows, options.starts) for each in programs}
        text = _page(figures, measure_own(patchdeck(home), home, columns, rows), options.size)
    if options.write:
        before, rest = _PAGE.read_text("utf-8").split(_BEGIN)
        _PAGE.write_text(f"{before}{_BEGIN}\n{text}\n{_END}{rest.split(_END)[1]}", "utf-8")
    else:
        print(text)


def _page(figures: dict[str, Figures], own: Own, size: str) -> str:
    ours, *others = figures.values()
    about = (
        f"{size.replace('x', ' x ')} cells, {_MACHINES:,} machines, {_MACHINES * _UPDATES_EACH:,} missing updates, "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, {datetime.now(UTC):%Y-%m-%d}; medians."
    )
    beside = _table(
        ("what", *figures, *(f"{name} to ours" for name in [*figures][1:]), "wanted"),
        (
            (what, *(_number(getattr(each, field)) for each in figures.values()), *_ratios(field, ours, others), wanted)
            for what, field, wanted in _ROWS
        ),
    )
    alone = _table(
        ("Patchdeck alone", "measured", "wanted"), ((w, _number(getattr(own, f)), b) for w, f, b in _OWN_ROWS)
    )
    return "\n".join((about, "", *beside, "", *alone))


_ROWS = (
    ("start to a usable table, ms", "ready_ms", "300"),
    ("CPU of the start, ms", "start_cpu_ms", ""),
    ("bytes of the first screen", "start_bytes", "10,000"),
    ("memory then, MB", "memory_mib", "60"),
    ("a step: bytes", "step_bytes", "400"),
    ("a step: first byte, ms (95 %)", "step_ms", "15"),
    ("a page: bytes", "page_bytes", "3,500"),
    ("a typed character: bytes", "typed_bytes", "400"),
    ("idle for 10 s: bytes", "idle_bytes", "0"),
    ("idle: CPU, % of a core", "idle_percent", "0.3"),
    ("150 ms, 512 kbit/s: ready, ms", "far_ready_ms", ""),
    ("there, a key held 45 times: lag behind it, ms", "far_lag_ms", "200"),
)
_OWN_ROWS = (
    ("all machines read, ms after the start", "whole_ms", ""),
    ("memory with all machines, MB", "whole_mib", "60"),
    ("a scrolled row: bytes", "scroll_bytes", "400"),
    ("a typed character that filters: last byte, ms (median)", "filter_ms", "50"),
    ("a character in the SQL editor: bytes", "sql_bytes", "400"),
    ("missing updates: usable after, ms", "missing_ms", ""),
    ("missing updates: a step, bytes", "missing_step_bytes", "400"),
    ("missing updates: memory, MB", "missing_mib", ""),
    ("10 s with a machine that changes every 2 s: bytes", "live_bytes", "3,000"),
    ("the same: CPU, % of a core", "live_percent", "1"),
)


def _ratios(field: str, ours: Figures, others: Sequence[Figures]) -> list[str]:
    own = float(getattr(ours, field))
    return [f"{float(getattr(each, field)) / own:.1f}" if own else "" for each in others]


def _number(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _table(heading: Iterable[str], rows: Iterable[Iterable[str]]) -> list[str]:
    words = [*heading]
    marks = ["---", *("---:" for _ in words[1:])]
    return [f"| {' | '.join(cells)} |" for cells in (words, marks, *rows)]


if __name__ == "__main__":
    main()
