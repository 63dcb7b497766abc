"""Scripts over WinRM: what they print, how they are ended, and how the machine is logged in to."""

import asyncio
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from collectors.transports.base import TransportFailed
from collectors.windows.script_call import call_script
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from fleet.winrm import WinrmKind, WinrmScheme, WinrmWay
from tests.collectors.winrm.reaching import PASSWORD, OnePassword, context_of, greeted_by, machine_at, reaching
from tests.winrm_peer.faults import FaultKind, Message
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerUser, TokenKind
from tests.winrm_peer.peer import WinrmPeer

HOST = "WIN-PEER"


async def failure_at(
    machine: Machine,
    secrets: OnePassword | None = None,
    *,
    deadline_seconds: float = 60.0,
    max_output_bytes: int = 100_000,
) -> Failure:
    """Why the machine could not be greeted."""
    async with reaching(machine, secrets) as transport:
        with pytest.raises(TransportFailed) as caught:
            await transport.run(
                call_script("greet").payload, deadline_seconds=deadline_seconds, max_output_bytes=max_output_bytes
            )
    return caught.value.failure


@pytest.mark.parametrize(
    ("kind", "user"),
    [
        (WinrmKind.NTLM, "patcher"),
        (WinrmKind.NTLM, "EXAMPLE\\patcher"),
        (WinrmKind.BASIC, "patcher"),
        (WinrmKind.BASIC, "EXAMPLE\\patcher"),
        (WinrmKind.BASIC, "patcher@example.com"),
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_script_answers(shared_peer: WinrmPeer, scheme: str, kind: WinrmKind, user: str) -> None:
    """Over HTTP and HTTPS, with Basic and NTLM, whatever form the user's name has."""
    machine = PeerMachine(domain="EXAMPLE")
    machine.limits.allows_unencrypted = True

    assert await greeted_by(machine_at(shared_peer.add(machine, scheme), kind, user)) == HOST
    assert machine.counters.shells_open == 0
    assert machine.counters.connections == 1


async def test_a_certificate_logs_in(shared_peer: WinrmPeer) -> None:
    """The profile's certificate and key, over HTTPS, without any password."""
    machine = PeerMachine()
    machine.limits.allows_certificate = True
    endpoint = shared_peer.add(machine, "https")
    issued = str(shared_peer.authority.issue_client("patcher").file)
    secrets = OnePassword("", key_file=issued, certificate_file=issued)

    assert await greeted_by(machine_at(endpoint, WinrmKind.CERTIFICATE), secrets) == HOST


async def test_output_byte_by_byte_comes_whole(shared_peer: WinrmPeer) -> None:
    """It may be cut anywhere: what is told of it is told at its end."""
    machine = PeerMachine()
    machine.limits.piece_bytes = 7

    assert await greeted_by(machine_at(shared_peer.add(machine))) == HOST


async def test_output_is_passed_on_in_the_loops_thread(shared_peer: WinrmPeer) -> None:
    """Whoever follows a script may touch what belongs to the event loop."""
    call = call_script("greet")
    threads: set[int] = set()
    came: list[bytes] = []

    def take(data: bytes) -> None:
        threads.add(threading.get_ident())
        came.append(data)

    async with reaching(machine_at(shared_peer.add())) as transport:
        result = await transport.run(call.payload, deadline_seconds=60, max_output_bytes=100_000, on_output=take)

    assert threads == {threading.get_ident()}
    assert call.marker.encode() in b"".join(came)
    assert result.stdout == b""


async def test_a_long_script_is_handed_over_in_pieces(shared_peer: WinrmPeer) -> None:
    """More than an envelope takes goes in several messages."""
    machine = PeerMachine()
    call = call_script("greet", {"filling": "x" * 300_000})

    async with reaching(machine_at(shared_peer.add(machine))) as transport:
        result = await transport.run(call.payload, deadline_seconds=60, max_output_bytes=100_000)

    assert result.exit_status == 0
    assert machine.counters.messages["Send"] > 3


async def test_input_is_handed_over_again_while_the_command_is_busy(shared_peer: WinrmPeer) -> None:
    """ERROR_BUSY on Send is no failure."""
    machine = PeerMachine()
    machine.faults.add(Message.SEND, FaultKind.FAULT, times=2, code=170)

    assert await greeted_by(machine_at(shared_peer.add(machine))) == HOST


async def test_keys_are_renewed_when_the_connection_was_lost_between_messages(shared_peer: WinrmPeer) -> None:
    """NTLM's keys die with the connection: a new login, and the shell is still there."""
    machine = PeerMachine()
    machine.faults.add(Message.RECEIVE, FaultKind.UNAUTHORIZED)

    assert await greeted_by(machine_at(shared_peer.add(machine))) == HOST
    assert machine.counters.connections == 2
    assert machine.counters.shells_opened == 1


async def test_too_much_output_ends_the_command(shared_peer: WinrmPeer) -> None:
    """What has come is kept as evidence, and the shell is gone."""
    machine = PeerMachine()

    failure = await failure_at(machine_at(shared_peer.add(machine)), max_output_bytes=50)

    assert failure.kind is FailureKind.OUTPUT_TOO_LARGE
    assert machine.counters.shells_open == 0


@pytest.mark.parametrize("kind", [WinrmKind.NTLM, WinrmKind.BASIC])
async def test_cancelling_ends_the_command_and_deletes_the_shell(shared_peer: WinrmPeer, kind: WinrmKind) -> None:
    """A wait for a machine that is silent is ended from outside, at once."""
    machine = PeerMachine()
    machine.limits.allows_unencrypted = True
    machine.faults.add(Message.RECEIVE, FaultKind.HANG)
    async with reaching(machine_at(shared_peer.add(machine), kind)) as transport:
        running = asyncio.create_task(
            transport.run(call_script("greet").payload, deadline_seconds=60, max_output_bytes=100_000)
        )
        while not machine.counters.faults:
            await asyncio.sleep(0.01)
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    assert machine.counters.messages["Signal"] == 1
    assert machine.counters.shells_open == 0


@pytest.mark.parametrize("begun", [b"Content-Length: 100000\r\n\r\n", b"X-"])
async def test_a_byte_now_and_then_does_not_outlast_the_deadline(shared_peer: WinrmPeer, begun: bytes) -> None:
    """requests waits for the next byte for ever, of headers, too; the connection is cut, and nothing else is told."""

    async def dribble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n" + begun)
        while not writer.is_closing():
            writer.write(b"x")
            await asyncio.sleep(0.02)

    server = await asyncio.start_server(dribble, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    machine = replace(machine_at(shared_peer.add(), WinrmKind.BASIC), port=port)

    failure = await failure_at(machine, deadline_seconds=0.3)

    server.close()
    assert failure.kind is FailureKind.LOGIN_TIMED_OUT
    assert failure.elapsed_seconds is not None
    assert failure.elapsed_seconds < 30


async def test_answers_that_bring_nothing_are_not_asked_for_at_once_again(shared_peer: WinrmPeer) -> None:
    """A machine that answers every question with its time-out keeps nobody busy."""
    machine = PeerMachine()
    machine.faults.add(Message.RECEIVE, FaultKind.TIMEOUT_FAULT, times=None)

    failure = await failure_at(machine_at(shared_peer.add(machine)), deadline_seconds=0.5)

    assert failure.kind is FailureKind.DEADLINE_EXCEEDED
    assert machine.counters.messages["Receive"] < 12


async def test_the_loop_goes_on_while_machines_are_waited_for(shared_peer: WinrmPeer) -> None:
    """Waiting happens in threads."""
    machine = PeerMachine()
    machine.faults.add(Message.RECEIVE, FaultKind.SLOW, seconds=0.3)
    ticks = 0
    running = asyncio.create_task(greeted_by(machine_at(shared_peer.add(machine))))
    while not running.done():
        await asyncio.sleep(0.01)
        ticks += 1

    assert await running == HOST
    assert ticks > 15


@pytest.mark.parametrize(
    ("told", "kind", "words"),
    [
        (PeerMachine(language_mode="ConstrainedLanguage"), FailureKind.LANGUAGE_CONSTRAINED, "ConstrainedLanguage"),
        (PeerMachine(users=[PeerUser(token=TokenKind.FILTERED)]), FailureKind.ACCESS_DENIED, "denied"),
    ],
)
async def test_what_the_machine_does_not_allow_is_named(
    shared_peer: WinrmPeer, told: PeerMachine, kind: FailureKind, words: str
) -> None:
    """A language mode and a filtered token each have their own words and remedy."""
    failure = await failure_at(machine_at(shared_peer.add(told)))

    assert failure.kind is kind
    assert words in failure.came_back
    assert failure.remedy


async def test_too_many_shells_are_a_quota(shared_peer: WinrmPeer) -> None:
    """The limit is named, and how to raise it."""
    machine = PeerMachine()
    machine.limits.most_shells = 0

    failure = await failure_at(machine_at(shared_peer.add(machine)))

    assert failure.kind is FailureKind.QUOTA_EXCEEDED
    assert "MaxShellsPerUser" in failure.remedy


@pytest.mark.parametrize("kind", [WinrmKind.NTLM, WinrmKind.BASIC])
@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_wrong_password_is_told_without_it(shared_peer: WinrmPeer, scheme: str, kind: WinrmKind) -> None:
    """Refused once, and the password is in no text."""
    machine = PeerMachine()
    machine.limits.allows_unencrypted = True
    secrets = OnePassword("Wrong-Horse-8")

    failure = await failure_at(machine_at(shared_peer.add(machine, scheme), kind), secrets)

    assert failure.kind is FailureKind.LOGIN_REFUSED
    assert "Wrong-Horse-8" not in failure.describe()
    assert machine.counters.logins_refused <= 2


async def test_a_password_beyond_latin_1_logs_in(shared_peer: WinrmPeer) -> None:
    """Basic carries UTF-8."""
    machine = PeerMachine(users=[PeerUser(password="Pferd-Łoś-7")])

    assert await greeted_by(machine_at(shared_peer.add(machine, "https"), WinrmKind.NTLM), OnePassword("Pferd-Łoś-7"))
    assert await greeted_by(machine_at(shared_peer.add(machine, "https"), WinrmKind.BASIC), OnePassword("Pferd-Łoś-7"))


async def test_the_clocks_of_kerberos_are_named(shared_peer: WinrmPeer) -> None:
    """KRB_AP_ERR_SKEW is not a wrong password."""
    machine = PeerMachine()
    machine.limits.allows_unencrypted = True
    machine.faults.add(Message.CREATE, FaultKind.CLOCK_SKEW, times=None)

    failure = await failure_at(machine_at(shared_peer.add(machine), WinrmKind.BASIC))

    assert failure.kind is FailureKind.CLOCK_SKEWED


async def test_https_where_http_is_and_the_reverse_are_named(shared_peer: WinrmPeer) -> None:
    """Each remedy names the other port."""
    plain, tls = shared_peer.add(), shared_peer.add(scheme="https")
    to_plain = replace(machine_at(plain), winrm=WinrmWay(WinrmScheme.HTTPS))
    to_tls = replace(machine_at(tls), winrm=WinrmWay(WinrmScheme.HTTP))

    assert (await failure_at(to_plain)).kind is FailureKind.TLS_FAILED
    failure = await failure_at(to_tls)
    assert failure.kind is FailureKind.NOT_WINRM
    assert "TLS" in failure.came_back


async def test_winrm_that_is_off_is_named_with_what_turns_it_on(shared_peer: WinrmPeer) -> None:
    """Nothing listens: the command that enables it is the remedy."""
    endpoint = shared_peer.add()
    machine = replace(machine_at(endpoint), port=1)

    failure = await failure_at(machine)

    assert failure.kind is FailureKind.CONNECTION_REFUSED
    assert "Enable-PSRemoting" in failure.remedy


async def test_an_unknown_name_is_named(shared_peer: WinrmPeer) -> None:
    """The resolver's words do not matter."""
    machine = replace(machine_at(shared_peer.add()), address="nowhere.invalid")

    assert (await failure_at(machine)).kind is FailureKind.ADDRESS_NOT_FOUND


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize("zone", ["", "%1"])
async def test_ipv6_is_reached_with_and_without_a_zone(shared_peer: WinrmPeer, scheme: str, zone: str) -> None:
    """A URL has no room for the zone; the connection has."""
    endpoint = shared_peer.add(scheme=scheme, address="::1")

    assert await greeted_by(replace(machine_at(endpoint), address=f"::1{zone}")) == HOST


async def test_nothing_of_the_environment_counts(
    shared_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """No proxy, no authorities, no netrc."""
    endpoint = shared_peer.add(scheme="https")
    (tmp_path / ".netrc").write_text(f"machine {endpoint.address} login nobody password nothing\n")
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere.pem")
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    assert await greeted_by(machine_at(endpoint)) == HOST


async def test_a_proxy_that_is_named_is_used(shared_peer: WinrmPeer) -> None:
    """Where it is not there, nothing goes past it."""
    base = machine_at(shared_peer.add(scheme="https"))
    assert base.winrm is not None
    machine = replace(base, winrm=replace(base.winrm, proxy="http://127.0.0.1:1"))

    failure = await failure_at(machine)

    assert failure.kind is FailureKind.CONNECTION_REFUSED
    assert "proxy" in failure.came_back


@pytest.mark.parametrize(
    ("way", "user", "words"),
    [
        (WinrmWay(WinrmScheme.HTTP, WinrmKind.BASIC), "patcher", "shows the password"),
        (WinrmWay(WinrmScheme.HTTP, WinrmKind.CERTIFICATE), "patcher", "HTTPS only"),
        (WinrmWay(kind=WinrmKind.CERTIFICATE), "patcher", "key file"),
        (WinrmWay(kind=WinrmKind.KERBEROS), "EXAMPLE\\patcher", "user@EXAMPLE.COM"),
        (WinrmWay(kind=WinrmKind.NTLM), None, "a user"),
        (WinrmWay(ca_file="/nowhere.pem"), "patcher", "/nowhere.pem"),
    ],
)
async def test_what_cannot_go_together_connects_nowhere(
    shared_peer: WinrmPeer, way: WinrmWay, user: str | None, words: str
) -> None:
    """A mistake in the settings is named before anything is sent."""
    endpoint = shared_peer.add(scheme=way.scheme)

    failure = await failure_at(replace(machine_at(endpoint), winrm=way, user=user))

    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert words in failure.came_back
    assert endpoint.machine.counters.connections == 0


@pytest.mark.parametrize(("kind", "extra"), [(WinrmKind.KERBEROS, "kerberos"), (WinrmKind.CREDSSP, "credssp")])
async def test_an_extra_that_is_missing_is_named(
    shared_peer: WinrmPeer, monkeypatch: pytest.MonkeyPatch, kind: WinrmKind, extra: str
) -> None:
    """pip's own name for it is the remedy."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)

    failure = await failure_at(machine_at(shared_peer.add(scheme="https"), kind, "patcher@EXAMPLE.COM"))

    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert f"patchdeck[{extra}]" in failure.came_back


async def test_a_lack_of_a_password_is_named(shared_peer: WinrmPeer) -> None:
    """Nobody is logged in to without one."""
    failure = await failure_at(machine_at(shared_peer.add(scheme="https")), OnePassword(""))

    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert PASSWORD not in failure.describe()


async def test_many_machines_share_one_context(shared_peer: WinrmPeer) -> None:
    """Each has its own connection and keys; none shares them with another thread."""
    endpoint = shared_peer.add(scheme="https")
    call = call_script("greet")
    async with context_of() as context:
        from collectors.transports.opening import open_transport

        results = await asyncio.gather(
            *(
                open_transport(machine_at(endpoint), context).run(
                    call.payload, deadline_seconds=20, max_output_bytes=100_000
                )
                for _ in range(20)
            )
        )

    assert [result.exit_status for result in results] == [0] * 20
    assert endpoint.machine.counters.shells_open == 0
