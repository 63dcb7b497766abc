"""Metrics over HTTP, on loopback: one page, for who asks in time. Nothing that is asked reads state.db.

Not a web server: a request without a body, an answer, and the end of the connection. Whoever is slow, or asks for
something else, takes one of a few places for a few seconds.
"""

import asyncio
from collections.abc import Callable, Mapping
from http import HTTPStatus

from fleet.errors import HomeUnusable
from fleet.listening import ListenPlace, is_loopback
from fleet.metrics import CONTENT_TYPE
from ops.logs import log_error
from ops.metrics.listening_sockets import BACKLOG, bind, inode_of, remove

MOST_CONNECTIONS = 16
_MOST_HEAD_BYTES = 8_192
_REQUEST_SECONDS = 5.0
_ANSWER_SECONDS = 10.0
# What is waiting to be sent is kept once for all askers, and in pieces for each.
_PIECE_BYTES = 65_536
_PATH = "/metrics"


class Endpoint:
    """Serves what ``page`` gives: the metrics as they were last gathered, None while there are none.

    ``request_seconds`` and ``answer_seconds`` are how long each may take as a whole.
    """

    def __init__(
        self,
        page: Callable[[], bytes | None],
        request_seconds: float = _REQUEST_SECONDS,
        answer_seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._page = page
        self._request_seconds = request_seconds
        self._answer_seconds = answer_seconds
        self._server: asyncio.Server | None = None
        self._place: ListenPlace | None = None
        self._inode: tuple[int, int] | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def place(self) -> ListenPlace | None:
        """Where it listens; None where it does not."""
        return self._place

    @property
    def open_connections(self) -> int:
        """How many are asking or being answered now."""
        return len(self._open)

    async def listen(self, place: ListenPlace) -> None:
        """Listens at ``place``, and nowhere else any more.

        Raises:
            HomeUnusable: that is not possible; says why.
        """
        await self.close()
        try:
            listening = await asyncio.to_thread(bind, place)
        except OSError as error:
            raise HomeUnusable(f"Cannot serve metrics at {place}: {error.strerror or error}.") from error
        self._inode = inode_of(place)
        if place.path:
            self._server = await asyncio.start_unix_server(
                self._admit, sock=listening, limit=_MOST_HEAD_BYTES, backlog=BACKLOG
            )
        else:
            self._server = await asyncio.start_server(
                self._admit, sock=listening, limit=_MOST_HEAD_BYTES, backlog=BACKLOG
            )
        self._place = place

    def is_in_place(self) -> bool:
        """Whether it listens where it is found: not where somebody removed or replaced its socket."""
        return self._place is not None and inode_of(self._place) == self._inode

    async def close(self) -> None:
        """Listens no more; whoever is being answered is cut off."""
        if self._server is None or self._place is None:
            return
        self._server.close()
        for task in self._open:
            task.cancel()
        if self.is_in_place():
            remove(self._place)
        self._server, self._place, self._inode = None, None, None

    async def _admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise LookupError("a connection is a task of its own")
        if len(self._open) >= MOST_CONNECTIONS:
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            writer.transport.abort()  # gone, too slow, or too long: nothing to say
        # The edge of a connection: whatever is wrong with one costs the service nothing.
        except Exception as error:  # noqa: BLE001
            log_error("metrics not served", error)
            writer.transport.abort()
        finally:
            self._open.discard(task)
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(self._request_seconds):
            head = await reader.readuntil(b"\r\n\r\n")
        status, body = self._answer(head.decode("latin-1").split("\r\n"))
        # All of it is sent within the time: what a transport still holds when it is closed would wait for ever.
        writer.transport.set_write_buffer_limits(0)
        async with asyncio.timeout(self._answer_seconds):
            writer.write(_head(status, len(body)))
            for at in range(0, len(body), _PIECE_BYTES):
                writer.write(body[at : at + _PIECE_BYTES])
                await writer.drain()

    def _answer(self, lines: list[str]) -> tuple[HTTPStatus, bytes]:
        words = lines[0].split(" ")
        if len(words) != 3 or not words[2].startswith("HTTP/1."):
            return _refused(HTTPStatus.BAD_REQUEST)
        method, target, _ = words
        if not self._is_meant(_headers(lines[1:])):
            return _refused(HTTPStatus.MISDIRECTED_REQUEST)
        if target.partition("?")[0] != _PATH:
            return _refused(HTTPStatus.NOT_FOUND)
        if method != "GET":
            return _refused(HTTPStatus.METHOD_NOT_ALLOWED)
        page = self._page()
        return _refused(HTTPStatus.SERVICE_UNAVAILABLE) if page is None else (HTTPStatus.OK, page)

    def _is_meant(self, headers: Mapping[str, str]) -> bool:
        """Whether who asks knows that they ask this host: a page in a browser whose name was led to 127.0.0.1 does not
        (DNS rebinding).
        """
        host = headers.get("host", "")
        if self._place is None or self._place.path or not host:
            return True
        name = host.partition("]")[0].removeprefix("[") if host.startswith("[") else host.partition(":")[0]
        return is_loopback(name)


def _headers(lines: list[str]) -> Mapping[str, str]:
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _refused(status: HTTPStatus) -> tuple[HTTPStatus, bytes]:
    return status, f"{status.value} {status.phrase}\n".encode("ascii")


def _head(status: HTTPStatus, length: int) -> bytes:
    kind = CONTENT_TYPE if status is HTTPStatus.OK else "text/plain; charset=utf-8"
    lines = [f"HTTP/1.1 {status.value} {status.phrase}", f"Content-Type: {kind}", f"Content-Length: {length}"]
    lines += ["Allow: GET"] if status is HTTPStatus.METHOD_NOT_ALLOWED else []
    lines += ["Cache-Control: no-store", "X-Content-Type-Options: nosniff", "Connection: close", "", ""]
    return "\r\n".join(lines).encode("ascii")
