"""A client of SSH talks to a peer as it would to OpenSSH on Windows."""

from typing import Any

import asyncssh
import pytest

from collectors.windows.script_call import bootstrap_command
from tests.winrm_peer.endpoint import DefaultShell, SshEndpoint
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.fixtures import winrm_peer
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.peer import WinrmPeer

__all__ = ["winrm_peer"]


def connect(endpoint: SshEndpoint) -> Any:  # Any: asyncssh gives a connection that is awaited, or entered
    user = endpoint.machine.users[0]
    known = asyncssh.import_known_hosts(f"[{endpoint.address}]:{endpoint.port} {endpoint.host_key}\n")
    way = {"username": user.name, "password": user.password, "known_hosts": known, "config": None, "client_keys": []}
    return asyncssh.connect(endpoint.address, endpoint.port, agent_path=None, **way)


@pytest.mark.parametrize(
    ("shell", "words"), [(DefaultShell.CMD, "is not recognized as an internal"), (DefaultShell.POWERSHELL, "The term")]
)
async def test_only_the_bootstrap_is_a_program(winrm_peer: WinrmPeer, shell: DefaultShell, words: str) -> None:
    """`sh` is refused in the words of the default shell, and our command line reads its payload."""
    async with connect(winrm_peer.add_ssh(shell=shell)) as connection:
        refused = await connection.run("sh -c true")
        read = await connection.run(bootstrap_command(), input="nothing whole")
    assert (words in refused.stderr, refused.exit_status) == (True, 1)
    assert (read.stdout, read.exit_status) == ("patchdeck-input-cut\r\n", 4)


async def test_connections_are_lost_while_a_machine_reboots(winrm_peer: WinrmPeer) -> None:
    """It refuses new ones until it is back, at the same port and with the same key."""
    machine = PeerMachine(reboot_seconds=600)
    endpoint = winrm_peer.add_ssh(machine)
    async with connect(endpoint) as connection:
        machine.reboot()
        await connection.wait_closed()
    with pytest.raises(ConnectionRefusedError):
        await connect(endpoint)
    machine.clock.push(601)
    async with connect(endpoint) as connection:
        assert (await connection.run(bootstrap_command(), input="nothing whole")).exit_status == 4


async def test_output_can_be_cut_with_its_connection(winrm_peer: WinrmPeer) -> None:
    """A planned fault breaks the connection in the middle of what is printed."""
    machine = PeerMachine()
    machine.faults.add(Message.RECEIVE, FaultKind.DROP)
    async with connect(winrm_peer.add_ssh(machine)) as connection:
        ended = await connection.run(bootstrap_command(), input="nothing whole")
    assert (ended.exit_status, ended.stdout) == (None, "patchdeck-")
