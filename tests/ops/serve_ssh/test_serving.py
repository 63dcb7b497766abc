"""The app over SSH: what a login gets, what it does not get, and what becomes of it when something breaks."""

import asyncio
import json
import os
import signal
import socket
import time
from pathlib import Path

import asyncssh
import pytest
from asyncssh.packet import String

from fleet.roles import Role
from ops.serve_ssh.login_keys import remove_login_keys
from ops.serve_ssh.sandbox import version
from tests.ops.serve_ssh.conftest import SECONDS, Server, eventually, is_alive

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_a_login_gets_the_app_and_leaves_it(server: Server) -> None:
    """The table is there, q ends the session with 0, and the audit has its beginning and its end."""
    client = await server.enter("olga")
    (session,) = server.desk.sessions
    client.type("q")
    assert await client.ended() == 0
    entry, begun = [
        await server.has(deed, lambda each: session.login.session in (each.after or ""))
        for deed in ("serve-ssh.end", "serve-ssh.open")
    ]
    told = json.loads(entry.after or "")
    assert (entry.actor.user, entry.target, told["why"]) == ("ssh:olga", "olga", "left")
    assert begun.actor.ssh_client.startswith("127.0.0.1 ")
    assert json.loads(begun.after or "")["role"] == "operator"
    assert told["key"] == server.keys["olga"].get_fingerprint()
    assert begun.actor.origin is not None
    assert begun.actor.origin.login == "olga"


@pytest.mark.parametrize("wanted", [{"command": "cat /etc/passwd"}, {"command": "id", "term_type": "xterm"}])
async def test_there_is_no_program(server: Server, wanted: dict[str, str]) -> None:
    """A command is refused in a line, with or without a terminal."""
    connection = await server.connect(server.keys["ada"])
    done = await connection.run(**wanted)
    assert done.exit_status == 11
    assert "no shell here" in str(done.stderr) + str(done.stdout)


async def test_there_is_no_file_transfer_and_no_session_without_a_terminal(server: Server) -> None:
    """Neither sftp nor any subsystem; and ssh -T is told what is missing."""
    connection = await server.connect(server.keys["ada"])
    with pytest.raises(asyncssh.ChannelOpenError):
        await connection.start_sftp_client()
    done = await connection.run()
    assert (done.exit_status, "needs a terminal" in str(done.stderr)) == (11, True)


async def test_nothing_is_forwarded(server: Server) -> None:
    """No connection goes out from the server or comes in for the client, by TCP or sockets."""
    connection = await server.connect(server.keys["ada"])
    with pytest.raises(asyncssh.ChannelOpenError):
        await connection.open_connection("127.0.0.1", server.port)
    with pytest.raises(asyncssh.ChannelOpenError):
        await connection.open_unix_connection(str(server.home.service_socket))
    with pytest.raises(asyncssh.ChannelListenError):
        await connection.forward_remote_port("127.0.0.1", 0, "127.0.0.1", 1)
    with pytest.raises(asyncssh.ChannelListenError):
        await connection.forward_remote_path("/tmp/never", "/tmp/never")
    assert not Path("/tmp/never").exists()


async def test_the_clients_environment_stays_outside(server: Server) -> None:
    """Of what a client sends, only the kind of its terminal comes in."""
    sent = {"LD_PRELOAD": "/evil.so", "PATCHDECK_HOME": "/evil", "EDITOR": "evil", "COLORTERM": "truecolor"}
    await server.enter("ada", env=sent)
    (pid,) = server.apps()
    environment = _environment(server)
    assert "evil" not in str(environment)
    assert (environment["TERM"], environment["COLORTERM"]) == ("xterm-256color", "truecolor")
    assert environment["SSH_CONNECTION"].startswith("127.0.0.1 ")
    assert _descriptors(pid) <= {"pts", "socket", "pipe", "anon_inode", "state.db", "null", "patchdeck.log"}


async def test_a_stranger_is_refused_and_audited(server: Server) -> None:
    """Neither an unknown key nor a password gets in."""
    key = asyncssh.generate_private_key("ssh-ed25519")
    with pytest.raises(asyncssh.PermissionDenied):
        await server.connect(key)
    with pytest.raises(asyncssh.PermissionDenied):
        await asyncssh.connect(
            "127.0.0.1", server.port, username="root", password="root", client_keys=None, known_hosts=None, config=None
        )
    entry = await server.has("serve-ssh.refuse", lambda each: key.get_fingerprint() in (each.after or ""))
    assert entry.actor.user == "ssh:?"


