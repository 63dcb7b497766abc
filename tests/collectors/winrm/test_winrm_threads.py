"""A computer that gives no more threads: machines are looked at all the same, or the reason is named."""

import asyncio
import threading

import pytest

from collectors.transports.base import TransportFailed
from collectors.transports.opening import open_transport
from collectors.windows.answer import read_answer
from collectors.windows.script_call import call_script
from fleet.failures import FailureKind
from fleet.machines import Machine
from tests.collectors.winrm.reaching import context_of, greeted_by, machine_at
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer


@pytest.mark.parametrize("most", [1, 2])
async def test_machines_share_what_threads_there_are(
    shared_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """With one that waits, and with none but the one that starts them."""
    machines = [machine_at(shared_peer.add(PeerMachine(name=f"WIN-0{number}"))) for number in range(3)]
    _allow(monkeypatch, most)

    async with context_of() as context:

        async def name_of(machine: Machine) -> object:
            call = call_script("greet")
            transport = open_transport(machine, context)
            result = await transport.run(call.payload, deadline_seconds=20.0, max_output_bytes=100_000)
            return read_answer(result.stdout, call.marker)["host"]

        names = await asyncio.gather(*map(name_of, machines))

    assert names == ["WIN-00", "WIN-01", "WIN-02"]


async def test_none_at_all_is_named_for_each_machine(shared_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A failure of the machine, and no exception of the whole scan."""
    machine = machine_at(shared_peer.add(PeerMachine()))
    _allow(monkeypatch, 0)

    with pytest.raises(TransportFailed) as caught:
        await greeted_by(machine)

    assert caught.value.failure.kind is FailureKind.BAD_CONFIGURATION
    assert "no more threads" in caught.value.failure.came_back


def _allow(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """Let the system give WinRM no more than ``most`` threads; it says no as it does in `threading`."""
    start = threading.Thread.start
    given: list[threading.Thread] = []

    def refuse(self: threading.Thread) -> None:
        if self.name.startswith("winrm"):
            if len(given) >= most:
                raise RuntimeError("can't start new thread")
            given.append(self)
        start(self)

    monkeypatch.setattr(threading.Thread, "start", refuse)
