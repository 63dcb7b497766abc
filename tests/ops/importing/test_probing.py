"""Probing addresses of loopback, where real listeners answer in several ways."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.candidates import CandidateState
from fleet.importing.ranges import ProbeTarget, parse_targets
from fleet.machines import OSType
from fleet.winrm import WinrmScheme, WinrmWay
from ops.candidates import Approval, approve_candidates, list_candidates, refuse_candidates
from ops.enrolment import Definition, enrol, list_machines
from ops.home import Home, open_home
from ops.importing.banners import Banner, BannerKind, read_banner
from ops.importing.found import keep_found
from ops.importing.probing import Answering, Probe, ProbeRequest

# Tests that listen at the same ports run one after the other.
pytestmark = pytest.mark.xdist_group("probing")
_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
_HOST = "127.61.0."
_Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home without machines."""
    return open_home(tmp_path / "home")


def _says(text: bytes) -> _Answer:
    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(text)
        await writer.drain()
        writer.close()

    return answer


def _replies(text: bytes) -> _Answer:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"</s:Envelope>")
        await _says(text)(reader, writer)

    return answer


async def _is_mute(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()
    writer.close()


_SSH = _says(b"welcome\r\nSSH-2.0-OpenSSH_9.2p1 Debian-2\x1b[31m+deb12u3\r\n")
_WINRM = (
    b"HTTP/1.1 200\r\nServer: Microsoft-HTTPAPI/2.0\r\n\r\n<s:Envelope><wsmid:ProductVendor>Microsoft Corporation"
    b"</wsmid:ProductVendor><wsmid:ProductVersion>OS: 10.0.20348 Stack: 3.0</wsmid:ProductVersion></s:Envelope>"
)

_NGINX = b"HTTP/1.1 404\r\nServer: nginx\r\n\r\n"


@asynccontextmanager
async def _listening(port: int, **answers: _Answer) -> AsyncIterator[list[str]]:
    """Listeners at addresses by their last number, as in ``_2``; gives the addresses that were connected to."""
    touched: list[str] = []
    async with AsyncExitStack() as stack:
        for name, answer in answers.items():
            address = f"{_HOST}{name[1:]}"

            async def serve(
                reader: asyncio.StreamReader,
                writer: asyncio.StreamWriter,
                address: str = address,
                answer: _Answer = answer,
            ) -> None:
                touched.append(address)
                await answer(reader, writer)

            await stack.enter_async_context(await asyncio.start_server(serve, address, port))
        yield touched


def _probe(home: Home, targets: list[ProbeTarget], **more: object) -> Probe:
    request = ProbeRequest(targets, (2261,), per_second=500, seconds=0.3)
    return Probe(home, replace(request, **more))  # type: ignore[arg-type]  # fields of the request


async def test_what_answers_becomes_a_candidate(home: Home) -> None:
    """With what its banner says, made harmless; what says nothing is none."""
    async with _listening(2261, _2=_SSH, _3=_is_mute, _4=_says(b"220 smtp\r\n")):
        probe = _probe(home, parse_targets([f"{_HOST}0/29"]))
        await probe.run()
    found = keep_found(home, probe.answering, _AT)
    assert [(each.state.value, each.answering.address[-1]) for each in found] == [
        *(("new", "2"), ("other", "3"), ("other", "4"))
    ]
    (candidate,) = list_candidates(home)
    assert (candidate.name, candidate.address, candidate.port) == (f"{_HOST}2", f"{_HOST}2", 2261)
    assert candidate.os_type is OSType.LINUX
    assert "\x1b" not in candidate.system
    assert candidate.found_by == f"{_HOST}0/29"


async def test_probing_again_changes_no_decision(home: Home) -> None:
    """A candidate that was refused stays so, and is one."""
    async with _listening(2261, _2=_SSH):
        for _ in range(2):
            probe = _probe(home, parse_targets([f"{_HOST}2"]))
            await probe.run()
            found = keep_found(home, probe.answering, _AT)
            refuse_candidates(home, [f"{_HOST}2"])
    assert found[0].state.value == "refused"
    assert [candidate.state for candidate in list_candidates(home)] == [CandidateState.REFUSED]


async def test_machines_that_are_known_are_not_connected_to(home: Home) -> None:
    """By their address, or by a name that leads to it: they may be outside the scope."""
    enrol(home, Definition("web-1", address=f"{_HOST}2"))
    enrol(home, Definition("local", address="localhost"))
    async with _listening(2261, _2=_SSH, _3=_SSH) as touched:
        probe = _probe(home, parse_targets([f"{_HOST}2-3", "127.0.0.1"]))
        await probe.run()
    assert touched == [f"{_HOST}3"]
    assert probe.enrolled == {f"{_HOST}2": "web-1", "127.0.0.1": "local"}


async def test_time_and_rate_are_bounded(home: Home) -> None:
    """What there was no time for is counted, and what came in stays."""
    async with _listening(2261, _1=_SSH, _2=_is_mute):
        probe = _probe(home, parse_targets([f"{_HOST}0/24"]), per_second=20.0, deadline_seconds=0.5)
        await probe.run()
    assert probe.is_out_of_time
    assert 0 < probe.asked < 20
    assert probe.unasked == 254 - probe.asked
    assert [each.address for each in probe.answering][:1] == [f"{_HOST}1"]


async def test_winrm_is_known_by_its_word_of_itself() -> None:
    """Nobody logs in; a web server that is none is told apart."""
    async with _listening(5985, _2=_replies(_WINRM), _3=_replies(_NGINX), _4=_replies(b"xx")):
        banners = [await read_banner(f"{_HOST}{number}", 5985, 1.0) for number in (2, 3, 4, 5)]
    assert [banner and banner.kind for banner in banners] == [
        *(BannerKind.WINRM, BannerKind.OTHER, BannerKind.OTHER, None)
    ]
    assert banners[0] is not None
    assert banners[0].os_type is OSType.WINDOWS
    assert banners[0].text == "WinRM Microsoft Corporation OS: 10.0.20348 Stack: 3.0"


async def test_endless_answers_are_cut() -> None:
    """A line that never ends is no banner, and costs no memory."""

    async def pour(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                writer.write(b"x" * 65536)
                await writer.drain()
        except OSError:
            writer.close()

    async with _listening(2261, _2=pour):
        banner = await read_banner(f"{_HOST}2", 2261, 1.0)
    assert banner is not None
    assert banner.kind is BannerKind.OTHER


def test_windows_that_answers_by_winrm_alone_becomes_a_winrm_machine(home: Home) -> None:
    """By HTTPS where both ports answer; SSH comes first, and what is no Windows is not taken for one."""
    plain = Banner(5985, BannerKind.WINRM, "WinRM", OSType.WINDOWS)
    tls = Banner(5986, BannerKind.WINRM, "WinRM", OSType.WINDOWS)
    other = Banner(5986, BannerKind.WINRM, "WinRM Open Management Infrastructure")
    ssh = Banner(22, BannerKind.SSH, "SSH-2.0-OpenSSH_for_Windows_8.1", OSType.WINDOWS)
    banners = {"10.0.0.1": (plain, tls), "10.0.0.2": (plain,), "10.0.0.3": (ssh, tls), "10.0.0.4": (other,)}
    answering = [Answering(parse_targets([address])[0], address, each) for address, each in banners.items()]
    keep_found(home, answering, _AT)
    approve_candidates(home, [Approval(address) for address in banners])
    ways = {machine.address: (machine.transport.value, machine.winrm) for machine in list_machines(home)}
    assert ways == {
        "10.0.0.1": ("winrm", None),
        "10.0.0.2": ("winrm", WinrmWay(WinrmScheme.HTTP)),
        "10.0.0.3": ("ssh", None),
        "10.0.0.4": ("ssh", None),
    }
