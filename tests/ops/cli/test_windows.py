"""`patchdeck windows` as a user has it: previews, questions, exit codes, JSON, and what is refused."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from collectors.secrets import Secret
from fleet.profiles import SecretKind, SecretPlace
from ops.credentials.keeping import keep_secret, machine_entry
from ops.enrolment import find_machine
from ops.home import open_home
from tests.ops.cli.conftest import Patchdeck
from tests.ops.memory_keyring import MemoryKeyring
from tests.winrm_peer.fixtures import shared_peer
from tests.winrm_peer.machine import AUTOMATIC_UPDATES, PeerMachine
from tests.winrm_peer.parts import PeerUser
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["shared_peer"]

Machines = Callable[..., PeerMachine]


@pytest.fixture
def machines(patchdeck: Patchdeck, home: Path, shared_peer: WinrmPeer, ring: MemoryKeyring) -> Machines:
    """Enrols a peer under its name, by the command line."""
    del ring

    def add(name: str) -> PeerMachine:
        peer = PeerMachine(name=name)
        endpoint = shared_peer.add(peer)
        where = ("--address", endpoint.address, "--port", str(endpoint.port), "--http")
        patchdeck("machines", "add", name, "--transport", "winrm", *where, "--user", peer.users[0].name)
        entry = machine_entry(find_machine(open_home(home), name), SecretKind.PASSWORD)
        keep_secret(open_home(home), entry, Secret(PeerUser().password), SecretPlace.KEYRING)
        return peer

    return add


def test_settings_are_previewed_changed_shown_and_put_back(patchdeck: Patchdeck, machines: Machines) -> None:
    """Nothing is changed by a preview, nor where nobody answers the question."""
    peer = machines("win-01")
    change = ("windows", "configure", "win-01", "--automatic-updates", "off")

    preview = patchdeck(*change, "--preview")
    unasked = patchdeck(*change, code=2)
    assert not peer.registry.values(AUTOMATIC_UPDATES)
    done = json.loads(patchdeck(*change, "--yes", "--json").out)
    shown = patchdeck("windows", "show", "win-01").out
    kept = json.loads(patchdeck("windows", "kept", "all", "--json").out)
    patchdeck("windows", "restore", "win-01", "--yes")

    assert "NoAutoUpdate: not set -> 1" in preview.out
    assert "Change 1 value on 1 machine?" in unasked.err
    assert [(row["outcome"], row["setting"], row["before"], row["after"]) for row in done] == [
        ("done", "NoAutoUpdate", None, 1)
    ]
    assert "off, by policy" in shown
    assert "to be put back by patchdeck windows restore" in shown
    assert [(row["setting"], row["before"], row["written"]) for row in kept] == [("NoAutoUpdate", "not set", "1")]
    assert not peer.registry.values(AUTOMATIC_UPDATES)
    assert "Nothing is kept" in patchdeck("windows", "kept", "all").err


def test_machine_that_is_removed_says_what_stays_set_and_leaves_nothing_kept(
    patchdeck: Patchdeck, machines: Machines, home: Path
) -> None:
    """Retired, it still can be put back; removed, nothing of it is left behind in the home."""
    peer = machines("win-01")
    patchdeck("windows", "configure", "win-01", "--automatic-updates", "off", "--yes")
    patchdeck("machines", "retire", "win-01")
    patchdeck("machines", "restore", "win-01")
    patchdeck("machines", "rename", "win-01", "win-02")
    assert "NoAutoUpdate" in patchdeck("windows", "kept", "win-02").out

    removed = patchdeck("machines", "remove", "win-02")

    assert "NoAutoUpdate was not set" in removed.err
    assert "machine.settings-settled" in patchdeck("audit", "--json").out
    with closing(sqlite3.connect(home / "state.db")) as connection:
        assert connection.execute("SELECT count(*) FROM client_settings").fetchone() == (0,)
    assert peer.registry.values(AUTOMATIC_UPDATES) == {"NoAutoUpdate": 1}


def test_settings_of_a_system_that_is_no_more_are_not_put_back(patchdeck: Patchdeck, machines: Machines) -> None:
    """Those of the new one are its own."""
    machines("win-01")
    patchdeck("windows", "configure", "win-01", "--automatic-updates", "off", "--yes")

    patchdeck("machines", "reinstalled", "win-01", "--yes")

    assert "Nothing is kept" in patchdeck("windows", "kept", "win-01").err


def test_machines_that_are_not_windows_are_refused_by_name_and_left_out_of_all(
    patchdeck: Patchdeck, machines: Machines
) -> None:
    """A target that names one is a mistake; one that happens to have it is not."""
    machines("win-01")
    patchdeck("machines", "add", "web-01", "--address", "127.0.0.1", "--port", "1")

    refused = patchdeck("windows", "show", "web-01", code=2)
    shown = patchdeck("windows", "show", "all")

    assert "web-01 is not a Windows machine" in refused.err
    assert "Left out: web-01, not Windows." in shown.err


@pytest.mark.parametrize(
    ("option", "said"),
    [
        (("--wsus", "http://patch:hunter2@wsus:8530"), "everybody on the machine could read"),
        (("--wsus", "ftp://wsus"), "neither http:// nor https://"),
        (("--wsus", "http://wsus/?q=1"), "more than a path"),
        (("--active-hours", "1-23"), "they are 22 hours"),
        (("--active-hours", "8-8"), "begin when they end"),
        (("--set", "AUOptions=6"), "not 6"),
        (("--set", "AuOption=3"), "Did you mean 'AUOptions'?"),
        (("--set", "LocalAccountTokenFilterPolicy=1"), "no setting"),
        (("--set", "AUOptions=2", "--unset", "auoptions"), "named twice"),
        (("--install-day", "someday"), "every-day"),
        (("--reboot-delay", "5"), "15"),
        (("--automatic-updates", "off", "--set", "NoAutoUpdate=0"), "wanted in two ways"),
        ((), "Say what to configure"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(
    patchdeck: Patchdeck, machines: Machines, option: tuple[str, ...], said: str
) -> None:
    """In one line that says what would do, without a password in it."""
    peer = machines("win-01")

    ended = patchdeck("windows", "configure", "win-01", "--yes", *option, code=2)

    assert said in ended.err
    assert "hunter2" not in ended.err
    assert "configure_apply" not in [run.name for run in peer.runs]


def test_machine_that_does_not_answer_ends_with_3_and_the_others_are_done(
    patchdeck: Patchdeck, machines: Machines
) -> None:
    """A row each, and a reason."""
    machines("win-01")
    patchdeck("machines", "add", "gone", "--transport", "winrm", "--address", "127.0.0.1", "--port", "1", "--http")
    patchdeck("machines", "edit", "gone", "--user", "nobody")

    change = ("--automatic-updates", "notify", "--yes", "--json")
    rows = json.loads(patchdeck("windows", "configure", "os:windows", "gone", "win-01", *change, code=3).out)

    assert {row["machine"]: row["outcome"] for row in rows} == {"gone": "failed", "win-01": "done"}
    assert "127.0.0.1" in next(row["reason"] for row in rows if row["machine"] == "gone")


def test_dump_is_written_once(patchdeck: Patchdeck, machines: Machines, tmp_path: Path, home: Path) -> None:
    """Never over a file, nor into what a home consists of."""
    machines("PAYROLL-7")
    file = tmp_path / "dump.json"

    said = json.loads(patchdeck("windows", "dump-raw", "PAYROLL-7", "-o", str(file), "--json").out)
    again = patchdeck("windows", "dump-raw", "PAYROLL-7", "-o", str(file), code=2)
    inside = patchdeck("windows", "dump-raw", "PAYROLL-7", "-o", str(home / "state.db"), code=2)

    assert said[0]["failed"] == []
    assert "PAYROLL" not in file.read_text("ascii")
    assert "is there already" in again.err
    assert "the home" in inside.err
