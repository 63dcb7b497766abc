"""Styles of components that are used again are those that Textual would find anew."""

from collections.abc import Awaitable, Callable

from textual.css.styles import RulesMap
from textual.css.stylesheet import Stylesheet
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.component_sheet import ComponentSheet
from tui.widgets.table import BigTable

UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


def styles_of(app: PatchdeckApp) -> list[dict[str, RulesMap]]:
    """The rules of each component of each widget of the screen in front."""
    return [
        {name: styles.base.get_rules() for name, styles in node._component_styles.items()}
        for node in app.screen.walk_children(with_self=True)
    ]


def found_anew(app: PatchdeckApp) -> list[dict[str, RulesMap]]:
    """What Textual itself finds for them."""
    for node in app.screen.walk_children(with_self=True):
        Stylesheet._process_component_classes(app.stylesheet, node)
    return styles_of(app)


async def test_components_have_the_styles_of_the_rules(
    fleet_home: Home, deck: Callable[[Home], PatchdeckApp], until: UntilOf
) -> None:
    """Whatever has the focus, on each view, and in another theme and home colour."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        for key in ("1", "tab", "4", "6", "comma", "escape", "1", "slash", "escape"):
            await pilot.press(key)
            assert styles_of(app) == found_anew(app), key
        table = app.screen.query_one(BigTable)
        before = styles_of(app)
        app.theme = "patchdeck-light"
        await wait(lambda: styles_of(app) != before)
        assert styles_of(app) == found_anew(app)
        table.add_class("-marked")
        table.update_node_styles()
        assert styles_of(app) == found_anew(app)


async def test_what_did_not_change_is_not_worked_out_again(
    fleet_home: Home, deck: Callable[[Home], PatchdeckApp]
) -> None:
    """The styles of a table stand when only the focus moved."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        assert isinstance(app.stylesheet, ComponentSheet)
        table = app.screen.query_one(BigTable)
        before = dict(table._component_styles)
        app.screen.set_focus(None)
        app.stylesheet.update(table)
        assert all(table._component_styles[name] is styles for name, styles in before.items())


async def test_sheets_are_read_again_for_other_colours_only(
    fleet_home: Home, deck: Callable[[Home], PatchdeckApp]
) -> None:
    """Applying the theme that is applied leaves every rule the object that it was; another one brings its colours."""
    app = deck(fleet_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        rules, background = [*app.stylesheet.rules], app.screen.styles.background
        app.refresh_css()
        assert all(now is before for now, before in zip(app.stylesheet.rules, rules, strict=True))
        app.theme = "patchdeck-light"
        await pilot.pause()
        app.refresh_css()
        assert app.screen.styles.background != background
        assert not {*map(id, app.stylesheet.rules)} & {*map(id, rules)}
