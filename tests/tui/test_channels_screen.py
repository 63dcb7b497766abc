"""Channels and messages in the app: added with their secrets, tried, and what became of each message."""

import json
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot

from fleet.channels import ChannelKind
from fleet.deliveries import DeliveryStatus
from ops.home import Home
from ops.messages.book import list_deliveries
from ops.messages.channels import find_channel, list_channels
from ops.messages.routes import find_route
from tests.ops.memory_keyring import MemoryKeyring, keyring_is
from tests.tui.made_tellings import make_told_home
from tests.tui.pasting import paste
from tui.app import PatchdeckApp
from tui.screens.channel_form import ChannelForm
from tui.screens.full_text import FullText
from tui.screens.messages import MessagesScreen
from tui.screens.picker import Picker
from tui.screens.secret_form import SecretForm
from tui.widgets.detail import Detail
from tui.widgets.table import BigTable

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Names = Callable[[PatchdeckApp], list[str]]


@pytest.fixture
def told_home(fleet_home: Home) -> Home:
    make_told_home(fleet_home)
    return fleet_home


@pytest.fixture
def in_memory() -> Iterator[None]:
    with keyring_is(MemoryKeyring()):
        yield


async def test_command_is_added_and_tried(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names, tmp_path: Path
) -> None:
    """A refused name keeps the form; the trial runs the program at once, and says what came back."""
    told = tmp_path / "told.json"
    script = tmp_path / "tell"
    script.write_text(f"#!/bin/sh\ncat > {told}\n")
    script.chmod(0o755)
    app = deck(fleet_home)
    async with app.run_test(size=(100, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("channels")
        await until(pilot)(lambda: "There is no channel yet" in text_of(app))
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, Picker))
        await pilot.press("end", "enter")
        await until(pilot)(lambda: isinstance(app.screen, ChannelForm))
        await paste(pilot, "no good")
        await pilot.press("enter")
        await until(pilot)(lambda: "not usable" in app.screen.query_one(".hint", Detail).text)
        await pilot.press("ctrl+u")
        await paste(pilot, "pager")
        await pilot.press("tab")
        await paste(pilot, str(script))
        await pilot.press("enter")
        await until(pilot)(lambda: row_names(app) == ["pager"])
        await pilot.press("T")
        await until(pilot)(lambda: app.said[-1].text.startswith("pager: delivered."))
        await until(pilot)(lambda: "delivered, " in text_of(app))
    assert json.loads(told.read_text())["kind"] == "test"


async def test_url_is_typed_without_echo_and_shown_nowhere(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names, in_memory: None
) -> None:
    """It is kept apart from the channel, which shows as much of it as may be shown."""
    app = deck(fleet_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("channels")
        await until(pilot)(lambda: "There is no channel yet" in text_of(app))
        await pilot.press("n")
        await until(pilot)(lambda: isinstance(app.screen, Picker))
        await pilot.press("down", "down", "enter")
        await until(pilot)(lambda: isinstance(app.screen, ChannelForm))
        await paste(pilot, "hook")
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, SecretForm))
        await paste(pilot, "https://a.example/T0K3N")
        assert "T0K3N" not in text_of(app)
        await pilot.press("enter")
        await until(pilot)(lambda: row_names(app) == ["hook"])
        assert "T0K3N" not in text_of(app)
        assert "a.example" in text_of(app)
    channel = find_channel(fleet_home, "hook")
    assert channel.kind is ChannelKind.WEBHOOK
    assert "T0K3N" not in repr(channel)
    assert find_route(fleet_home, channel).url == "https://a.example/T0K3N"


async def test_channel_that_is_named_is_not_removed(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, row_names: Names
) -> None:
    """Who names it is told; one that is off says so in a word."""
    app = deck(told_home)
    async with app.run_test(size=(120, 30)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("channels")
        await until(pilot)(lambda: row_names(app) == ["ops-mail", "pager"])
        assert (
            app.screen.query_one(BigTable).contents.rows[1].cells[7] == "the mail server answered 451: try again later"
        )
        await pilot.press("D")
        await until(pilot)(lambda: app.said and "is named by alert rule" in app.said[-1].text)
        await pilot.press("o")
        await until(pilot)(lambda: "off: messages on it are passed over" in app.screen.query_one(Detail).text)
    assert len(list_channels(told_home)) == 2


async def test_failed_message_is_read_and_tried_again(
    told_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """What came back stands below it; the whole of it lists every attempt; what has arrived is not sent again."""
    app = deck(told_home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot)(lambda: app.fleet.statuses)
        app.run_command("messages")
        await until(pilot)(lambda: isinstance(app.screen, MessagesScreen) and "1 failed" in text_of(app))
        table = app.screen.query_one(BigTable)
        failed = next(at for at, row in enumerate(table.contents.rows) if row.cells[1] == "failed")
        table.move_cursor(1 - failed)
        await pilot.press("R")
        await until(pilot)(lambda: app.said and "has arrived already" in app.said[-1].text)
        table.move_cursor(failed)
        await until(pilot)(lambda: "451: try again later" in app.screen.query_one(Detail).text)
        await pilot.press("enter")
        await until(pilot)(lambda: isinstance(app.screen, FullText) and "failed after 400 ms" in text_of(app))
        await pilot.press("escape", "R")
        await until(pilot)(lambda: "1 waiting" in text_of(app))
    (waiting,) = list_deliveries(told_home, statuses=[DeliveryStatus.WAITING])
    assert waiting.channel == "pager"
