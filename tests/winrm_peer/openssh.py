"""OpenSSH on a peer's Windows: a command line goes to its default shell, and only our bootstrap is a program there."""

import asyncio
import contextlib
import socket
from typing import Any

import asyncssh

from tests.winrm_peer.endpoint import DefaultShell
from tests.winrm_peer.execution import Execution, refuse_program
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.listening import HeldPort
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.shells import Command

_VERSION = "OpenSSH_for_Windows_9.5"
_MOST_BYTES = 65536
_CUTTING = (FaultKind.DROP, FaultKind.RESET, FaultKind.SHORT_BODY)


def make_host_key() -> asyncssh.SSHKey:
    """A key of a machine."""
    return asyncssh.generate_private_key("ssh-ed25519")


class SshFace:
    """OpenSSH of one machine."""

    def __init__(self, machine: PeerMachine, port: HeldPort, key: asyncssh.SSHKey, shell: DefaultShell) -> None:
        self._machine = machine
        self._port = port
        self._key = key
        self._shell = shell
        self._changed = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._acceptor: asyncssh.SSHAcceptor | None = None
        self._connections: set[asyncssh.SSHServerConnection] = set()

    def open(self) -> None:
        """Takes connections."""
        if self._opening is None:
            self._opening = asyncio.get_running_loop().create_task(self._open(self._port.listen()))

    def close(self) -> None:
        """Loses connections, and what runs in them."""
        if self._opening is not None:
            self._opening.cancel()
        if self._acceptor is not None:
            self._acceptor.close()
        self._opening = self._acceptor = None
        for connection in list(self._connections):
            connection.abort()

    def wake(self) -> None:
        """Has those who wait for output look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def release(self) -> None:
        """Gives the port back."""
        acceptor, connections = self._acceptor, list(self._connections)
        self.close()
        self._port.release()
        if acceptor is not None:
            await acceptor.wait_closed()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(one.wait_closed() for one in connections)), 5)

    async def _open(self, listening: socket.socket) -> None:
        self._acceptor = await asyncssh.listen(
            sock=listening,
            server_factory=lambda: _Login(self._machine, self._connections),
            server_host_keys=[self._key],
            process_factory=self._run,
            encoding=None,
            server_version=_VERSION,
            allow_scp=False,
        )

    # bytes: `encoding` is None.
    async def _run(self, process: asyncssh.SSHServerProcess[bytes]) -> None:
        line = process.command or ""
        self._machine.counters.messages["exec"] += 1
        command = Command(self._machine, process.get_extra_info("username"), line)
        if refused := self._refuse(line):
            command.start(refused)
        else:
            command.start()
        with contextlib.suppress(OSError, asyncssh.Error):
            if command.execution is None:
                command.feed(await process.stdin.read(), is_last=True)
            await self._print(command, process)

    def _refuse(self, line: str) -> Execution | None:
        refused = refuse_program(line)
        if refused is not None and self._shell is DefaultShell.POWERSHELL:
            program = line.split(" ", maxsplit=1)[0]
            words = f"{program} : The term '{program}' is not recognized as the name of a cmdlet, function, script file"
            return Execution.saying(f"{words}, or operable\r\nprogram.\r\n")
        return refused

    async def _print(self, command: Command, process: asyncssh.SSHServerProcess[bytes]) -> None:
        fault = self._machine.faults.take(Message.RECEIVE)
        while True:
            self._machine.settle()
            pieces, exit_code = command.take(self._machine.limits.piece_bytes or _MOST_BYTES)
            if fault is not None and fault.kind is FaultKind.HANG:
                await process.wait_closed()
                return
            for piece in pieces:
                is_cut = fault is not None and fault.kind in _CUTTING
                content = piece.content[: len(piece.content) // 2] if is_cut else piece.content
                (process.stderr if piece.stream == "stderr" else process.stdout).write(content)
                if is_cut:
                    await process.stdout.drain()
                    process.get_extra_info("connection").close()
                    return
            if exit_code is not None:
                process.exit(exit_code)
                return
            if not pieces:
                await self._wait(command)

    async def _wait(self, command: Command) -> None:
        moments = [moment for moment in (command.next_output(), self._machine.next_change()) if moment is not None]
        soon = min((moment - self._machine.clock.seconds() for moment in moments), default=60.0)
        changed = self._changed
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(changed.wait(), max(0.001, soon))


class _Login(asyncssh.SSHServer):
    """Who may log in: the machine's users, by password or by one of their keys."""

    def __init__(self, machine: PeerMachine, connections: set[asyncssh.SSHServerConnection]) -> None:
        self._machine = machine
        self._connections = connections
        self._connection: asyncssh.SSHServerConnection | None = None

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self._connection = conn
        self._connections.add(conn)
        self._machine.counters.connections += 1
        self._machine.counters.connections_open += 1
        if self._machine.faults.take(Message.CONNECT) is not None:
            conn.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._machine.counters.connections_open -= 1
        if self._connection is not None:
            self._connections.discard(self._connection)

    def begin_auth(self, username: str) -> bool:
        return True

    def password_auth_supported(self) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_password(self, username: str, password: str) -> bool:
        user = self._machine.find_user(username)
        return user is not None and user.password == password

    def validate_public_key(self, username: str, key: Any) -> bool:  # asyncssh gives its keys no type
        user = self._machine.find_user(username)
        known = [] if user is None else user.public_keys
        return any(asyncssh.import_public_key(line) == key for line in known)
