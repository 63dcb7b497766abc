"""What stands beside a table: folded for many rows on a small screen, there for few, more of it by a key."""

from collections.abc import Awaitable, Callable

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.screens.missing import MissingScreen
from tui.screens.settings import SettingsScreen
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


async def test_detail_has_the_lines_that_the_rows_leave(
    stored_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A line of it stays for many rows, in whole words; ``z`` brings more, and takes it away again."""
    app = deck(stored_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("2")
        await wait(lambda: isinstance(app.screen, MissingScreen) and app.screen.table.contents.rows)
        screen = app.screen
        assert isinstance(screen, MissingScreen)
        detail, few = screen.query_one("#detail", Detail), len(screen.table.contents.rows)
        assert few < 14
        await wait(lambda: detail.size.height == 5 and "z more" not in text_of(app))
        rows = screen.table.contents.rows
        screen.table.set_rows([row._replace(key=f"{row.key} {n}") if n else row for n in range(9) for row in rows])
        await wait(lambda: not detail.display and screen.table.page_rows == 19)
        line = text_of(app).splitlines()[22]
        assert line.startswith("─ ") and line.endswith(" z more ─") and "…" not in line
        assert line.removesuffix(" z more ─").removeprefix("─ ").strip() in detail.text.replace("\n", " · ")
        await pilot.press("z")
        await wait(lambda: detail.size.height == 8)
        await pilot.press("z")
        await wait(lambda: not detail.display)


async def test_filter_does_not_move_the_detail(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Lines go by the rows that there are, not by those that a filter shows: nothing jumps while one types."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await pilot.press("comma")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and len(app.screen.table.contents.rows) > 40)
        table = app.screen.query_one(BigTable)
        await wait(lambda: table.page_rows == 19)
        table.set_filter("assess.workers")
        await pilot.pause()
        assert len(table.contents) == 1
        assert table.page_rows == 19


async def test_detail_follows_once_the_cursor_rests(
    empty_home: Home, deck: Deck, until: UntilOf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key that is held does not send the details of the rows on its way; that of the last one comes."""
    app = deck(empty_home)
    async with app.run_test(size=(120, 40)) as pilot:
        wait = until(pilot)
        await pilot.press("comma")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and app.screen.query_one("#detail", Detail).text)
        detail, table = app.screen.query_one("#detail", Detail), app.screen.query_one(BigTable)
        shown: list[str] = []
        show = detail.show

        def note(paragraphs: object) -> None:
            shown.append(table.cursor_row.key if table.cursor_row else "")
            show(paragraphs)  # type: ignore[arg-type]  # as it was given

        monkeypatch.setattr(detail, "show", note)
        monkeypatch.setattr("tui.screens.detailed_screen.REST_SECONDS", 1.0)
        await pilot.press("down", "down", "down")
        last = table.contents[3].key
        await wait(lambda: shown)
        assert shown == [last]
