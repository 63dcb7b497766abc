"""One picture of each part of the query pane at 80x24 and one wide, over the same fleet at the same moment."""

from collections.abc import Awaitable, Callable
from typing import Protocol

import pytest
from textual.app import App
from textual.pilot import Pilot

from ops.asked_queries import AskedQuery, remember_query
from ops.home import Home
from query.language import QueryLanguage
from tui.app import PatchdeckApp
from tui.screens.query import QueryScreen
from tui.widgets.completion_list import CompletionList

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
SIZES = ((80, 24), (200, 60))
NEEDED = "Update\n| where UpdateState == 'Needed'\n"


class Compare(Protocol):
    """pytest-textual-snapshot's comparison."""

    def __call__(
        self, app: App[int], *, terminal_size: tuple[int, int], run_before: Callable[[Pilot[int]], Awaitable[None]]
    ) -> bool: ...


@pytest.fixture
def app(stored_home: Home, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> PatchdeckApp:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    # How long an answer took differs from run to run.
    monkeypatch.setattr("tui.answer_facts.describe_seconds", lambda _: "40 ms")
    return deck(stored_home)


async def open_kql(app: PatchdeckApp, pilot: Pilot[int], until: UntilOf, text: str) -> QueryScreen:
    await until(pilot)(lambda: app.fleet.statuses)
    await pilot.press("3")
    await until(pilot)(lambda: isinstance(app.screen, QueryScreen) and app.screen.editor.has_focus)
    assert isinstance(app.screen, QueryScreen)
    app.screen.put(text, QueryLanguage.KQL)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
def test_completion(app: PatchdeckApp, until: UntilOf, snap_compare: Compare, size: tuple[int, int]) -> None:
    """The list below the cursor, with what each name means."""

    async def before(pilot: Pilot[int]) -> None:
        screen = await open_kql(app, pilot, until, NEEDED)
        screen.editor.move_cursor(screen.editor.document.end)
        await pilot.press(*"| where Clas")
        await until(pilot)(lambda: screen.query_one(CompletionList).is_open)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_error(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """The message, the line with a caret, and the place underlined in the text."""

    async def before(pilot: Pilot[int]) -> None:
        await open_kql(app, pilot, until, NEEDED + "| where Clasification has 'Security'")
        await pilot.press("f5")
        await until(pilot)(lambda: "Did you mean" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("kind", ["barchart", "timechart"])
@pytest.mark.parametrize("size", SIZES)
def test_chart(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int], kind: str
) -> None:
    """Bars by class, and lines over the days."""
    steps = {
        "barchart": NEEDED + "| summarize Updates=count() by Classification\n| order by Updates desc",
        "timechart": "range Day from datetime(2026-11-01) to datetime(2026-11-20) step 1d\n"
        "| extend Missing = dayofmonth(Day) * dayofmonth(Day), Installed = 400 - 10 * dayofmonth(Day)",
    }

    async def before(pilot: Pilot[int]) -> None:
        screen = await open_kql(app, pilot, until, f"{steps[kind]}\n| render {kind}")
        screen.ask_text({})
        await until(pilot)(lambda: "Chart of" in text_of(app))
        await until(pilot)(lambda: screen.pane.chart.has_focus)

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_history(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """What was asked before."""
    for text in (NEEDED, "Machine | count", "Update | summarize count() by Computer"):
        remember_query(app.home, AskedQuery(app.clock(), text, QueryLanguage.KQL, (("days", "30"),)))

    async def before(pilot: Pilot[int]) -> None:
        await open_kql(app, pilot, until, NEEDED)
        await pilot.press("f8")
        await until(pilot)(lambda: "Machine | count" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_sql_of_kql(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """The SQL behind KQL, to be read."""

    async def before(pilot: Pilot[int]) -> None:
        await open_kql(app, pilot, until, NEEDED + "| summarize Updates=count() by Computer")
        await pilot.press("f9")
        await until(pilot)(lambda: "SQL of DuckDB" in text_of(app) and "GROUP BY" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)


@pytest.mark.parametrize("size", SIZES)
def test_saving(
    app: PatchdeckApp, until: UntilOf, text_of: TextOf, snap_compare: Compare, size: tuple[int, int]
) -> None:
    """The form that keeps a query."""

    async def before(pilot: Pilot[int]) -> None:
        await open_kql(app, pilot, until, NEEDED)
        await pilot.press("ctrl+s")
        await until(pilot)(lambda: "Save the query" in text_of(app))

    assert snap_compare(app, terminal_size=size, run_before=before)