async def test_a_viewer_changes_nothing(server: Server) -> None:
    """The keys say whose role it takes, and the home has no new deed."""
    client = await server.enter("vera")
    client.type("A")
    await client.shows("takes an operator")
    assert server.deeds("machines.assess") == []


@pytest.mark.skipif(not version(), reason="this kernel has no Landlock")
async def test_the_kernel_confines_whoever_is_no_admin(server: Server) -> None:
    """Whatever the process of a viewer is made to do; that of an admin may begin what it needs."""
    for name, is_confined in (("vera", "1"), ("olga", "1"), ("ada", "0")):
        before = set(server.apps())
        await server.enter(name)
        (pid,) = set(server.apps()) - before
        status = Path(f"/proc/{pid}/status").read_text()
        assert f"NoNewPrivs:\t{is_confined}" in status


async def test_an_admins_deed_is_theirs(server: Server) -> None:
    """What is done in a session is in the audit under the name of the key, from the client's address."""
    client = await server.enter("ada")
    client.type("o")
    entry = await server.has("machine.disable")
    assert entry.actor.user == "ssh:ada"
    assert entry.actor.ssh_client.startswith("127.0.0.1 ")
    assert "serve-ssh, session" in entry.actor.command


async def test_a_removed_key_ends_its_session(server: Server) -> None:
    """Whoever is in is out, and told why; nobody else is."""
    server.add("gone", Role.VIEWER)
    client, other = await server.enter("gone"), await server.enter("vera")
    remove_login_keys(server.home, "gone")
    assert await client.ended() != 0
    assert b"does not let you in any more" in client.raw
    with pytest.raises(asyncssh.PermissionDenied):
        await server.connect(server.keys["gone"])
    other.type("?")
    await other.shows("Keys")


async def test_whoever_types_nothing_is_warned_and_then_out(server: Server) -> None:
    """A minute before; any key keeps the session; the audit says why it ended."""
    client = await server.enter("vera")
    (session,) = server.desk.sessions
    session.look_at_clock(time.monotonic() + 3_550, 3_600)
    await client.shows("Nothing was typed")
    assert session._is_warned
    client.type("j")
    await eventually(lambda: not session._is_warned)
    session.look_at_clock(time.monotonic() + 3_500, 3_600)
    assert session in server.desk.sessions
    session.look_at_clock(time.monotonic() + 3_601, 3_600)
    await client.ended()
    assert b"Nothing was typed for 60 minutes" in client.raw
    await server.has("serve-ssh.end", lambda each: json.loads(each.after or "")["why"] == "idle")


async def test_a_dropped_client_leaves_no_app(server: Server) -> None:
    """A line that is cut ends the app, and the audit says so."""
    client = await server.enter("olga")
    (pid,) = server.apps()
    (session,) = server.desk.sessions
    client.connection.abort()
    await eventually(lambda: not is_alive(pid))
    entry = await server.has("serve-ssh.end", lambda each: session.login.session in (each.after or ""))
    assert json.loads(entry.after or "")["why"] == "line dropped"


async def test_an_app_that_dies_takes_nobody_with_it(server: Server) -> None:
    """Its client gets the terminal back as it was; the others go on."""
    other = await server.enter("vera")
    before = set(server.apps())
    client = await server.enter("ada")
    (pid,) = set(server.apps()) - before
    os.kill(pid, signal.SIGKILL)
    assert await client.ended() == 1
    restored = bytes(client.raw).rpartition(b"\x1b[?1049h")[2]
    assert restored.endswith(b"\x1b[?1049l")
    assert b"\x1b[?25h" in restored
    assert b"\x1b[?1000l" in restored
    other.type("?")
    await other.shows("Keys")


async def test_a_session_leaves_no_folder_behind(server: Server) -> None:
    """What an app writes for itself is gone with it, also that of a confined one."""
    client = await server.enter("vera")
    assert len(list(server.temp.iterdir())) == 1
    client.connection.abort()
    await eventually(lambda: not list(server.temp.iterdir()))


async def test_the_parent_of_the_apps_is_replaced(server: Server) -> None:
    """Whoever is in goes on; whoever comes gets an app of another parent."""
    other = await server.enter("vera")
    dead = server.parents.pid
    os.kill(dead, signal.SIGKILL)
    client = await server.enter("ada")
    assert server.parents.pid not in (0, dead)
    client.type("q")
    assert await client.ended() == 0
    other.type("?")
    await other.shows("Keys")


