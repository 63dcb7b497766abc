"""Peers on loopback: OpenSSH's own sshd, asyncssh as a server, and raw servers that misbehave."""

import asyncio
import os
import shutil
import signal
import socket
import subprocess
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collectors.secrets import NoSecrets, SecretSource
from collectors.transports.base import CommandResult
from collectors.transports.opening import SshContext, load_ssh_context, open_transport
from fleet.machines import Machine, TransportKind
from tests.free_ports import free_port

SSHD = "/usr/sbin/sshd"
USER = "root"


def run_quietly(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@dataclass
class Sshd:
    """A running sshd of OpenSSH; ``user_key`` logs in as root."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def user_key(self) -> Path:
        return self.folder / "user_key"

    @property
    def host_key_line(self) -> str:
        return " ".join((self.folder / "host_key.pub").read_text().split()[:2])

    @property
    def log(self) -> str:
        return (self.folder / "log").read_text()

    def known_hosts(self) -> str:
        return f"[127.0.0.1]:{self.port} {self.host_key_line}\n"


@pytest.fixture(scope="session")
def start_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Sshd]]:
    """Starts an sshd with more lines of configuration; all are ended with the tests."""
    if not Path(SSHD).exists() or os.geteuid() != 0:
        pytest.skip("needs root and OpenSSH's sshd: apt install openssh-server")
    Path("/run/sshd").mkdir(exist_ok=True)
    started: list[Sshd] = []

    def start(*more: str) -> Sshd:
        started.append(_start_sshd(tmp_path_factory.mktemp("sshd"), more))
        return started[-1]

    yield start
    for sshd in started:
        sshd.process.terminate()
        sshd.process.wait()


def _start_sshd(folder: Path, more: tuple[str, ...]) -> Sshd:
    for name in ("host_key", "user_key"):
        run_quietly("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / name))
    shutil.copy(folder / "user_key.pub", folder / "authorized_keys")
    port = free_port()
    lines = [
        *more,
        f"Port {port}",
        "ListenAddress 127.0.0.1",
        f"HostKey {folder}/host_key",
        f"AuthorizedKeysFile {folder}/authorized_keys",
        f"PidFile {folder}/pid",
        "PermitRootLogin yes",
        "StrictModes no",
        "UsePAM no",
        "PasswordAuthentication no",
        "MaxStartups 200",
        "LogLevel VERBOSE",
    ]
    (folder / "sshd_config").write_text("\n".join(lines) + "\n")
    process = subprocess.Popen([SSHD, "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "log")])
    sshd = Sshd(folder, port, process)
    _wait_for_port(port, process)
    return sshd


def _wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        assert process.poll() is None, "sshd did not start"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            signal.sigtimedwait([], 0.02)
    raise AssertionError("sshd does not listen")


@pytest.fixture(scope="session")
def sshd(start_sshd: Callable[..., Sshd]) -> Sshd:
    """An ordinary sshd."""
    return start_sshd()


@dataclass
class Ssh:
    """Runs scripts over SSH with a home of its own: no key, no agent and no configuration but those a test gives."""

    folder: Path
    stack: AsyncExitStack
    contexts: list[SshContext] = field(default_factory=list)

    @property
    def home_known_hosts(self) -> Path:
        return self.folder / "patchdeck-known-hosts"

    def machine(self, port: int | None, **more: object) -> Machine:
        base = Machine(
            id="0",
            name="web-01",
            transport=TransportKind.SSH,
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            address="127.0.0.1",
            port=port,
            user=USER,
        )
        return replace(base, **more)  # type: ignore[arg-type]

    def machine_on(self, sshd: Sshd, **more: object) -> Machine:
        """A machine whose host key is known and whose key file is the right one."""
        self.trust(sshd.known_hosts())
        return replace(self.machine(sshd.port, key_file=str(sshd.user_key)), **more)  # type: ignore[arg-type]

    def trust(self, lines: str) -> None:
        with self.home_known_hosts.open("a", errors="surrogateescape") as stream:
            stream.write(lines)

    async def context(self, secrets: SecretSource | None = None) -> SshContext:
        home = Path.home() / ".ssh"
        context = await load_ssh_context(
            known_hosts_files=(self.home_known_hosts, home / "known_hosts"),
            config_files=(home / "config",),
            secrets=secrets or NoSecrets(),
        )
        self.stack.push_async_callback(context.close)
        return context

    async def run(
        self,
        machine: Machine,
        script: str = "echo hello",
        *,
        deadline_seconds: float = 30.0,
        max_output_bytes: int = 1_000_000,
        secrets: SecretSource | None = None,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        transport = open_transport(machine, await self.context(secrets))
        return await transport.run(
            script.encode(),
            deadline_seconds=deadline_seconds,
            max_output_bytes=max_output_bytes,
            on_output=on_output,
        )


@pytest.fixture
async def ssh(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Ssh]:
    """See `Ssh`."""
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    async with AsyncExitStack() as stack:
        yield Ssh(tmp_path, stack)


Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@pytest.fixture
async def serve() -> AsyncIterator[Callable[[Talk], Awaitable[int]]]:
    """Starts a raw server that talks as it is told to each client; gives its port."""
    servers: list[asyncio.Server] = []
    talks: set[asyncio.Task[None]] = set()

    async def start(talk: Talk) -> int:
        async def serve_one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task is not None
            talks.add(task)
            try:
                await talk(reader, writer)
            except (ConnectionError, asyncio.CancelledError):
                pass
            finally:
                talks.discard(task)
                writer.close()

        server = await asyncio.start_server(serve_one, "127.0.0.1", 0)
        servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    yield start
    for server in servers:
        server.close()
    for task in list(talks):
        task.cancel()
    await asyncio.gather(*talks, return_exceptions=True)
