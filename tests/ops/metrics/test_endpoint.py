"""The endpoint of metrics, asked by real sockets: politely, slowly, too much, and by the wrong ones."""

import asyncio
import select
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fleet.errors import HomeUnusable
from fleet.listening import ListenPlace
from ops.metrics.endpoint import MOST_CONNECTIONS, Endpoint
from tests.free_ports import free_port

_PAGE = b"# a page\npatchdeck_things 1\n"
_PATIENCE_SECONDS = 20.0


@pytest.fixture
async def endpoint() -> AsyncIterator[Endpoint]:
    """One that listens on loopback."""
    endpoint = Endpoint(lambda: _PAGE)
    await endpoint.listen(ListenPlace("127.0.0.1", free_port()))
    yield endpoint
    await endpoint.close()


@pytest.fixture
async def impatient() -> AsyncIterator[Endpoint]:
    """One that waits for half a second."""
    endpoint = Endpoint(lambda: _PAGE, request_seconds=0.5)
    await endpoint.listen(ListenPlace("127.0.0.1", free_port()))
    yield endpoint
    await endpoint.close()


async def _connect(endpoint: Endpoint) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    assert endpoint.place is not None
    return await asyncio.open_connection(endpoint.place.host, endpoint.place.port)


async def _ask(endpoint: Endpoint, request: bytes) -> bytes:
    reader, writer = await _connect(endpoint)
    writer.write(request)
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def _ask_until_served(endpoint: Endpoint) -> None:
    """On a busy console half a second may be over before a request has come."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while b"200 OK" not in await _ask(endpoint, b"GET /metrics HTTP/1.1\r\n\r\n"):
            pass


async def test_the_page_is_served_and_the_connection_ends(endpoint: Endpoint) -> None:
    """As the text format, with its length."""
    head, _, body = (await _ask(endpoint, b"GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n")).partition(b"\r\n\r\n")
    lines = head.decode("ascii").split("\r\n")
    assert lines[0] == "HTTP/1.1 200 OK"
    assert "Content-Type: text/plain; version=0.0.4; charset=utf-8" in lines
    assert f"Content-Length: {len(_PAGE)}" in lines
    assert body == _PAGE


@pytest.mark.parametrize(
    ("request_line", "status"),
    [
        ("GET / HTTP/1.1", 404),
        ("GET /metrics/../etc/passwd HTTP/1.1", 404),
        ("GET http://127.0.0.1/metrics HTTP/1.1", 404),
        ("POST /metrics HTTP/1.1", 405),
        ("HEAD /metrics HTTP/1.1", 405),
        ("GET /metrics", 400),
        ("GET /metrics HTTP/2.0", 400),
        ("\x16\x03\x01 hello", 400),
    ],
)
async def test_all_else_is_refused(endpoint: Endpoint, request_line: str, status: int) -> None:
    """With a status, and nothing of the metrics."""
    answer = await _ask(endpoint, f"{request_line}\r\n\r\n".encode("latin-1"))
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"patchdeck_" not in answer


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:9464", 200),
        ("[::1]:9464", 200),
        ("LocalHost", 200),
        ("evil.example.org", 421),
        ("evil.example.org:9464", 421),
        ("192.0.2.1", 421),
        ("127.0.0.1.evil.example.org", 421),
    ],
)
async def test_a_page_of_a_browser_that_was_led_here_gets_nothing(endpoint: Endpoint, host: str, status: int) -> None:
    """Who asks names this host (DNS rebinding)."""
    answer = await _ask(endpoint, f"GET /metrics HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())


async def test_before_the_first_gathering_there_is_nothing_to_serve() -> None:
    """Which is told, and is not an empty page."""
    endpoint = Endpoint(lambda: None)
    await endpoint.listen(ListenPlace("127.0.0.1", free_port()))
    assert (await _ask(endpoint, b"GET /metrics HTTP/1.1\r\n\r\n")).startswith(b"HTTP/1.1 503 ")
    await endpoint.close()


async def test_who_is_slow_to_ask_is_cut_off(impatient: Endpoint) -> None:
    """Also one who sends a letter from time to time, and one who never comes to an end."""
    for beginning in (b"", b"GET /metrics HTTP/1.1\r\nX: ", b"GET /metrics HTTP/1.1\r\nX: " + b"x" * 20_000):
        assert await _ask(impatient, beginning) == b""
    await _ask_until_served(impatient)


async def test_many_at_once_leave_room_again(impatient: Endpoint) -> None:
    """More than there are places for are turned away, and cost nobody else their turn for long."""
    idle = [await _connect(impatient) for _ in range(MOST_CONNECTIONS + 4)]
    turned_away = await asyncio.gather(*(reader.read() for reader, _ in idle), return_exceptions=True)
    assert len(turned_away) == MOST_CONNECTIONS + 4
    await _ask_until_served(impatient)
    for _, writer in idle:
        writer.close()


async def test_who_does_not_read_is_cut_off() -> None:
    """A page of megabytes waits for nobody."""
    page = b"x" * 30_000_000
    endpoint = Endpoint(lambda: page, answer_seconds=0.5)
    await endpoint.listen(ListenPlace("127.0.0.1", free_port()))
    assert endpoint.place is not None
    with socket.create_connection((endpoint.place.host, endpoint.place.port)) as lazy:
        lazy.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        async with asyncio.timeout(_PATIENCE_SECONDS):
            while not endpoint.open_connections:
                await asyncio.sleep(0.01)
            while endpoint.open_connections:
                await asyncio.sleep(0.01)
    await endpoint.close()


async def test_a_socket_in_the_file_system_is_served(tmp_path: Path) -> None:
    """For everybody who may enter its folder; it is gone afterwards."""
    path = tmp_path / "metrics.sock"
    endpoint = Endpoint(lambda: _PAGE)
    await endpoint.listen(ListenPlace(path=str(path)))
    assert path.stat().st_mode & 0o777 == 0o666
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(b"GET /metrics HTTP/1.1\r\nHost: whatever\r\n\r\n")
    assert (await reader.read()).endswith(_PAGE)
    writer.close()
    await endpoint.close()
    assert not path.exists()


async def test_a_socket_that_was_left_over_gives_way(tmp_path: Path) -> None:
    """One at which another process listens does not, nor does a file."""
    left, used, other = (tmp_path / name for name in ("left.sock", "used.sock", "file.sock"))
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(left))
    other.write_text("mine")
    endpoint = Endpoint(lambda: _PAGE)
    await endpoint.listen(ListenPlace(path=str(left)))
    await endpoint.close()
    with socket.socket(socket.AF_UNIX) as living:
        living.bind(str(used))
        living.listen()
        with pytest.raises(HomeUnusable, match="another process listens"):
            await endpoint.listen(ListenPlace(path=str(used)))
    with pytest.raises(HomeUnusable, match="something else"):
        await endpoint.listen(ListenPlace(path=str(other)))
    assert other.read_text() == "mine"


async def test_a_port_that_is_taken_is_told(endpoint: Endpoint) -> None:
    """In one line with the place."""
    assert endpoint.place is not None
    with pytest.raises(HomeUnusable, match=f"Cannot serve metrics at {endpoint.place}"):
        await Endpoint(lambda: _PAGE).listen(endpoint.place)


async def test_who_never_takes_the_end_of_the_answer_is_cut_off(tmp_path: Path) -> None:
    """Also where little of it is left: no connection stays open for them."""
    place = ListenPlace(path=str(tmp_path / "s"))
    endpoint = Endpoint(lambda: page, answer_seconds=0.2)
    await endpoint.listen(place)
    askers = [socket.socket(socket.AF_UNIX) for _ in range(13)]
    buffered = askers[0].getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF)
    open_files = _count_open_files()
    for number, asker in enumerate(askers):
        # However much of its buffer the system uses: some of these pages end a little behind it.
        page = bytes(buffered // 2 + number * 32_768)
        asker.connect(place.path)
        asker.send(b"GET /metrics HTTP/1.1\r\n\r\n")
        while not _has_answer(asker):
            await asyncio.sleep(0)
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while endpoint.open_connections or _count_open_files() > open_files:
            await asyncio.sleep(0.01)
    for asker in askers:
        asker.close()
    await endpoint.close()


def _has_answer(asker: socket.socket) -> bool:
    return bool(select.select([asker], [], [], 0)[0])


def _count_open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
