"""The verbs of a machine's life: said twice they are once, and what they lead to is told."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import asyncssh
import pytest

from ops.home import Home
from ops.state.database import connect
from ops.state.machines import MachineBook
from ops.state.statuses import StatusBook
from tests.ops.cli.conftest import Patchdeck


@pytest.fixture
def server() -> Iterator[tuple[int, str]]:
    """A server on loopback that lets nobody in: its port and the fingerprint of its key."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    acceptor = asyncio.run_coroutine_threadsafe(_listen(key), loop).result(20)
    yield acceptor.get_port(), key.get_fingerprint()
    loop.call_soon_threadsafe(acceptor.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(20)
    loop.close()


async def _listen(key: asyncssh.SSHKey) -> asyncssh.SSHAcceptor:
    return await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key])


def test_a_machine_is_retired_and_restored(patchdeck: Patchdeck) -> None:
    """Each said twice, with the same end; JSON has who, when and why."""
    patchdeck("machines", "add", "web-01")
    patchdeck("groups", "add", "front", "web-01")

    retired = patchdeck("machines", "retire", "web-01", "--reason", "old", "--json")
    again = patchdeck("machines", "retire", "web-01", "--json")

    assert json.loads(retired.out) == json.loads(again.out)
    assert json.loads(again.out)[0]["reason"] == "old"
    assert ("Still named web-01: group front." in retired.err, "retired already" in again.err) == (True, True)
    assert json.loads(patchdeck("machines", "list", "--json").out) == []
    assert "web-01 is retired" in patchdeck("machines", "show", "web-01").out
    assert "web-01" in patchdeck("machines", "list", "--retired").out
    restored = patchdeck("machines", "restore", "web-01", "--json")
    assert json.loads(restored.out) == json.loads(patchdeck("machines", "restore", "web-01", "--json").out)
    assert "None is retired." in patchdeck("machines", "list", "--retired").err


def test_a_rename_may_be_said_again(patchdeck: Patchdeck) -> None:
    """The machine has the name by then; any other machine that is missing is a mistake."""
    patchdeck("machines", "add", "web-01")

    first = patchdeck("machines", "rename", "web-01", "app-01")
    second = patchdeck("machines", "rename", "web-01", "app-01")

    assert "web-01 is called app-01 now, and is still reached at web-01." in first.err
    assert "nothing to change" in second.err
    assert "former name            web-01 until" in patchdeck("machines", "show", "app-01").out
    assert "There is no machine 'web-02'" in patchdeck("machines", "rename", "web-02", "app-01", code=2).err


def test_forgotten_twice_is_once(patchdeck: Patchdeck) -> None:
    """A script may be run again; a name that never was is a mistake, and a retired machine is forgotten otherwise."""
    for name in ("web-01", "web-02", "web-03"):
        patchdeck("machines", "add", name)
    patchdeck("machines", "retire", "web-03")

    assert "Forgot web-01." in patchdeck("machines", "remove", "web-01").err
    again = patchdeck("machines", "remove", "web-01", "--json")
    assert (json.loads(again.out), "web-01: forgotten already." in again.err) == ([], True)
    both = patchdeck("machines", "remove", "WEB-01", "web-02").err
    assert ("WEB-01: forgotten already." in both, "Forgot web-02." in both) == (True, True)
    assert "There is no machine 'web-09'" in patchdeck("machines", "remove", "web-09", code=2).err
    assert "machines remove --retired web-03" in patchdeck("machines", "remove", "web-03", code=2).err
    for said in ("Forgot web-03.", "web-03: forgotten already."):
        assert said in patchdeck("machines", "remove", "--retired", "web-03").err
    patchdeck("machines", "add", "web-04")
    assert "no retired machine 'web-04'" in patchdeck("machines", "remove", "--retired", "web-04", code=2).err


def test_several_are_retired_or_forgotten_only_when_that_is_meant(patchdeck: Patchdeck) -> None:
    """Nobody sits at the terminal to be asked."""
    for name in ("web-01", "web-02"):
        patchdeck("machines", "add", name)

    assert "--yes" in patchdeck("machines", "retire", "web-*", code=2).err
    patchdeck("machines", "retire", "web-*", "--yes")
    assert "--yes" in patchdeck("machines", "remove", "--retired", "web-01", "web-02", code=2).err
    patchdeck("machines", "remove", "--retired", "web-01", "web-02", "--yes")
    assert "There is no retired machine" in patchdeck("machines", "restore", "web-01", code=2).err


