"""A deployment on a Windows machine as a user runs it: over WinRM, with its restarts, up to the records of the run."""

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.collectors.windows.job_orders import make_update
from tests.winrm_peer.endpoint import Endpoint
from tests.winrm_peer.job_tasks import jobs_of
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.offers import SECURITY
from tests.winrm_peer.peer import WinrmPeer

Patchdeck = Callable[..., Any]
_RESULTS = "UpdateRunProgress | where InstallationStatus !in ('NotStarted', 'InProgress') | sort by KBID asc"


@pytest.fixture
def peers() -> Iterator[WinrmPeer]:
    """Where machines of a test stand."""
    with WinrmPeer() as peer:
        yield peer


@pytest.fixture
def passing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[PeerMachine], None]]:
    """Lets the clock of a machine run forty times as fast, and what waits for machines look sooner."""
    monkeypatch.setattr("ops.deployments.machine_reboot._LOOK_SECONDS", 0.2)
    monkeypatch.setattr("collectors.windows.worker._LEAST_POLL_SECONDS", 0.05)
    over = threading.Event()
    threads: list[threading.Thread] = []

    def run(machine: PeerMachine) -> None:
        def push() -> None:
            while not over.wait(0.05):
                machine.clock.push(2.0)

        threads.append(threading.Thread(target=push, daemon=True))
        threads[-1].start()

    yield run
    over.set()
    for thread in threads:
        thread.join()


def enrol(patchdeck: Patchdeck, endpoint: Endpoint, tmp_path: Path, *how: str) -> None:
    """Enrols the machine behind ``endpoint`` with what it is logged in to by, and makes a deployment for it."""
    (tmp_path / "password").write_text(endpoint.machine.users[0].password)
    patchdeck("profiles", "add", "win", "--user", "patcher", "--winrm", "ntlm")
    patchdeck("profiles", "set-secret", "win", "password", "--command", f"cat {tmp_path / 'password'}")
    reached = ("--address", "127.0.0.1", "--port", str(endpoint.port), "--profile", "win", *how)
    patchdeck("machines", "add", "win-1", "--transport", "winrm", *reached)
    patchdeck("deployments", "add", "tuesday", "--target", "win-1", "--class", "all", "--accept-licences")


def rows(patchdeck: Patchdeck, query: str) -> list[dict[str, Any]]:
    """What a query finds. Any: values of tables."""
    found: list[dict[str, Any]] = json.loads(patchdeck("query", "--kql", query, "--json").out)
    return found


def test_run_installs_restarts_and_goes_on_until_nothing_is_left(
    patchdeck: Patchdeck, peers: WinrmPeer, passing: Callable[[PeerMachine], None], tmp_path: Path
) -> None:
    """Over HTTP with NTLM: two rounds, one licence, one retry, one hidden update, and nothing left on the machine."""
    stack = make_update(2, impact=2, asks_for_reboot=False, reboot_behavior=0)
    machine = PeerMachine(
        updates=[
            make_update(0, category=SECURITY, install_seconds=20.0),
            make_update(1, category=SECURITY, eula_accepted=False, fails_times=1),
            stack,
            make_update(3, is_hidden=True),
            make_update(4, category=SECURITY, offered_after=stack.id),
        ],
        reboot_seconds=20.0,
        servicing_seconds=20.0,
    )
    passing(machine)
    enrol(patchdeck, peers.add(machine, "http"), tmp_path, "--http")

    patchdeck("deployments", "run", "tuesday", "--here", "--yes")

    assert [update.is_installed for update in machine.updates] == [True, True, True, False, True]
    assert machine.boots == 3
    assert jobs_of(machine) == []
    results = {row["KBID"]: row for row in rows(patchdeck, _RESULTS)}
    assert {kb: row["InstallationStatus"] for kb, row in results.items()} == {
        "5000000": "Succeeded",
        "5000001": "Succeeded",
        "5000002": "Succeeded",
        "5000003": "Excluded",
        "5000004": "Succeeded",
    }
    assert [kb for kb, row in results.items() if row["SucceededOnRetry"]] == ["5000001"]
    assert results["5000000"]["UpdateId"] == machine.updates[0].id
    assert {row["Product"] for row in results.values()} == {"Windows Server 2022"}
    assert {row["OSType"] for row in results.values()} == {"Windows"}


def test_update_that_always_fails_is_given_up_with_its_number(
    patchdeck: Patchdeck, peers: WinrmPeer, passing: Callable[[PeerMachine], None], tmp_path: Path
) -> None:
    """Over HTTPS: the others are installed, the machine has failed, and the records hold Windows' own number."""
    bad = make_update(1, fails_times=99)
    machine = PeerMachine(updates=[make_update(0), bad], reboot_seconds=10.0)
    passing(machine)
    endpoint = peers.add(machine, "https")
    enrol(patchdeck, endpoint, tmp_path, "--ca-file", str(endpoint.ca_file))

    patchdeck("deployments", "run", "tuesday", "--here", "--yes", code=3)

    results = {row["KBID"]: row for row in rows(patchdeck, _RESULTS)}
    assert results["5000000"]["InstallationStatus"] == "Succeeded"
    assert results["5000001"]["InstallationStatus"] == "InstallFailed"
    assert results["5000001"]["ErrorResult"] == "0x80070643"
    assert "installer failed" in results["5000001"]["LogExcerpt"]
    assert 0 < 99 - bad.fails_times <= 4


def test_replayed_windows_refuses_jobs(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """A transcript of a Windows machine is nothing that can be installed on."""
    (tmp_path / "win.json").write_text("{}")
    patchdeck("machines", "add", "win-2", "--transport", "scripted", "--transcript", "win.json", "--os", "Windows")
    patchdeck("deployments", "add", "demo", "--target", "win-2", "--class", "all")

    told = patchdeck("deployments", "preview", "demo", code=3)

    assert "nothing can be done" in told.out
