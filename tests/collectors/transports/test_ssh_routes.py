"""Ways to a machine: OpenSSH's configuration, jump hosts, proxy commands."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from collectors.transports.base import TransportFailed
from collectors.transports.opening import open_transport
from collectors.transports.ssh_config import BadJump, SshTarget, find_route, parse_jumps
from fleet.failures import FailureKind


def configure(text: str) -> Path:
    path = Path.home() / ".ssh" / "config"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return path


async def failed(ssh: Any, machine: Any, **more: Any) -> TransportFailed:
    with pytest.raises(TransportFailed) as caught:
        await ssh.run(machine, **more)
    return caught.value


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    return tmp_path


@pytest.mark.usefixtures("home")
def test_configuration_gives_what_the_machine_does_not() -> None:
    """Address, user, port, key file, jump host and alias come from the first lines that match."""
    config = configure(
        "Match originalhost web-*\n  User ops\nHost web-01\n  HostName 192.0.2.7\n  Port 2200\n  User admin\n"
        "  IdentityFile ~/.ssh/web_key\n  ProxyJump gate:2222\n  HostKeyAlias web\nHost *\n  Port 1\n"
    )
    route = find_route(SshTarget("web-01"), [config])
    assert route.shown == "ops@192.0.2.7:2200"
    assert route.key_files == (Path.home() / ".ssh" / "web_key",)
    assert route.jump == SshTarget("gate", 2222)
    assert (route.known_as, route.known_port) == ("web", 22)


@pytest.mark.usefixtures("home")
def test_machine_wins_over_the_configuration() -> None:
    """What is set on the machine is not replaced."""
    config = configure("Host *\n  Port 1\n  User other\n  IdentityFile other\n  ProxyJump other\n")
    target = SshTarget("192.0.2.7", 22, "admin", "/keys/mine", "gate")
    route = find_route(target, [config])
    assert route.shown == "admin@192.0.2.7:22"
    assert route.key_files == (Path("/keys/mine"),)
    assert route.jump == SshTarget("gate")


@pytest.mark.usefixtures("home")
def test_included_files_and_final_matches_count() -> None:
    """Include and Match final are followed, and nothing of the first pass is lost."""
    config = configure(
        "Include extra\nHost *\n  KexAlgorithms curve25519-sha256\nMatch final host web-01\n  User last\n"
    )
    (config.parent / "extra").write_text("Host web-01\n  Port 2200\n")
    route = find_route(SshTarget("web-01", user=None), [config])
    assert route.shown == "last@web-01:2200"
    assert route.options.kex_algs == [b"curve25519-sha256"]


@pytest.mark.usefixtures("home")
def test_host_is_not_its_own_jump_host() -> None:
    """A jump host set for all hosts is reached directly itself."""
    config = configure("Host *\n  ProxyJump gate\n")
    assert find_route(SshTarget("gate"), [config]).jump is None
    assert find_route(SshTarget("web-01"), [config]).jump == SshTarget("gate")


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("gate", SshTarget("gate")),
        ("me@gate:2222", SshTarget("gate", 2222, "me")),
        ("ssh://me@gate:2222", SshTarget("gate", 2222, "me")),
        ("me@[2001:db8::1]:22", SshTarget("2001:db8::1", 22, "me")),
        ("one, me@two:22", SshTarget("two", 22, "me", proxy_jump="one")),
    ],
)
def test_jump_hosts_are_read(text: str, target: SshTarget) -> None:
    """The last host of a list is the jump host, reached through those before it."""
    assert parse_jumps(text) == target


@pytest.mark.parametrize("text", ["", ",", "-oProxyCommand=x", "gate:0", "gate:99999", "a:b:c", "user@"])
def test_malformed_jump_host_is_refused(text: str) -> None:
    """A jump host that cannot be read is not guessed at."""
    with pytest.raises(BadJump):
        parse_jumps(text)


@pytest.mark.parametrize("text", ["Port abc\n", 'User "open\n', "Match nonsense\n", "ProxyJump a:b:c\n"])
async def test_broken_configuration_is_told(ssh: Any, sshd: Any, text: str) -> None:
    """A configuration that does not parse is one failure that quotes it, before anything is connected."""
    configure(text)
    failure = (await failed(ssh, ssh.machine_on(sshd, port=None))).failure
    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert "line 1" in failure.came_back or "a:b:c" in failure.came_back


async def test_configured_machine_needs_only_a_name(ssh: Any, sshd: Any) -> None:
    """A machine without an address is looked for by its name in the configuration."""
    configure(
        f"Host web-01\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User root\n  IdentityFile {sshd.user_key}\n"
        f"  UserKnownHostsFile {ssh.folder}/other-known-hosts\n"
    )
    (ssh.folder / "other-known-hosts").write_text(sshd.known_hosts())
    machine = ssh.machine(None, address=None, user=None)
    assert (await ssh.run(machine)).stdout == b"hello\n"


async def test_proxy_command_is_used_and_ended(ssh: Any, sshd: Any) -> None:
    """A ProxyCommand carries the connection; its own error output does not disturb it."""
    relay = (
        "import socket,sys,threading,shutil,os;s=socket.create_connection((sys.argv[1],int(sys.argv[2])));"
        "print('noise',file=sys.stderr);"
        "threading.Thread(target=lambda:[os.write(1,d) for d in iter(lambda:s.recv(65536),b'')],daemon=True).start();"
        "[s.sendall(d) for d in iter(lambda:os.read(0,65536),b'')]"
    )
    script = ssh.folder / "relay.py"
    script.write_text(relay)
    configure(f"Host *\n  ProxyCommand {shutil.which('python3')} {script} %h %p\n")
    assert (await ssh.run(ssh.machine_on(sshd))).stdout == b"hello\n"


async def test_machines_behind_a_jump_host_share_one_login(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """Many machines behind one jump host log in to it once; each verifies its own host key."""
    gate, inner = start_sshd(), start_sshd()
    ssh.trust(gate.known_hosts())
    configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  User root\n  IdentityFile {gate.user_key}\n")
    machine, context = ssh.machine_on(inner, proxy_jump="gate"), await ssh.context()

    async def ask() -> bytes:
        transport = open_transport(machine, context)
        return bytes((await transport.run(b"echo inside", deadline_seconds=60, max_output_bytes=1000)).stdout)

    assert await asyncio.gather(*(ask() for _ in range(5))) == [b"inside\n"] * 5
    assert gate.log.count("Accepted publickey") == 1
    assert inner.log.count("Accepted publickey") == 5


async def test_jump_hosts_can_be_chained(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A list of jump hosts is gone through in its order."""
    first, second, inner = start_sshd(), start_sshd(), start_sshd()
    for sshd, name in ((first, "first"), (second, "second")):
        ssh.trust(sshd.known_hosts())
        path = Path.home() / ".ssh" / name
        path.write_text(
            f"Host {name}\n  HostName 127.0.0.1\n  Port {sshd.port}\n  User root\n  IdentityFile {sshd.user_key}\n"
        )
    configure("Include first\nInclude second\n")
    result = await ssh.run(ssh.machine_on(inner, proxy_jump="first,second"))
    assert result.stdout == b"hello\n"
    assert first.log.count("Accepted publickey") == second.log.count("Accepted publickey") == 1


