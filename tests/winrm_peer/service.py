"""The WS-Management service of one peer: messages in, envelopes out; quotas, operation time-outs, faults."""

import asyncio
import base64
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field

from tests.winrm_peer import envelope
from tests.winrm_peer.envelope import SHELL, TRANSFER, Request, WsmanFault
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser, TokenKind
from tests.winrm_peer.shells import Command, Shell, encode

# What the envelope around output takes, roughly; base64 makes four bytes of three.
_AROUND_BYTES = 4096
_LONGEST_WAIT_SECONDS = 3600.0


@dataclass(slots=True)
class WsmanService:
    """Shells and commands of one machine. It runs in the peer's event loop alone; `wake` may come from elsewhere."""

    machine: PeerMachine
    shells: dict[str, Shell] = field(default_factory=dict)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """Has those who wait for output look again; called in the event loop."""
        self._changed.set()
        self._changed = asyncio.Event()

    def forget_all(self) -> None:
        """Loses every shell, as a reboot does."""
        self.machine.counters.shells_lost += len(self.shells)
        for shell in self.shells.values():
            for command in shell.commands.values():
                command.was_stopped = True
        self.shells.clear()
        self.wake()

    async def answer(self, request: Request, user: PeerUser) -> bytes:
        """The envelope that answers ``request``.

        Raises:
            WsmanFault: it is refused, or there is nothing to say within its time.
        """
        self.machine.settle()
        match request.action:
            case "Create":
                return self._reply(request, f"{TRANSFER}/CreateResponse", self._create(user))
            case "Delete":
                return self._reply(request, f"{TRANSFER}/DeleteResponse", self._delete(request))
            case "Command":
                return self._reply(request, f"{SHELL}/CommandResponse", self._command(request, user))
            case "Send":
                return self._reply(request, f"{SHELL}/SendResponse", self._send(request))
            case "Receive":
                return self._reply(request, f"{SHELL}/ReceiveResponse", await self._receive(request))
            case "Signal":
                return self._reply(request, f"{SHELL}/SignalResponse", self._signal(request))
        words = "The WS-Management service cannot process the request: its action is unknown."
        raise WsmanFault(envelope.UNKNOWN_ACTION, words, "a:ActionNotSupported")

    def _reply(self, request: Request, action: str, body: str) -> bytes:
        return envelope.write_answer(request.message_id, action, body)

    def _create(self, user: PeerUser) -> str:
        if user.token is TokenKind.FILTERED:
            raise WsmanFault(envelope.ACCESS_DENIED, "Access is denied.", "w:AccessDenied")
        self._expire()
        limit = self.machine.limits.most_shells
        if sum(shell.user == user.name for shell in self.shells.values()) >= limit:
            words = (
                "The WS-Management service cannot process the request. This user is allowed a maximum number of "
                f"{limit} concurrent shells, which has been exceeded."
            )
            raise WsmanFault(envelope.TOO_MANY_SHELLS, words, "w:QuotaLimit")
        shell = Shell(user.name, used_at=self.machine.clock.seconds())
        self.shells[shell.shell_id] = shell
        self.machine.counters.shells_opened += 1
        return envelope.shell_created(shell.shell_id)

    def _delete(self, request: Request) -> str:
        shell = self._shell(request, counts=False)
        del self.shells[shell.shell_id]
        for command in shell.commands.values():
            command.was_stopped = True
        self.machine.counters.shells_closed += 1
        self.machine.counters.commands_left += len(shell.commands)
        self.wake()
        return ""

    def _command(self, request: Request, user: PeerUser) -> str:
        shell = self._shell(request)
        if len(shell.commands) >= self.machine.limits.most_processes:
            words = "This user has exceeded the maximum number of processes allowed in the shell."
            raise WsmanFault(envelope.TOO_MANY_OPERATIONS, words, "w:QuotaLimit")
        line = " ".join(part for part in (request.text_of("Command"), request.text_of("Arguments")) if part)
        command = Command(self.machine, user.name, line)
        shell.commands[command.command_id] = command
        command.start()
        return envelope.command_started(command.command_id)

    def _send(self, request: Request) -> str:
        shell = self._shell(request)
        for stream in request.body.iter(f"{{{SHELL}}}Stream"):
            command = shell.find(stream.get("CommandId", ""))
            content = base64.b64decode(stream.text or "")
            command.feed(content, stream.get("End", "").casefold() == "true")
        self.wake()
        return "<rsp:SendResponse/>"

    async def _receive(self, request: Request) -> str:
        command = self._shell(request).find(_command_id(request.find("DesiredStream")))
        until = asyncio.get_running_loop().time() + min(request.timeout_seconds, _LONGEST_WAIT_SECONDS)
        while True:
            self.machine.settle()
            pieces, exit_code = command.take(self._most_output(request))
            if pieces or exit_code is not None:
                return envelope.received(command.command_id, encode(pieces), exit_code)
            if not await self._wait(command, until):
                raise WsmanFault(envelope.OPERATION_TIMEOUT, envelope.TIMED_OUT, "w:TimedOut")

    async def _wait(self, command: Command, until: float) -> bool:
        """Waits until there may be output; whether that is before ``until``."""
        left = until - asyncio.get_running_loop().time()
        if left <= 0:
            return False
        moments = [moment for moment in (command.next_output(), self.machine.next_change()) if moment is not None]
        soon = min((moment - self.machine.clock.seconds() for moment in moments), default=left)
        changed = self._changed
        try:
            async with asyncio.timeout(max(0.001, min(left, soon))):
                await changed.wait()
        except TimeoutError:
            pass
        return True

    def _most_output(self, request: Request) -> int:
        limits = self.machine.limits
        envelope_bytes = min(request.most_bytes, limits.most_envelope_bytes)
        return limits.piece_bytes or max(1, (envelope_bytes - _AROUND_BYTES) * 3 // 4)

    def _signal(self, request: Request) -> str:
        shell = self._shell(request, counts=False)
        command = shell.find(_command_id(request.find("Signal")))
        command.was_stopped = True
        del shell.commands[command.command_id]
        self.wake()
        return "<rsp:SignalResponse/>"

    def _shell(self, request: Request, counts: bool = True) -> Shell:
        shell = self.shells.get(request.shell_id)
        if shell is None:
            asked = f"The request for the Windows Remote Shell with ShellId {request.shell_id}"
            words = f"{asked} failed because the shell was not found on the server."
            raise WsmanFault(envelope.SHELL_GONE, words, "w:InvalidSelectors")
        shell.used_at = self.machine.clock.seconds()
        shell.operations += counts
        if counts and shell.operations > self.machine.limits.most_operations:
            words = (
                "The WS-Management service cannot process the request. The maximum number of concurrent operations for "
                "this user has been exceeded."
            )
            raise WsmanFault(envelope.TOO_MANY_OPERATIONS, words, "w:QuotaLimit")
        return shell

    def _expire(self) -> None:
        oldest = self.machine.clock.seconds() - self.machine.limits.idle_seconds
        for shell in [shell for shell in self.shells.values() if shell.used_at < oldest]:
            del self.shells[shell.shell_id]
            self.machine.counters.shells_expired += 1


def _command_id(node: ET.Element | None) -> str:
    return "" if node is None else node.get("CommandId", "")