@pytest.mark.parametrize("size", [(0, 0), (100_000, 100_000), (1, 1)])
async def test_no_size_of_a_terminal_breaks_anything(server: Server, size: tuple[int, int]) -> None:
    """Nonsense is bounded; and the next size counts."""
    client = await server.begin("vera", size, term_type="x" * 5_000)
    await client.until(lambda: len(client.raw) > 50)
    client.screen.resize(24, 80)
    client.process.change_terminal_size(80, 24)
    await client.shows("web-01")
    assert _environment(server)["TERM"] == "xterm-256color"


async def test_only_so_many_sessions_of_one_login(server: Server) -> None:
    """One more is told that there is no room; by the same connection or another."""
    client = await server.begin("vera")
    for _ in range(3):
        await client.connection.create_process(term_type="xterm", encoding=None)
    await eventually(lambda: len(server.desk.sessions) == 4)
    late = await server.begin("vera")
    assert await late.ended() == 11
    await server.enter("olga")


async def test_one_login_has_only_so_many_connections(server: Server) -> None:
    """Nobody takes all that the server can hold; whoever wants no session, or no other, is out after a while."""
    most = 2 * server.desk.limits.sessions_of_one
    mine = [await server.connect(server.keys["vera"]) for _ in range(most)]
    late = await server.connect(server.keys["vera"])
    async with asyncio.timeout(SECONDS):
        await late.wait_closed()
    await server.has("serve-ssh.refuse", lambda each: each.actor.user == "ssh:vera")
    await server.enter("olga")
    process = await mine[0].create_process(term_type="xterm", encoding=None)
    held = next(session for session in server.desk.sessions if session.login.name == "vera")._connection
    assert held._closing is None
    process.channel.abort()
    await eventually(lambda: held._closing is not None)
    mine[1].abort()
    await eventually(lambda: server.desk.connected["vera"] == most - 1)


async def test_what_a_client_sends_without_end_is_forgotten(server: Server) -> None:
    """Its environment, before and while the app is there."""
    client = await server.enter("vera", env={"LANG": "C" * 5_000, "NO_COLOR": "1"})
    for number in range(2_000):
        client.process.channel._send_request(b"env", String(f"A{number}"), String("x"))
    client.process.channel._send_request(b"env", String("COLORTERM"), String("truecolor"))
    (session,) = server.desk.sessions
    await eventually(lambda: b"COLORTERM" in session._channel.get_environment_bytes())
    assert dict(session._channel.get_environment_bytes()) == {b"NO_COLOR": b"1", b"COLORTERM": b"truecolor"}


async def test_strangers_keep_nobody_out_for_long(server: Server) -> None:
    """Connections that say nothing, or no SSH, are few and are closed; people get in meanwhile."""
    idle = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(3)]
    noise = socket.create_connection(("127.0.0.1", server.port))
    noise.sendall(os.urandom(4096).replace(b"S", b"") + b"\r\n" * 3000)
    await server.enter("vera")
    noise.close()
    many = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(20)]
    await eventually(lambda: server.desk.strangers["127.0.0.1"] == server.desk.limits.strangers_of_one)
    for each in (*idle, *many):
        each.close()
    await eventually(lambda: not server.desk.strangers)
    await server.enter("olga")


async def test_a_client_that_reads_nothing_stalls_only_itself(server: Server) -> None:
    """Its app waits; what it types and what it is shown is bounded; others go on."""
    client = await server.enter("vera", (200, 60))
    client.process.channel.pause_reading()
    for _ in range(50):
        client.type("?\x1b" * 200)
        await asyncio.sleep(0)
    other = await server.enter("olga")
    other.type("?")
    await other.shows("Keys")
    (connection,) = {session._connection for session in server.desk.sessions if session.login.name == "vera"}
    assert connection._link._transport.get_write_buffer_size() == connection.unsent_bytes() < 2 * connection.MOST_UNSENT
    waiting = [len(session._terminal._waiting) for session in server.desk.sessions if session._terminal]
    assert max(waiting) <= 2 * 65_536


def _environment(server: Server) -> dict[str, str]:
    """What the one app there is was given."""
    (session,) = server.desk.sessions
    told: dict[str, str] = session.environment
    return told


def _descriptors(pid: int) -> set[str]:
    found = set()
    for each in Path(f"/proc/{pid}/fd").iterdir():
        target = str(each.readlink())
        found.add("pts" if "/pts/" in target else Path(target.partition(":")[0]).name.partition("-")[0])
    return found
