"""Never colour alone: what a tone says of a cell, words of its row say, too, in every view over the sample fleet."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from textual.pilot import Pilot

from ops.demo import open_demo
from tests.tui.conftest import screen_text
from tui.app import PatchdeckApp
from tui.tones import Tone
from tui.views import VIEWS
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

Until = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
STATES = {Tone.GOOD, Tone.PENDING, Tone.BAD, Tone.REBOOT, Tone.OFFLINE}
# The columns that tell rows apart, as names do, would tell everything: a word of a state is shared by several.
SHARED_BY = 3


def told_by_colour_alone(rows: Sequence[Row]) -> list[str]:
    """Cells in two tones of a state although they say the same, in rows whose words are the same."""
    width = len(rows[0].cells) if rows else 0
    alike = [row for row in rows if len(row.cells) == len(row.tones) == width]
    most = max(4, len(alike) // SHARED_BY)
    words = [at for at in range(width) if len({row.cells[at] for row in alike}) <= most]
    tones: dict[tuple[object, ...], set[Tone]] = defaultdict(set)
    for row in alike:
        for at, tone in enumerate(row.tones):
            tones[at, row.cells[at], *(row.cells[word] for word in words)].add(tone)
    return [f"{said}: {sorted(found)}" for said, found in tones.items() if len(found) > 1 and found & STATES]


def test_tone_that_no_word_tells_is_found() -> None:
    """Else the walk below would find nothing, ever."""
    words = [Row(str(at), (f"web-{at}", "3 d"), (Tone.STRONG, Tone.BAD if at % 2 else Tone.GOOD)) for at in range(8)]
    told = [Row(row.key, (*row.cells, row.tones[1].value), (*row.tones, Tone.DIM)) for row in words]
    assert len(told_by_colour_alone(words)) == 1
    assert told_by_colour_alone(told) == []


async def test_every_view_can_be_read_without_colours(until: Until) -> None:
    """All tables of every view and of its tabs; one that is added later, too."""
    found: dict[str, list[str]] = {}
    seen = 0
    with open_demo() as sample:
        app = PatchdeckApp(sample.home, clock=lambda: sample.now)
        async with app.run_test(size=(200, 60)) as pilot:
            wait = until(pilot)
            await wait(lambda: app.fleet.statuses)
            for view in VIEWS:
                app.action_view(view)
                await wait(lambda: app.current_mode == view and "Reading " not in screen_text(app))  # noqa: B023
                for tab in range(3):
                    for table in app.screen.query(BigTable):
                        rows = table.contents.rows
                        seen += len(rows)
                        if bad := told_by_colour_alone(rows):
                            found[f"{view}, tab {tab}"] = bad
                    if view == "query":
                        break
                    await pilot.press("tab")
    assert found == {}
    assert seen > 1_000
