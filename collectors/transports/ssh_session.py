"""One script in one session of an SSH connection."""

import asyncio
import contextlib
import re
import secrets
from collections.abc import Callable

import asyncssh
from asyncssh import SSHClientConnection, SSHClientSession
from asyncssh.constants import EXTENDED_DATA_STDERR

from collectors.transports.output import CappedOutput

# sshd says the exit status as soon as the shell ends, and may still have output under way, on a slow link for long.
# What stays silent for this long after the status is a process that the script left behind.
_QUIET_SECONDS = 10.0

# A session whose output is passed on lasts as long as a job does. Asking every five seconds whether the link is still
# there was most of what following a silent job costs; a stall is noticed after a minute, and the job needs nobody.
_FOLLOWED_KEEPALIVE_SECONDS = 15.0

_PROCESSES = re.compile(rb" (\d{1,10}) (\d{1,10})\n")

# What a machine that still answers needs, and no more: somebody is waiting for the end of this.
_END_SECONDS = 1.0


class ScriptRun:
    """A script on its way through a session, and what has come of it, also when it was cut off.

    The command is the one word that every login shell takes. The first thing that the script prints is a word that
    nobody can guess: what comes before it was printed by somebody else, and without it there was no `sh`.

    Args:
        script: POSIX shell.
        output: keeps what comes, up to its limit.
        on_output: is handed what the script prints, instead of `stdout`; only what came before it is kept.
    """

    def __init__(self, script: bytes, output: CappedOutput, on_output: Callable[[bytes], None] | None = None) -> None:
        self.output = output
        self._on_output = on_output
        self._is_passing_on = False
        self.exit_status: int | None = None
        self.signal: str | None = None
        self.error: Exception | None = None
        self.server_version = ""
        self._word = b"begun-" + secrets.token_hex(8).encode()
        self._script = b"echo %b $$ $PPID; %b" % (self._word, script)

    @property
    def command(self) -> str:
        """What the login shell is told to run."""
        return "sh"

    @property
    def has_begun(self) -> bool:
        """Whether a `sh` read the script."""
        return self._find_first_line() is not None

    @property
    def stdout(self) -> bytes:
        """What the script printed and nobody took; all that came where it had not begun."""
        if self._is_passing_on:
            return b""
        first_line = self._find_first_line()
        return self.output.stdout[first_line.end() :] if first_line else self.output.stdout

    def take_stdout(self, data: bytes) -> bool:
        """Keep ``data`` or pass it on; False where the limit of output is passed."""
        if self._on_output is None:
            return self.output.add_stdout(data)
        if self._is_passing_on:
            self._on_output(data)
            return self.output.count(data)
        is_within = self.output.add_stdout(data)
        if (first_line := self._find_first_line()) is not None:
            self._is_passing_on = True
            if rest := self.output.stdout[first_line.end() :]:
                self._on_output(rest)
        return is_within

    def _find_first_line(self) -> re.Match[bytes] | None:
        """The line with the word and two process ids; only what follows the word is matched, by a pattern for all."""
        output = self.output.stdout
        position = output.find(self._word)
        return None if position < 0 else _PROCESSES.match(output, position + len(self._word))

    async def go(self, connection: SSHClientConnection) -> None:
        """Run the script until it ends or has printed too much; what is still at work then is ended on the machine.

        Raises:
            asyncssh.Error: the session was not opened, or the server refused to run a command.
        """
        ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.server_version = str(connection.get_extra_info("server_version", ""))
        if self._on_output is not None:
            connection.set_keepalive(_FOLLOWED_KEEPALIVE_SECONDS)
        channel, _ = await connection.create_session(lambda: _Session(self, ended), self.command, encoding=None)
        try:
            # A login shell that ends at once (nologin) has closed the channel by now; what it said is the answer.
            with contextlib.suppress(BrokenPipeError):
                channel.write(self._script)
                channel.write_eof()
            await ended
        finally:
            if self.exit_status is None and self.signal is None and not connection.is_closed():
                channel.terminate()
                await self._end_on_machine(connection)
            channel.close()

    async def _end_on_machine(self, connection: SSHClientConnection) -> None:
        """End the shell and what it started; without this they would stay at work on the machine.

        sshd passes signals on for ordinary users only (session.c: "session signalling requires privilege separation"),
        so root's are sent by a second command.
        """
        first_line = self._find_first_line()
        if first_line is None:
            return
        shell, parent = (int(pid) for pid in first_line.groups())
        # The shell leads its process group, or the login shell that started it does.
        command = f"kill -TERM -{shell} || kill -TERM -{parent}\n".encode()
        with contextlib.suppress(asyncssh.Error, OSError, TimeoutError):
            async with asyncio.timeout(_END_SECONDS):
                await connection.run("sh", input=command, encoding=None)


class _Session(SSHClientSession[bytes]):
    """Notes what the server says of a run; ``ended`` is set when there is nothing more to wait for."""

    def __init__(self, run: ScriptRun, ended: asyncio.Future[None]) -> None:
        self._run = run
        self._ended = ended
        self._quiet: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes, datatype: int | None) -> None:
        run = self._run
        if not (run.output.add_stderr(data) if datatype == EXTENDED_DATA_STDERR else run.take_stdout(data)):
            self._end()
        elif self._quiet is not None:
            self._wait_for_quiet()

    def exit_status_received(self, status: int) -> None:
        self._run.exit_status = status
        self._wait_for_quiet()

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:  # noqa: ARG002
        self._run.signal = signal
        self._wait_for_quiet()

    def connection_lost(self, exc: Exception | None) -> None:
        self._run.error = exc
        self._end()

    def _wait_for_quiet(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        self._quiet = asyncio.get_running_loop().call_later(_QUIET_SECONDS, self._end)

    def _end(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
        if not self._ended.done():
            self._ended.set_result(None)
