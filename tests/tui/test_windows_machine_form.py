"""Adding a Windows machine in the app: WinRM's fields, the live test, the certificate accepted by an act."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.app import App
from textual.pilot import Pilot
from textual.widgets import Input

from fleet.machines import OSType, TransportKind
from fleet.profiles import SecretOrigin, SecretPlace
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from ops.credentials.book import add_profile, new_profile
from ops.enrolment import Definition, enrol, find_machine
from ops.home import Home
from tests.winrm_peer.certificates import CertificateKind
from tests.winrm_peer.fixtures import winrm_peer
from tests.winrm_peer.peer import WinrmPeer
from tui.app import PatchdeckApp
from tui.screens.accept_certificate import AcceptCertificate
from tui.screens.machine_form import MachineForm
from tui.widgets.detail import Detail

__all__ = ["winrm_peer"]

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No configuration of whoever runs the tests."""
    monkeypatch.setenv("HOME", str(tmp_path))


def hint(app: App[int]) -> str:
    return app.screen.query_one(".hint", Detail).text


async def write(pilot: Pilot[int], **texts: str) -> None:
    """Puts ``texts`` into the fields, by their names."""
    for name, text in texts.items():
        pilot.app.screen.query_one(f"#field-{name}", Input).value = text
    await pilot.pause()


def shown(app: App[int]) -> set[str]:
    """The names of the fields that are seen."""
    entries = app.screen.query(Input)
    return {str(entry.id).removeprefix("field-") for entry in entries if entry.parent and entry.parent.display}


async def test_certificate_is_shown_accepted_and_then_the_machine_answers(
    empty_home: Home, deck: Deck, until: UntilOf, winrm_peer: WinrmPeer
) -> None:
    """While one types no password is sent; ctrl+t tries with it. What SSH alone has is not to be seen."""
    endpoint = winrm_peer.add(scheme="https", kind=CertificateKind.SELF_SIGNED)
    origin = SecretOrigin(SecretPlace.COMMAND, ("echo", "Correct-Horse-7"))
    add_profile(empty_home, replace(new_profile("win"), user="patcher", password=origin))
    app = deck(empty_home)
    async with app.run_test(size=(80, 24)) as pilot:
        wait = until(pilot)
        await wait(lambda: app.fleet.revision is not None)
        app.run_command("add")
        await wait(lambda: isinstance(app.screen, MachineForm) and app.screen.query("#field-address"))
        assert "jump" in shown(app)
        assert "scheme" not in shown(app)
        await write(pilot, name="win-01", transport="winrm")
        assert {"scheme", "login", "ca_file", "proxy"} <= shown(app)
        assert not shown(app) & {"jump", "key_file", "become", "os"}
        assert app.screen.query_one(".keys").region.bottom <= 24
        await write(pilot, address="127.0.0.1", port=str(endpoint.port), profile="win")
        await wait(lambda: "its certificate is not trusted" in hint(app) and "SHA256:" in hint(app))
        assert endpoint.machine.counters.logins == 0
        await pilot.press("ctrl+k")
        await wait(lambda: isinstance(app.screen, AcceptCertificate) and "CN=WIN-PEER" in hint(app))
        await pilot.press(*"yes", "enter")
        await wait(lambda: isinstance(app.screen, MachineForm) and "its certificate is trusted" in hint(app))
        assert "ctrl+t" in hint(app)
        assert "There is no password" not in hint(app)
        await pilot.press("ctrl+t")
        await wait(lambda: "It answers: logged in as WIN-PEER\\patcher" in hint(app))
        await pilot.press("enter")
        await wait(lambda: not isinstance(app.screen, MachineForm))
        await wait(lambda: app.fleet.revision is not None and len(app.fleet.statuses) == 1)
    machine = find_machine(empty_home, "win-01")
    assert (machine.transport, machine.winrm, machine.os_type) == (TransportKind.WINRM, None, OSType.WINDOWS)


async def test_way_of_an_enrolled_machine_is_edited(empty_home: Home, deck: Deck, until: UntilOf) -> None:
    """What does not fit together is told in the form, and nothing is lost."""
    way = WinrmWay(WinrmScheme.HTTP, WinrmKind.NTLM)
    enrol(empty_home, Definition("win-1", TransportKind.WINRM, address="127.0.0.1", port=1, user="CORP\\u", winrm=way))
    app = deck(empty_home)
    async with app.run_test(size=(100, 30)) as pilot:
        wait = until(pilot)
        await wait(lambda: len(app.fleet.statuses) == 1)
        await pilot.press("e")
        await wait(lambda: isinstance(app.screen, MachineForm) and app.screen.query("#field-scheme"))
        await write(pilot, login="basic")
        await wait(lambda: "Basic over HTTP" in hint(app))
        await write(pilot, login="credssp", user="CORP\\Ünal B", scheme="https")
        await pilot.press("enter")
        await wait(lambda: not isinstance(app.screen, MachineForm))
        await wait(lambda: find_machine(empty_home, "win-1").user == "CORP\\Ünal B")
    assert find_machine(empty_home, "win-1").winrm == WinrmWay(kind=WinrmKind.CREDSSP)
