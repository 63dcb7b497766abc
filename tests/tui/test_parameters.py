"""The form of a query's parameters: whatever they are called, of every type."""

from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime
from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input

from fleet.tables import ColumnType
from ops.home import Home
from query.header import QueryParameter
from query.language import QueryLanguage
from query.library import SavedQuery
from query.literals import PARAMETER_TYPES
from tests.tui.hostile_values import HOSTILE
from tui.app import PatchdeckApp
from tui.screens.parameters import ParametersOverlay
from tui.widgets.detail import Detail

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
# Of each type: what is typed, and what is asked with.
TYPED: dict[ColumnType, tuple[str, object]] = {
    ColumnType.STRING: ("a, b", "a, b"),
    ColumnType.INT: ("-7", -7),
    ColumnType.REAL: ("1.5", 1.5),
    ColumnType.BOOL: ("true", True),
    ColumnType.DATETIME: ("2026-11-22T12:00Z", datetime(2026, 11, 22, 12, 0, tzinfo=UTC)),
    ColumnType.DATE: ("2026-11-22", date(2026, 11, 22)),
}


def query_of(*parameters: QueryParameter) -> SavedQuery:
    """A query that takes ``parameters``."""
    return SavedQuery("", "Values", "", "", parameters, (), "", False, Path(), "", QueryLanguage.SQL)


async def test_a_parameter_may_be_called_anything(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Letters of any language, a number, hundreds of letters, markup: each has its field and its value."""
    names = ("größe", "1", "a b", "x" * 300, "_1", HOSTILE, "class", "field-1")
    query = query_of(*(QueryParameter(name, ColumnType.STRING, "") for name in names))
    app = deck(empty_home)
    answers: list[dict[str, object] | None] = []
    async with app.run_test(size=(80, 24)) as pilot:
        app.push_screen(ParametersOverlay(query), answers.append)
        await until(pilot)(lambda: len(app.screen.query(Input)) == len(names))
        for number, entry in enumerate(app.screen.query(Input)):
            entry.value = f"value {number}"
        await pilot.press("enter")
        await until(pilot)(lambda: answers)
    assert answers == [{name: f"value {number}" for number, name in enumerate(names)}]


async def test_a_value_is_of_its_type_or_refused(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Every type that a header knows; what is none of its type is told with the parameter's name, and stays."""
    types = [kind for kind in ColumnType if kind in PARAMETER_TYPES]
    query = query_of(*(QueryParameter(f"p_{kind.name.lower()}", kind, "one of them") for kind in types))
    app = deck(empty_home)
    answers: list[dict[str, object] | None] = []
    async with app.run_test(size=(100, 30)) as pilot:
        app.push_screen(ParametersOverlay(query), answers.append)
        await until(pilot)(lambda: len(app.screen.query(Input)) == len(types))
        for kind, entry in zip(types, app.screen.query(Input), strict=True):
            entry.value = TYPED[kind][0]
        wrong = app.screen.query_one("#field-p_int", Input)
        wrong.value = "seven"
        await pilot.press("enter")
        await until(pilot)(lambda: "p_int" in app.screen.query_one(".hint", Detail).text.splitlines()[0])
        assert (wrong.value, answers) == ("seven", [])
        wrong.value = TYPED[ColumnType.INT][0]
        await pilot.press("enter")
        await until(pilot)(lambda: answers)
    assert answers == [{f"p_{kind.name.lower()}": TYPED[kind][1] for kind in types}]
