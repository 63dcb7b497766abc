"""The settings on a screen: changed while they are checked, taken out, followed, and mended where they are broken."""

from collections.abc import Awaitable, Callable

from textual.app import App
from textual.pilot import Pilot

from ops.config import load_settings
from ops.home import Home
from tests.tui.pasting import paste
from tui.app import PatchdeckApp
from tui.opening import app_over
from tui.screens.confirm import Confirm
from tui.screens.edit_conflict import EditConflictOverlay
from tui.screens.overview import OverviewScreen
from tui.screens.setting_form import SettingForm
from tui.screens.settings import SettingsScreen
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]


def cells(app: PatchdeckApp, name: str) -> tuple[str, ...]:
    """What the row of the setting called ``name`` says."""
    return next((row.cells for row in app.screen.query_one(BigTable).contents.rows if row.key == name), ())


def put_cursor(app: PatchdeckApp, name: str) -> None:
    """Puts the cursor on the setting called ``name``."""
    table = app.screen.query_one(BigTable)
    table.move_cursor([row.key for row in table.contents.shown].index(name))


def hint(app: PatchdeckApp) -> str:
    """What the form says below its field."""
    return app.screen.query_one(".hint", Detail).text


async def test_setting_is_changed_checked_and_taken_out(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """What does not fit is told while it is typed; comments of the file stay; x has the default hold again."""
    empty_home.config_file.write_text("[assess]\nworkers = 2  # of ours\n")
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.revision is not None)
        await pilot.press("comma")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and cells(app, "assess.workers"))
        assert cells(app, "assess.workers")[1:4] == ("2", "not set", "line 2")
        put_cursor(app, "assess.workers")
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, SettingForm))
        await paste(pilot, "00")
        await wait(lambda: "up to 64" in hint(app))
        await pilot.press("backspace", "backspace", "0", "enter")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and cells(app, "assess.workers")[1] == "20")
        assert empty_home.config_file.read_text() == "[assess]\nworkers = 20  # of ours\n"
        await pilot.press("x")
        await wait(lambda: "Now it is 20; then its default holds" in text_of(app))
        await pilot.press("n", "x")
        await wait(lambda: isinstance(app.screen, Confirm))
        assert load_settings(empty_home).assess_workers == 20
        await pilot.press("y")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and cells(app, "assess.workers")[3] == "default")
        await wait(lambda: app.said[-1].text.endswith("It was 20."))
        assert load_settings(empty_home).assess_workers is None


async def test_what_another_wrote_meanwhile_is_decided(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """Both edits are shown; mine over theirs loses neither."""
    app = deck(empty_home)
    async with app.run_test(size=(100, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.revision is not None)
        app.run_command("settings")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and cells(app, "query.row_limit"))
        put_cursor(app, "query.row_limit")
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, SettingForm))
        empty_home.config_file.write_text("[assess]\nworkers = 3\n")
        await pilot.press("5", "enter")
        await wait(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("m")
        await wait(
            lambda: empty_home.config_file.read_text() == "[assess]\nworkers = 3\n\n[query]\nrow_limit = 1000005\n"
        )


async def test_broken_file_is_shown_and_mended(empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf) -> None:
    """The app follows the file, tells what is wrong with which line, and takes out what is no setting."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.revision is not None)
        await pilot.press("comma")
        await wait(lambda: isinstance(app.screen, SettingsScreen) and "no config.toml" in text_of(app))
        empty_home.config_file.write_text('[app]\nname = "lab"\n')
        await wait(lambda: app.home_sign == ("lab", "") and " lab " in text_of(app).split("\n")[0])
        empty_home.config_file.write_text('asess.x = 1\n[app]\nname = "lab"\n')
        await wait(lambda: "config.toml cannot be used" in text_of(app) and cells(app, "asess.x"))
        await wait(lambda: app.said and app.said[-1].is_error)
        put_cursor(app, "asess.x")
        await pilot.press("x")
        await wait(lambda: "Take asess.x out of config.toml?" in text_of(app))
        await pilot.press("y")
        await wait(lambda: "1 in config.toml" in text_of(app))
        empty_home.config_file.write_text("[app\n")
        await wait(lambda: "not TOML" in app.screen.query_one("#detail", Detail).text)


async def test_app_over_a_broken_file_begins_with_it(empty_home: Home, until: UntilOf, text_of: TextOf) -> None:
    """It says what is wrong, and once that is mended, the file holds."""
    empty_home.config_file.write_text('asess.x = 1\n[app]\nname = "lab"\n')
    app = app_over(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: isinstance(app.screen, SettingsScreen) and cells(app, "asess.x"))
        await wait(lambda: app.said and "There is no setting 'asess.x'" in app.said[-1].text)
        put_cursor(app, "asess.x")
        await pilot.press("x")
        await wait(lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await wait(lambda: app.home_sign == ("lab", ""))


async def test_app_begins_with_the_view_of_the_settings(empty_home: Home, until: UntilOf) -> None:
    """With the overview, where app.start says so."""
    empty_home.config_file.write_text('[app]\nstart = "overview"\n')
    app = app_over(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: isinstance(app.screen, OverviewScreen))
