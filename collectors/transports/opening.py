"""The transport that a machine asks for."""

from pathlib import Path

from collectors.transports.base import Transport
from collectors.transports.gate import GatedTransport
from collectors.transports.local import LocalTransport
from collectors.transports.scripted import ScriptedTransport
from collectors.transports.ssh_context import SshContext, load_ssh_context
from fleet.machines import Machine, TransportKind

__all__ = ["SshContext", "load_ssh_context", "open_transport"]


def open_transport(machine: Machine, ssh: SshContext) -> Transport:
    """The way to ``machine``. Nothing is connected yet: its `run` does that, and tells what goes wrong.

    Every way asks the gate of ``ssh`` before each connection, and fails where that refuses the machine. One that
    replays a transcript without naming it has it under its own name in the current folder.
    """
    match machine.transport:
        case TransportKind.LOCAL:
            return GatedTransport(LocalTransport(), machine, ssh.gate)
        case TransportKind.SCRIPTED:
            transcript = Path(machine.transcript or f"{machine.name}.json").expanduser()
            return GatedTransport(ScriptedTransport(transcript), machine, ssh.gate)
        case TransportKind.SSH:
            from collectors.transports.ssh import SshTransport  # with asyncssh, which other machines do without

            return SshTransport(machine, ssh)
        case TransportKind.WINRM:
            from collectors.transports.winrm import WinrmTransport  # with pywinrm, as above

            return GatedTransport(WinrmTransport(machine, ssh), machine, ssh.gate)
