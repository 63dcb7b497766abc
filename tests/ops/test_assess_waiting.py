"""Machines that are waited for in threads: how many at once, and that the others are reached beside them."""

import resource
from pathlib import Path

import pytest

from fleet.machines import TransportKind
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from ops.assess import FleetOptions, assess_fleet
from ops.assess_limits import MOST_WAITING, crowd_of, waiting_crowd
from ops.enrolment import Definition, enrol, list_machines
from ops.home import open_home
from tests.collectors.winrm.reaching import OnePassword
from tests.winrm_peer.fixtures import winrm_peer
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["winrm_peer"]


@pytest.mark.parametrize(
    ("files", "at_once"), [(20_000, MOST_WAITING), (resource.RLIM_INFINITY, MOST_WAITING), (246, 50)]
)
def test_as_many_are_waited_for_as_threads_and_open_files_allow(
    monkeypatch: pytest.MonkeyPatch, files: int, at_once: int
) -> None:
    """Cores do not matter: waiting costs none of them."""
    monkeypatch.setattr("resource.getrlimit", lambda _what: (files, files))

    assert waiting_crowd(1_000).usual == at_once
    assert waiting_crowd(2).usual == 2
    assert crowd_of(None, 10, waiting=1_000).most >= 1


@pytest.mark.parametrize("concurrency", [None, 1])
async def test_both_kinds_are_assessed(tmp_path: Path, winrm_peer: WinrmPeer, concurrency: int | None) -> None:
    """Beside each other, or one after the other where somebody said so."""
    home = open_home(tmp_path / "home")
    endpoint = winrm_peer.add()
    way = WinrmWay(WinrmScheme.HTTP, WinrmKind.NTLM)
    enrol(home, Definition("win", TransportKind.WINRM, endpoint.address, endpoint.port, "patcher", winrm=way))
    enrol(home, Definition("gone", TransportKind.SSH, "127.0.0.1", 1))

    result = await assess_fleet(
        home,
        list_machines(home),
        FleetOptions(concurrency=concurrency, secrets=OnePassword()),
        lambda _event: None,
    )

    assert {each.machine_name: each.failure is None for each in result.assessments} == {"win": True, "gone": False}