async def test_unknown_key_of_a_jump_host_is_told_as_its_own(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A jump host whose key is not known is named, and not confused with the machine."""
    gate, inner = start_sshd(), start_sshd()
    machine = ssh.machine_on(inner, proxy_jump=f"root@127.0.0.1:{gate.port}")
    failure = (await failed(ssh, machine)).failure
    assert failure.kind is FailureKind.HOST_KEY_UNKNOWN
    assert f"127.0.0.1:{gate.port}" in failure.tried
    assert "jump host" in failure.tried
    assert "accept-key" not in failure.remedy


async def test_machine_that_its_jump_host_cannot_reach_is_told(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """What the jump host says of the machine is passed on, by kind."""
    gate = start_sshd()
    ssh.trust(gate.known_hosts())
    configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  User root\n  IdentityFile {gate.user_key}\n")
    refused = (await failed(ssh, ssh.machine(1, proxy_jump="gate"))).failure
    unknown = (await failed(ssh, ssh.machine(22, address="no-such.invalid", proxy_jump="gate"))).failure
    assert refused.kind is FailureKind.CONNECTION_REFUSED
    assert refused.tried == "SSH to root@127.0.0.1:1 through gate"
    assert unknown.kind is FailureKind.ADDRESS_NOT_FOUND


async def test_jump_host_that_forbids_it_is_told(ssh: Any, start_sshd: Callable[..., Any]) -> None:
    """A jump host without forwarding is a matter of its configuration."""
    gate = start_sshd("AllowTcpForwarding no")
    ssh.trust(gate.known_hosts())
    configure(f"Host gate\n  HostName 127.0.0.1\n  Port {gate.port}\n  User root\n  IdentityFile {gate.user_key}\n")
    failure = (await failed(ssh, ssh.machine(22, proxy_jump="gate"))).failure
    assert failure.kind is FailureKind.BAD_CONFIGURATION
    assert "AllowTcpForwarding" in failure.remedy
