"""Makes docs/screenshots: pictures of the app itself over the sample fleet.

Run it by hand when the screens change: python docs/make_screenshots.py [NAME…], all or those that begin so. Needs
Debian's librsvg2-bin and fonts-firacode; pictures are not compared byte by byte in the tests, since fonts differ
between machines.
"""

import asyncio
import io
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).with_name("screenshots")
ROOT = Path(__file__).parents[1]
# Fira Code is 1200/1950 em wide; Textual draws cells of 12.2 px, which its 20 px letters overrun.
FONT_PX = 12.2 / (1200 / 1950)


@dataclass(frozen=True, slots=True)
class Picture:
    """A screen: the command and the keys that lead to it, and the text that shows that it is there."""

    name: str
    columns: int
    rows: int
    keys: Sequence[str]
    shows: Sequence[str]
    sql: str = ""
    kql: str = ""
    command: str = ""


TREND_SQL = """\
SELECT Classification, count(*) AS Updates, count(DISTINCT Computer) AS Machines,
    count(*) FILTER (WHERE NOT IsInstallable) AS NotInstallable, min(FirstSeen) AS OldestSeen
FROM Update
WHERE UpdateState = 'Needed'
GROUP BY ALL
ORDER BY Updates DESC"""
CHART_KQL = """\
Update
| where UpdateState == "Needed"
| summarize Updates = count(), Machines = dcount(Computer) by Classification
| order by Updates desc
| render barchart"""
SIZES = ((80, 24), (200, 60))


def pictures() -> list[Picture]:
    """Each screen at both sizes."""
    made = []
    for columns, rows in SIZES:
        size = f"{columns}x{rows}"
        made += [
            Picture(f"overview-{size}", columns, rows, ("O",), ("Last run failed", "(20 Nov)")),
            Picture(f"machines-{size}", columns, rows, ("down", "down", "space", "space"), ("2 marked",)),
            Picture(
                f"machine-{size}",
                columns,
                rows,
                ("slash", *"db-04", "enter", "enter"),
                ("db-04 updates", "Installable"),
            ),
            Picture(f"missing-{size}", columns, rows, ("2", "down", "down"), ("Missing updates ", "openssl-libs")),
            Picture(f"deployments-{size}", columns, rows, ("4", "down", "down"), ("Deployments 11",)),
            Picture(f"run-{size}", columns, rows, ("5", "down", "down", "enter"), ("app-03 ", "dns-02")),
            Picture(f"calendar-{size}", columns, rows, (), ("Calendar",), command="calendar"),
            Picture(f"editor-{size}", columns, rows, ("4", "down", "down", "e"), ("edge-muc-02",)),
            Picture(f"diff-{size}", columns, rows, (), ("[All ",), command="diff 3 days ago"),
            Picture(f"settings-{size}", columns, rows, ("comma",), ("Settings ", "tables")),
            Picture(f"why-{size}", columns, rows, ("2", "enter", "w"), ("Why ",)),
            Picture(f"tour-{size}", columns, rows, (), ("─ Tour ─",), command="tour"),
            Picture(f"query-{size}", columns, rows, (), ("Answer 9 rows",), TREND_SQL),
            Picture(f"chart-{size}", columns, rows, (), ("Chart of",), kql=CHART_KQL),
        ]
    return made


def main() -> int:
    """Draws every picture."""
    if shutil.which("rsvg-convert") is None:
        print("rsvg-convert is missing: apt install librsvg2-bin fonts-firacode", file=sys.stderr)
        return 1
    sys.path.insert(0, str(ROOT))
    os.environ["TEXTUAL_COLOR_SYSTEM"] = "truecolor"
    FOLDER.mkdir(exist_ok=True)
    for picture in pictures():
        if not any(picture.name.startswith(name) for name in sys.argv[1:] or [""]):
            continue
        target = FOLDER / f"{picture.name}.png"
        save(straighten(asyncio.run(draw(picture))), target)
        print(target.relative_to(ROOT))
    return 0


def save(svg: str, target: Path) -> None:
    """Draws ``svg`` into ``target``, in few colours: a screen has few, and the repository keeps every version."""
    from PIL import Image

    drawn = subprocess.run(["rsvg-convert", "--format", "png"], input=svg.encode(), stdout=subprocess.PIPE, check=True)
    Image.open(io.BytesIO(drawn.stdout)).convert("RGB").quantize(256, Image.Quantize.FASTOCTREE).save(
        target, optimize=True
    )


async def draw(picture: Picture) -> str:
    """The screen as SVG."""
    from ops.demo import open_demo
    from tui.app import PatchdeckApp

    with open_demo() as sample:
        app = PatchdeckApp(sample.home, clock=lambda: sample.now, title="Patchdeck demo", theme="patchdeck-dark")
        async with app.run_test(size=(picture.columns, picture.rows)) as pilot:
            await until(pilot, lambda: app.fleet.statuses)
            if picture.sql:
                app.show_query(picture.sql)
                await until(pilot, lambda: all(text in text_of(app) for text in picture.shows))
            if picture.kql:
                await ask_kql(app, pilot, picture.kql)
                await until(pilot, lambda: all(text in text_of(app) for text in picture.shows))
            if picture.command:
                app.run_command(picture.command)
            await pilot.press(*picture.keys)
            await until(pilot, lambda: all(text in text_of(app) for text in picture.shows))
            app.clear_notifications()
            await pilot.pause(0.2)  # the focus is drawn a moment after it moved
            return app.export_screenshot(title="patchdeck")


async def ask_kql(app: Any, pilot: Any, text: str) -> None:  # Any: as `until`
    """Asks ``text`` on the query screen."""
    from query.language import QueryLanguage
    from tui.screens.query import QueryScreen

    app.show_query()
    await until(pilot, lambda: isinstance(app.screen, QueryScreen) and app.screen.editor.has_focus)
    app.screen.put(text, QueryLanguage.KQL)
    app.screen.ask_text({})


async def until(pilot: Any, condition: Callable[[], object]) -> None:  # Any: Textual's pilot, imported late
    """Waits for ``condition``, at most a minute."""
    deadline = time.monotonic() + 60
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(text_of(pilot.app))
        await pilot.pause(0.02)


def text_of(app: Any) -> str:  # Any: as above
    """What is on the screen."""
    lines = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def straighten(svg: str) -> str:
    """``svg`` with every text where its cells are: rsvg-convert swallows spaces at the beginning of a text."""

    def shift(match: re.Match[str]) -> str:
        spaces = match.group(3).count("&#160;")
        return f'x="{float(match.group(1)) + 12.2 * spaces:.1f}"{match.group(2)}>'

    moved = re.sub(r'x="([\d.]+)"([^>]*)>((?:&#160;)+)(?!<)', shift, svg)
    return moved.replace("font-size: 20px", f"font-size: {FONT_PX:.3f}px")


if __name__ == "__main__":
    sys.exit(main())
