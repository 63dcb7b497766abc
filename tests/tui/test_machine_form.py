"""Adding and editing a machine: the connection is tested while one types, against OpenSSH's own sshd on loopback."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.groups.group import Group
from fleet.machines import Machine
from ops.enrolment import find_machine, list_machines
from ops.groups import define_group
from ops.home import Home
from ops.scoping import add_to_scope
from ops.state.audit import Audit
from ops.state.database import opened
from tests.collectors.transports.conftest import Sshd, start_sshd
from tui.app import PatchdeckApp
from tui.screens.accept_key import AcceptKey
from tui.screens.edit_conflict import EditConflictOverlay
from tui.screens.machine_form import MachineForm
from tui.widgets.detail import Detail

__all__ = ["start_sshd"]

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]
Enrol = Callable[[Home, list[Machine]], None]


@pytest.fixture(scope="module")
def sshd(start_sshd: Callable[..., Sshd]) -> Sshd:  # the fixture
    return start_sshd()


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No key, agent or configuration of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)


def hint(app: App[int]) -> str:
    return app.screen.query_one(".hint", Detail).text


async def type_into(pilot: Pilot[int], field: str, text: str) -> None:
    """Types ``text`` into a field, in the place of what stands there."""
    entry = pilot.app.screen.query_one(f"#field-{field}", Input)
    entry.focus()
    await pilot.pause()
    await pilot.press("end", *["backspace"] * len(entry.value), *text)


async def open_form(app: PatchdeckApp, pilot: Pilot[int], until: Callable[..., Awaitable[None]]) -> None:
    await until(lambda: app.fleet.revision is not None)
    app.run_command("add")
    await until(lambda: isinstance(app.screen, MachineForm) and app.screen.query("#field-address"))


async def test_key_is_shown_accepted_and_then_the_machine_answers(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf, sshd: Sshd
) -> None:
    """Typing alone shows the unknown key with its fingerprint; nobody logs in before it is accepted by an act."""
    app = deck(empty_home)
    logins = sshd.log.count("Accepted publickey")
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await open_form(app, pilot, wait)
        await type_into(pilot, "name", "web-01")
        await type_into(pilot, "address", "127.0.0.1")
        await type_into(pilot, "port", str(sshd.port))
        await type_into(pilot, "user", "root")
        await type_into(pilot, "key_file", str(sshd.user_key))
        await wait(lambda: "its host key is not known" in hint(app) and "ssh-ed25519 SHA256:" in hint(app))
        assert not empty_home.known_hosts.exists()
        await pilot.press("ctrl+k")
        await wait(lambda: isinstance(app.screen, AcceptKey))
        await pilot.press(*"yes", "enter")
        await wait(lambda: isinstance(app.screen, MachineForm) and "It answers: logged in as root" in hint(app))
    assert sshd.log.count("Accepted publickey") == logins + 1
    assert list_machines(empty_home) == []
    with opened(empty_home.state_file) as connection:
        assert [entry.target for entry in Audit(connection).list_entries() if "accept-key" in entry.action] == [
            "web-01"
        ]


async def test_what_is_typed_on_ends_the_test_before(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """A server that says nothing holds nothing up: the next letter ends the connection, and leaving the form does."""
    ended = asyncio.Event()
    begun: list[int] = []

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        begun.append(1)
        while await reader.read(1024):
            pass
        ended.set()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    app = deck(empty_home)
    async with server, app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await open_form(app, pilot, wait)
        await type_into(pilot, "address", "127.0.0.1")
        await type_into(pilot, "port", str(server.sockets[0].getsockname()[1]))
        await wait(lambda: begun)
        await type_into(pilot, "user", "a")
        await wait(ended.is_set)
        ended.clear()
        await wait(lambda: len(begun) == 2)
        await pilot.press("escape")
        await wait(ended.is_set)


async def test_connection_refused_says_what_to_do_and_hinders_nothing(
    empty_home: Home, deck: Deck, until: UntilOf, unused_tcp_port: int
) -> None:
    """A machine that is off can be added all the same."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await open_form(app, pilot, wait)
        await type_into(pilot, "name", "off-01")
        await type_into(pilot, "address", "127.0.0.1")
        await type_into(pilot, "port", str(unused_tcp_port))
        await wait(lambda: "connection-refused" in hint(app))
        await pilot.press("enter")
        await wait(lambda: [each.name for each in list_machines(empty_home)] == ["off-01"])


async def test_half_typed_values_are_told_and_not_tried(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """A value that cannot be used is told while it is typed."""
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await open_form(app, pilot, wait)
        await type_into(pilot, "address", "http://web")
        await wait(lambda: "leave out the scheme" in hint(app))
        await type_into(pilot, "address", "127.0.0.1")
        await type_into(pilot, "port", "22x")
        await wait(lambda: "is not a number" in hint(app))


def talks(sshd: Sshd) -> int:
    """How many have connected and said that they speak SSH: tests beside this one look for ports that are closed."""
    return sshd.log.count("Connection from") - sshd.log.count("kex_exchange_identification")


async def test_machine_outside_the_scope_is_not_touched_by_the_form(
    empty_home: Home, deck: Deck, until: UntilOf, sshd: Sshd
) -> None:
    """With a scope a machine that would be outside of it is not connected to, and the form says why."""
    define_group(empty_home, Group("webs", expression="web-*"))
    add_to_scope(empty_home, ["webs"])
    app = deck(empty_home)
    before = talks(sshd)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await open_form(app, pilot, wait)
        await type_into(pilot, "name", "db-01")
        await type_into(pilot, "address", "127.0.0.1")
        await type_into(pilot, "port", str(sshd.port))
        await wait(lambda: "out-of-scope" in hint(app) and "not in the group webs" in hint(app))
    assert talks(sshd) == before


async def test_edit_keeps_what_the_form_does_not_change(
    empty_home: Home, deck: Deck, until: UntilOf, machine: Callable[[int, str], Machine], enrol: Enrol
) -> None:
    """The form begins with how the machine is; what somebody else changed meanwhile is shown, and stays."""
    enrol(empty_home, [replace(machine(1, "web-01"), address="127.0.0.1", port=1)])
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("e")
        await wait(lambda: isinstance(app.screen, MachineForm))
        values = {entry.id: entry.value for entry in app.screen.query(Input)}
        assert values["field-tags"] == "env=prod role=web"
        from ops.enrolment import edit_machine

        edit_machine(empty_home, "web-01", lambda old: replace(old, user="somebody-else"))
        await type_into(pilot, "tags", "env=test")
        await pilot.press("enter")
        await wait(lambda: isinstance(app.screen, EditConflictOverlay))
        await pilot.press("m")
        await wait(lambda: find_machine(empty_home, "web-01").tags == {"env": "test"})
    assert find_machine(empty_home, "web-01").user == "somebody-else"


async def test_marked_machines_are_disabled_after_a_question(
    fleet_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """One machine is switched at once; several are counted and asked for. Where one is disabled, it is enabled."""
    app = deck(fleet_home)

    def disabled() -> set[str]:
        return {each.name for each in list_machines(fleet_home) if not each.enabled}

    before = disabled()
    assert any("web" in name for name in before)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.statuses)
        await pilot.press("slash", *"web", "enter", "ctrl+a", "o")
        await wait(lambda: not any("web" in name for name in disabled()))
        others = disabled()
        await wait(lambda: all(status.machine.enabled for status in app.fleet.statuses if "web" in status.machine.name))
        await pilot.press("o")
        await wait(lambda: "Disable 6 machines?" in text_of(app))
        await pilot.press("y")
        await wait(lambda: len(disabled() - others) == 6)