def test_an_old_name_in_use_means_the_machine_that_has_it(patchdeck: Patchdeck) -> None:
    """The audit of the name is the new machine's; the other is found by its id, and told by show."""
    patchdeck("machines", "add", "web-01")
    old = json.loads(patchdeck("machines", "retire", "web-01", "--json").out)[0]["id"]
    added = patchdeck("machines", "add", "web-01")

    assert f"id {old}" in added.err
    shown = json.loads(patchdeck("machines", "show", "web-01", "--json").out)[0]
    assert [each["machine_id"] for each in shown["other_holders_of_name"]] == [old]
    actions = [entry["action"] for entry in json.loads(patchdeck("audit", "--machine", "web-01", "--json").out)]
    assert actions == ["machine.add"]
    of_old = [entry["action"] for entry in json.loads(patchdeck("audit", "--machine", old, "--json").out)]
    assert of_old == ["machine.retire", "machine.add"]
    assert (
        f"Not shown: what other machines went through as web-01: {old}."
        in patchdeck("deployments", "history", "--machine", "web-01").err
    )


def test_reinstalled_trusts_the_key_that_was_compared(
    patchdeck: Patchdeck, home: Path, server: tuple[int, str]
) -> None:
    """Another fingerprint changes nothing; the right one is accepted, and what was known is forgotten."""
    port, fingerprint = server
    patchdeck("machines", "add", "web-01", "--address", "127.0.0.1", "--port", str(port))
    patchdeck("assess", "web-01", code=3)
    old = asyncssh.generate_private_key("ssh-ed25519")
    old_line = " ".join(old.export_public_key("openssh").decode().split()[:2])
    Home(home).known_hosts.write_text(f"[127.0.0.1]:{port} {old_line}\n")

    refused = patchdeck("machines", "reinstalled", "web-01", "--fingerprint", "SHA256:other", code=2)

    known = Home(home).known_hosts
    assert f"{fingerprint}: IT HAS CHANGED, known is {old.get_fingerprint()}" in refused.err
    assert old_line in known.read_text()
    patchdeck("machines", "reinstalled", "web-01", "--fingerprint", fingerprint)
    assert f"[127.0.0.1]:{port}" in known.read_text()
    assert old_line not in known.read_text()
    with closing(connect(Home(home).state_file)) as connection:
        assert StatusBook(connection).find(MachineBook(connection).get("web-01")).last_attempt is None
    again = patchdeck("machines", "reinstalled", "web-01")
    assert "it is known already" in again.err
    assert "nothing to forget" in again.err
    assert "nothing to forget" in patchdeck("machines", "reinstalled", "web-01", "--keep-key").err


def test_a_key_that_another_machine_has_is_told_before_it_is_trusted(
    patchdeck: Patchdeck, server: tuple[int, str], home: Path
) -> None:
    """One machine under two names, or a clone: by its name where both are asked for, else by its place."""
    port, fingerprint = server
    for name, address in (("web-01", "127.0.0.1"), ("web-02", "localhost")):
        patchdeck("machines", "add", name, "--address", address, "--port", str(port))

    both = patchdeck("machines", "accept-key", "web-01", "web-02", "--fingerprint", fingerprint)
    one = patchdeck("machines", "accept-key", "web-02", "--json")

    assert f"{fingerprint}; it is also that of web-02: one machine, or a clone" in both.err
    assert f"it is known already; it is also that of [127.0.0.1]:{port}: one machine, or a clone" in one.err
    assert json.loads(one.out)[0]["sharers"] == [f"[127.0.0.1]:{port}"]


def test_what_is_printed_for_windows_is_one_script_or_its_files(patchdeck: Patchdeck) -> None:
    """And what cannot be meant together is refused."""
    script = patchdeck("check", "--jea", "--user", "CONTOSO\\Patchers")

    assert "never run on a Windows" in script.err
    assert script.out.startswith("# Register-Patchdeck.ps1")
    files = [each["file"] for each in json.loads(patchdeck("check", "--jea", "--patching", "--json").out)]
    assert files == ["PatchdeckAssess.psrc", "PatchdeckInstall.psrc", "Patchdeck.pssc", "Register-Patchdeck.ps1"]
    patchdeck("check", "--jea", "--doas", code=2)
    patchdeck("check", "--jea", "web-01", code=2)
    patchdeck("check", "--jea", "--user", "a'b", code=2)


def test_lines_for_sudoers_begin_with_who_checked_them(patchdeck: Patchdeck) -> None:
    """Or with that nobody could."""
    first = patchdeck("check", "--sudoers", "apt").out.splitlines()[0]

    assert first.startswith(("# Checked here by visudo -c", "# NOT checked, since visudo is not installed here"))
    rows = json.loads(patchdeck("check", "--sudoers", "apt", "--patching", "--json").out)
    assert all(row["cannot"] for row in rows)
