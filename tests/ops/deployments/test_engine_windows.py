"""The engine with the real worker of Windows machines, over the peer that tests of it have."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.jobs.conversation import WorkerOptions
from collectors.windows.worker import WindowsMachineWorker
from fleet.deployments.masks import parse_mask
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus
from fleet.machines import Machine, OSType, TransportKind
from tests.collectors.windows.job_orders import make_update, make_worker
from tests.collectors.windows.peer_transport import PeerTransport
from tests.ops.deployments.fake_machines import START
from tests.ops.deployments.fake_runs import NIGHTLY, FakeRuns
from tests.winrm_peer.clock import PeerClock
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.offers import DRIVERS, SECURITY, PeerUpdate

_S = InstallationStatus.SUCCEEDED


class _LoopClock(PeerClock):
    """The time of the virtual loop."""

    def seconds(self) -> float:
        try:
            return asyncio.get_running_loop().time()
        except RuntimeError:
            return 0.0


def _peer(*updates: PeerUpdate, **fields: object) -> PeerMachine:
    machine = PeerMachine(updates=list(updates), clock=_LoopClock(begun=START), reboot_seconds=120.0)
    for name, value in fields.items():
        setattr(machine, name, value)
    return machine


def _security(number: int, **fields: object) -> PeerUpdate:
    return make_update(number, category=SECURITY, install_seconds=30.0, **fields)


@pytest.fixture
def runs(tmp_path: Path) -> FakeRuns:
    """A home with one machine."""
    made = FakeRuns(tmp_path)
    made.enrol(1)
    return made


def _work(
    runs: FakeRuns, peer: PeerMachine, monkeypatch: pytest.MonkeyPatch, **changes: object
) -> tuple[MachineRun, dict[str, InstallationStatus]]:
    def make_worker(machine: Machine) -> WindowsMachineWorker:
        known = replace(machine, transport=TransportKind.WINRM, address="192.0.2.10", os_type=OSType.WINDOWS)
        return WindowsMachineWorker(known, lambda: PeerTransport(peer), WorkerOptions(), runs.clock)

    monkeypatch.setattr(runs.fleet, "make_worker", make_worker)
    run = runs.work(runs.make(replace(NIGHTLY, **changes)))  # type: ignore[arg-type]  # fields of it
    (record,) = runs.records(run).values()
    return record, {outcome.name.partition("(")[2].rstrip(")"): outcome.status for outcome in record.outcomes}


def test_stack_and_what_needs_it_are_installed_with_their_restarts(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Search, install, restart, wait for the servicing, search: until nothing is left."""
    stack = _security(1, impact=2, reboot_behavior=0, asks_for_reboot=False)
    cumulative = _security(2, offered_after=stack.id)
    net = _security(3, offered_after=cumulative.id)
    peer = _peer(stack, cumulative, net, servicing_seconds=1500.0)

    record, statuses = _work(runs, peer, monkeypatch)

    assert (record.status, record.error) == (MachineRunStatus.SUCCEEDED, "")
    assert statuses == {"KB5000001": _S, "KB5000002": _S, "KB5000003": _S}
    assert (record.rounds, record.reboots, peer.boots) == (3, 2, 3)
    assert (record.reboot_seconds or 0) >= 3000


def test_update_that_windows_rolls_back_failed(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its history still calls it installed."""
    peer = _peer(_security(1, rolls_back=True), _security(2))
    record, statuses = _work(runs, peer, monkeypatch)
    assert statuses == {"KB5000001": InstallationStatus.INSTALL_FAILED, "KB5000002": _S}
    assert (record.rounds, peer.boots) == (1, 2)


def test_pending_restart_comes_first(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """The agent refuses to install until then."""
    peer = _peer(_security(1))
    old = _security(9)
    peer.install(old)
    record, statuses = _work(runs, peer, monkeypatch)
    assert statuses == {"KB5000001": _S}
    assert (record.rounds, peer.boots) == (1, 3)


def test_without_restarts_what_waits_for_one_is_told(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is installed, and the machine is not restarted."""
    peer = _peer(_security(1), _security(2, asks_for_reboot=False))
    record, statuses = _work(runs, peer, monkeypatch, reboot=RebootRules(RebootPolicy.NEVER))
    assert statuses == {"KB5000001": _S, "KB5000002": _S}
    assert (record.status, peer.boots) == (MachineRunStatus.SUCCEEDED, 1)


def test_all_that_waits_for_a_restart_is_known_to_the_next_run() -> None:
    """A first patch of a new machine is more than a hundred updates, and Windows offers none of them any more."""
    peer = _peer(*(_security(number) for number in range(1, 100)))
    for update in peer.updates:
        peer.install(update)
    seen = asyncio.run(make_worker(PeerTransport(peer)).assess(refresh=False))
    assert {update.id for update in peer.updates} <= {name for name, _ in seen.installed}


def test_licences_and_optional_updates_are_for_the_definition_to_allow(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hidden ones never; an optional one also by a mask that names it."""
    updates = (
        _security(1, eula_accepted=False),
        _security(2, browse_only=True, auto_select=False),
        _security(3, browse_only=True, auto_select=False),
        _security(4, is_hidden=True),
    )
    rules = replace(NIGHTLY.updates, accept_licences=True, include=(parse_mask("KB5000003"),))
    _, statuses = _work(runs, _peer(*updates), monkeypatch, updates=rules)
    assert statuses == {
        "KB5000001": _S,
        "KB5000002": InstallationStatus.NOT_INCLUDED,
        "KB5000003": _S,
        "KB5000004": InstallationStatus.EXCLUDED,
    }


def test_driver_without_an_article_is_found_installed(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no version to be compared by but its revision."""
    driver = make_update(1, category=DRIVERS, title="Fabrikam Net (driver)", kb=[], install_seconds=30.0)
    rules = replace(NIGHTLY.updates, include=(parse_mask("Fabrikam*"),))
    record, statuses = _work(runs, _peer(driver), monkeypatch, updates=rules)
    assert (record.status, list(statuses.values())) == (MachineRunStatus.SUCCEEDED, [_S])


def test_update_is_the_same_when_another_one_comes_to_share_its_title(
    runs: FakeRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have their ids behind the title from then on; the one that was rolled back is not tried again."""
    stack = _security(1, impact=2, reboot_behavior=0, asks_for_reboot=False)
    first = _security(2, title="Tool (x)", rolls_back=True)
    second = _security(3, title="Tool (x)", offered_after=stack.id)
    peer = _peer(stack, first, second)

    record, _ = _work(runs, peer, monkeypatch)

    assert {each.update_id[:8]: (each.status, each.name) for each in record.outcomes} == {
        stack.id[:8]: (_S, stack.title),
        first.id[:8]: (InstallationStatus.INSTALL_FAILED, "Tool (x)"),
        second.id[:8]: (_S, f"Tool (x) [{second.id[:8]}]"),
    }
    assert [entry.update_id for entry in peer.history].count(first.id) == 1


def test_failure_of_one_update_has_its_code(runs: FakeRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    """What Windows says of it, in words."""
    peer = _peer(_security(1, fails_times=9), _security(2))
    record, statuses = _work(runs, peer, monkeypatch)
    assert statuses == {"KB5000001": InstallationStatus.INSTALL_FAILED, "KB5000002": _S}
    assert "0x80070643" in record.error
    assert record.rounds == 2
