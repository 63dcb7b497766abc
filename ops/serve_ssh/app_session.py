"""One session over SSH: an app on a pseudo-terminal, from the client's request to the end of both."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from tempfile import gettempdir
from typing import TYPE_CHECKING, Any

import asyncssh

from fleet.errors import PatchdeckError
from fleet.hostile import clean
from fleet.ssh_logins import Login
from ops.exit_codes import ExitCode
from ops.logs import log_error
from ops.serve_ssh.app_parents import App
from ops.serve_ssh.client_terminal import ClientTerminal
from ops.serve_ssh.desk import WARNING_SECONDS, Desk
from ops.serve_ssh.open_sessions import FOLDER_PREFIX
from ops.serve_ssh.orders import Order
from ops.serve_ssh.terminals import DUMB, PseudoTerminal, SaidOfTerminal, Size, size_of, terminal_environment

if TYPE_CHECKING:
    from ops.serve_ssh.connection import Connection

# An app gives the terminal back in a fraction of a second, unless it hangs.
_ENDING_SECONDS = 8.0
_NO_SHELL = "There is no shell here and no program but the app: ssh without a command opens it."


class AppSession(asyncssh.SSHServerSession[bytes]):
    """What the client gets on one channel of ``connection``: the app for ``login``, or one line that says why not."""

    def __init__(self, desk: Desk, connection: "Connection", login: Login, key_line: str) -> None:
        self.login = login
        self.key_line = key_line
        self.is_counted = False
        self.environment: dict[str, str] = {}
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._desk = desk
        self._connection = connection
        self._channel: Any = None  # Any: asyncssh's channel
        self._client = ClientTerminal()
        self._said_name: str | None = None  # without a terminal; one may have an empty name
        self._size = Size(80, 24)
        self._refusal = ""
        self._terminal: PseudoTerminal | None = None
        self._app: App | None = None
        self._audited: asyncio.Task[None] | None = None
        self._folder = str(Path(os.environ.get("TMPDIR") or gettempdir(), f"{FOLDER_PREFIX}{login.session}"))
        self._began_at = self._typed_at = time.monotonic()
        self._is_warned = False
        self._why, self._last_words = "", ""
        self._is_paused = False

    # What the client asks for

    def connection_made(self, chan: Any) -> None:
        """See asyncssh."""
        self._channel = chan
        # It keeps whatever a client sends, for as long as it sends: without an end.
        chan._env = SaidOfTerminal()

    def pty_requested(
        self, term_type: str, term_size: tuple[int, int, int, int], _term_modes: Mapping[int, int]
    ) -> bool:
        """The client has a terminal."""
        self._said_name, self._size = term_type, size_of(*term_size[:2])
        if term_type in DUMB:
            self._refusal = f"The app cannot be shown on a terminal of the kind {term_type}: set TERM."
        return True

    def shell_requested(self) -> bool:
        """The client wants what there is."""
        return True

    def exec_requested(self, command: str) -> bool:
        """The client wants a program, and is told that there is none."""
        self._refusal = _NO_SHELL
        self._desk.later(asyncio.create_task(self._audit_refusal(f"wanted to run a program: {clean(command, 80)}")))
        return True

    def session_started(self) -> None:
        """All is asked for."""
        if self._said_name is None and not self._refusal:
            self._refusal = "The app needs a terminal: ssh without -T, or with -t."
        if not self._refusal and (full := self._desk.why_full(self.login.name)):
            self._refusal = full
            self._desk.later(asyncio.create_task(self._audit_refusal(f"no room: {full}")))
        if self._refusal:
            self._channel.write_stderr(f"patchdeck: {self._refusal}\r\n".encode())
            self._channel.exit(ExitCode.NOT_PERMITTED)
            return
        self.is_counted = True
        self._desk.entered(self)
        self._connection.serves()
        self._desk.later(asyncio.create_task(self._serve()))

    def data_received(self, data: bytes, _datatype: int | None) -> None:
        """The client types."""
        self._typed_at, self._is_warned = time.monotonic(), False
        if self._terminal is not None:
            self._terminal.write(data)
            if self._terminal.is_full:
                self._channel.pause_reading()

    def terminal_size_changed(self, width: int, height: int, _pixwidth: int, _pixheight: int) -> None:
        """The client's terminal has another size."""
        self._size = size_of(width, height)
        if self._terminal is not None:
            self._terminal.resize(self._size)

    def eof_received(self) -> bool:
        """Nothing will be typed any more: nobody is there."""
        self.end("line dropped")
        return True

    def break_received(self, _msec: int) -> bool:
        """Nothing."""
        return False

    def pause_writing(self) -> None:
        """The client does not take what is written: its app waits, and nobody else."""
        self._is_paused = True
        self._regulate()

    def resume_writing(self) -> None:
        """The client takes more."""
        self._is_paused = False
        self._regulate()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The channel is closed, by whomever."""
        self._channel = None
        self._connection.channel_closed(was_session=self.is_counted)
        self.end("line dropped")
        if self._terminal is not None:
            self._terminal.close()  # the kernel hangs up

    # How it goes on and ends

    def look_at_clock(self, now: float, idle_seconds: float) -> None:
        """Warns whoever has typed nothing for long, and ends the session when nothing comes of it."""
        idle = now - self._typed_at
        if idle >= idle_seconds:
            self.end("idle", f"Nothing was typed for {_minutes(idle_seconds)}: the session is over.")
        elif idle >= idle_seconds - min(WARNING_SECONDS, idle_seconds / 2) and not self._is_warned:
            self._is_warned = True
            if self._app is not None:
                self._app.signal(signal.SIGUSR1)

    def end(self, why: str, last_words: str = "") -> None:
        """Has the app end; ``why`` is for the audit, ``last_words`` for the client. The first reason counts."""
        if self._why or not self.is_counted:
            return
        self._why, self._last_words = why, last_words
        if self._app is not None:
            self._desk.later(asyncio.create_task(self._end_app(self._app)))

    async def _serve(self) -> None:
        """From the client's wish to the last byte."""
        code: int = ExitCode.FAILED
        try:
            self._terminal = PseudoTerminal(self._size, self._give, lambda: None, self._room)
            code = await self._run(self._terminal)
        except PatchdeckError as error:
            self._why, self._last_words = self._why or "no app", str(error)
        except OSError as error:
            log_error("session broke", error, session=self.login.session)
            self._why, self._last_words = self._why or "no app", f"No terminal is to be had: {error.strerror}."
        finally:
            self._close(code)
            if self._audited is not None:  # an end comes after its beginning
                await asyncio.wait([self._audited])
            await self._desk.audit.ended(self.login, self._why, time.monotonic() - self._began_at, self._folder)
            if not self.over.done():
                self.over.set_result(None)

    async def _run(self, terminal: PseudoTerminal) -> int:
        """The app's exit code."""
        told = terminal_environment(self._said_name or "", self._channel.get_environment() if self._channel else {})
        self.environment = {**self._connection.environment, **told}
        order = Order(self.login, self.environment, self._folder)
        terminal_told = f"{told['TERM']} {self._size.columns}"
        self._audited = asyncio.create_task(self._desk.audit.opened(self.login, terminal_told, self._folder))
        try:
            self._app = app = await self._desk.parents.begin(order, terminal.slave)
        finally:
            terminal.handed_over()
        try:
            self._regulate()
            self._desk.later(asyncio.create_task(self._help(self._audited)))
            if self._why:  # it was ended before it began
                self._desk.later(asyncio.create_task(self._end_app(app)))
            code = await app.ended()
        finally:
            app.close()
            self._app = None
        terminal.drain()
        self._why = self._why or ("left" if code == 0 else f"the app ended with {code}")
        return code

    async def _help(self, audited: "asyncio.Task[None]") -> None:
        """What goes on beside the app: no session without its entry; and a service for what outlasts it."""
        try:
            await audited
        except (PatchdeckError, OSError) as error:
            self.end("not audited", f"The session cannot be written into the audit: {error}")
            return
        await self._desk.have_service(self._desk.home)

    async def _end_app(self, app: App) -> None:
        app.signal(signal.SIGHUP)
        await asyncio.wait([self.over], timeout=_ENDING_SECONDS)
        if not self.over.done():
            app.signal(signal.SIGKILL)

    def _give(self, data: bytes) -> None:
        if self._channel is not None:
            self._client.passes(data)
            self._channel.write(data)
            self._regulate()

    def _regulate(self) -> None:
        """Reads from the app as fast as the client takes it."""
        if self._terminal is None or self._app is None:
            return
        is_stalled = self._connection.unsent_bytes() > self._connection.MOST_UNSENT
        self._terminal.read_on(wanted=not self._is_paused and not is_stalled)
        if is_stalled and not self._is_paused:
            self._connection.when_sent(self._regulate)

    def _room(self) -> None:
        if self._channel is not None:
            self._channel.resume_reading()

    def _close(self, code: int) -> None:
        if self._terminal is not None:
            self._terminal.close()
        channel, self._channel = self._channel, None
        if channel is not None:
            words = f"patchdeck: {clean(self._last_words)}\r\n".encode() if self._last_words else b""
            channel.write(self._client.restoring() + words)
            channel.exit(code if 0 <= code < 256 else ExitCode.FAILED)
        self._desk.left(self)

    async def _audit_refusal(self, why: str) -> None:
        login = self.login
        await self._desk.audit.refused(login.client, login.name, why, (login.fingerprint,), login.user)


def with_session(login: Login, session: str) -> Login:
    """``login`` with a session of its own."""
    return replace(login, session=session)


def _minutes(seconds: float) -> str:
    return f"{seconds / 60:g} minutes" if seconds >= 120 else f"{seconds:g} seconds"
