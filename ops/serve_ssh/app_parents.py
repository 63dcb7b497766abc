"""The parent of the apps, as the server sees it: begun with it, begun anew when it dies, and asked for apps."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from fleet.errors import PatchdeckError
from ops.home import Home
from ops.logs import log_event
from ops.serve_ssh.orders import Begun, Ended, Order, Ready, receive, send

# A second on a quiet console; longer where the disk is slow.
_READY_SECONDS = 60.0
_BEGUN_SECONDS = 15.0
_ENDED_SECONDS = 2.0
# One that dies at once is not begun in a circle.
_AGAIN_SECONDS = 1.0


class NoApp(PatchdeckError):
    """No app can be begun; says why."""


@dataclass(slots=True)
class App:
    """A served app: its process by number and by a descriptor that no other process can get, and its exit code."""

    pid: int
    descriptor: int
    code: "asyncio.Future[int]"

    def signal(self, number: signal.Signals) -> None:
        """Sends it a signal, if it is still there."""
        with suppress(OSError):
            signal.pidfd_send_signal(self.descriptor, number)

    async def ended(self) -> int:
        """Waits for its end, and gives its exit code: 1 where nobody can say it any more."""
        loop = asyncio.get_running_loop()
        gone: asyncio.Future[None] = loop.create_future()
        loop.add_reader(self.descriptor, _settle, gone)
        try:
            await gone
        finally:
            loop.remove_reader(self.descriptor)
        try:
            async with asyncio.timeout(_ENDED_SECONDS):
                return await asyncio.shield(self.code)
        except TimeoutError:  # its parent died before it
            return 1

    def close(self) -> None:
        """Lets its descriptor go; it has ended."""
        os.close(self.descriptor)


@dataclass(slots=True)
class _Parent:
    """One process that forks apps, and what was asked of it and not answered yet, by session."""

    process: "subprocess.Popen[bytes]"
    connection: socket.socket
    ready: "asyncio.Future[None]"
    wanted: dict[str, "asyncio.Future[App]"] = field(default_factory=dict)


class AppParents:
    """Gives apps over ``home``; ``module`` is run as their parent. `start` before the first is wanted."""

    def __init__(self, home: Home, module: str) -> None:
        self._home = home
        self._module = module
        self._parent: _Parent | None = None
        self._codes: dict[str, asyncio.Future[int]] = {}
        self._task: asyncio.Task[None] | None = None
        self._is_closing = False

    @property
    def pid(self) -> int:
        """The number of the parent's process; 0 where there is none now."""
        return self._parent.process.pid if self._parent is not None else 0

    async def start(self) -> None:
        """Begins the parent, and waits until it has loaded what apps need.

        Raises:
            NoApp: it does not begin.
        """
        await self._ready_parent()

    async def begin(self, order: Order, terminal: int) -> App:
        """An app on ``terminal``.

        Raises:
            NoApp: there is none to be had now.
        """
        session = order.login.session
        for is_last in (False, True):
            parent = await self._ready_parent()
            answer: asyncio.Future[App] = asyncio.get_running_loop().create_future()
            parent.wanted[session] = answer
            try:
                send(parent.connection, order, [terminal])
                async with asyncio.timeout(_BEGUN_SECONDS):
                    return await answer
            except (OSError, TimeoutError) as error:  # it died with the order in its hands
                if is_last or isinstance(error, TimeoutError):
                    raise NoApp("No app can be begun now: try again in a moment.") from error
                self._drop(parent)
            finally:
                parent.wanted.pop(session, None)
        raise NoApp("No app can be begun now: try again in a moment.")

    async def close(self) -> None:
        """Ends the parent, which ends its apps first."""
        self._is_closing = True
        if (parent := self._parent) is not None:
            self._drop(parent)
            with suppress(subprocess.TimeoutExpired):
                await asyncio.to_thread(parent.process.wait, _READY_SECONDS)

    async def _ready_parent(self) -> _Parent:
        if self._parent is None:
            self._parent = self._begin_parent()
        parent = self._parent
        try:
            async with asyncio.timeout(_READY_SECONDS):
                await asyncio.shield(parent.ready)
        except (TimeoutError, OSError) as error:
            self._drop(parent)
            raise NoApp(f"The parent of the apps does not begin: see {self._home.log_file}.") from error
        return parent

    def _begin_parent(self) -> _Parent:
        if self._is_closing:
            raise NoApp("The server is being ended.")
        loop = asyncio.get_running_loop()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_CLOEXEC)
        path = os.pathsep.join(os.path.abspath(each) for each in sys.path if each)  # noqa: PTH100 - a zip is no Path
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", self._module, str(theirs.fileno()), str(self._home.path)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": path, "PYTHONUTF8": "1"},
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        ours.setblocking(False)
        parent = _Parent(process, ours, loop.create_future())
        loop.add_reader(ours, self._hear, parent)
        return parent

    def _hear(self, parent: _Parent) -> None:
        try:
            message, descriptors = receive(parent.connection)
        except BlockingIOError:
            return
        match message:
            case None:
                self._lose(parent)
            case Ready():
                _settle(parent.ready)
            case Begun(session, pid, error):
                self._begun(parent, session, pid, error, descriptors)
            case Ended(session, code):
                if (waiting := self._codes.pop(session, None)) is not None and not waiting.done():
                    waiting.set_result(code)

    def _begun(self, parent: _Parent, session: str, pid: int, error: str, descriptors: list[int]) -> None:
        answer = parent.wanted.get(session)
        if answer is None or answer.done():  # nobody waits for it any more: its terminal is closed, which ends it
            for each in descriptors:
                os.close(each)
        elif error or not descriptors:
            answer.set_exception(NoApp(f"No app can be begun: {error}."))
        else:
            code = self._codes[session] = asyncio.get_running_loop().create_future()
            answer.set_result(App(pid, descriptors[0], code))

    def _lose(self, parent: _Parent) -> None:
        """It is dead: its apps go on, the next login has another parent."""
        self._drop(parent)
        if self._is_closing:
            return
        code = parent.process.poll()
        log_event("parent of apps lost", code=code)
        self._task = asyncio.create_task(self._begin_again())

    async def _begin_again(self) -> None:
        await asyncio.sleep(_AGAIN_SECONDS)
        with suppress(NoApp, OSError):  # the next login tries again, and is told
            await self._ready_parent()

    def _drop(self, parent: _Parent) -> None:
        if self._parent is parent:
            self._parent = None
        if parent.connection.fileno() >= 0:
            asyncio.get_running_loop().remove_reader(parent.connection)
            parent.connection.close()
        lost = ConnectionResetError("the parent of the apps is gone")
        waiting: list[asyncio.Future[Any]] = [parent.ready, *parent.wanted.values()]  # Any: of every kind
        for each in waiting:
            if not each.done():
                each.set_exception(lost)
                each.exception()  # seen: nobody may be waiting


def _settle(future: "asyncio.Future[None]") -> None:
    if not future.done():
        future.set_result(None)
