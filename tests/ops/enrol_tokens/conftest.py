"""A console with OpenSSH's own sshd on loopback, and machines that introduce themselves to it."""

import os
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from ops.enrol_tokens.authorizing import authorize
from ops.enrol_tokens.console import Console
from ops.enrol_tokens.making import NewToken, TokenRequest, make_token
from ops.home import Home, open_home
from tests.free_ports import free_port

SSHD = "/usr/sbin/sshd"
USER = "root"
# What an administrator should not set, so that more than Patchdeck's own line is tried.
CARELESS = (
    "AcceptEnv PYTHON* PATCHDECK* SSH_ORIGINAL_COMMAND LC_*",
    "AllowTcpForwarding yes",
    "AllowAgentForwarding yes",
    "PermitTunnel yes",
    "Subsystem sftp internal-sftp",
)


def make_key(path: Path) -> str:
    """A new key at ``path``, and its public half as ``ALGORITHM BASE64``."""
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(path)], check=True)
    return path.with_name(f"{path.name}.pub").read_text().strip()


@dataclass(frozen=True, slots=True)
class RunningSshd:
    """An sshd on loopback; its folder could be /etc/ssh of a machine."""

    folder: Path
    port: int
    host_key: str

    @property
    def authorized_keys(self) -> Path:
        return self.folder / "authorized_keys"


StartSshd = Callable[..., RunningSshd]


@pytest.fixture(scope="module")
def start_sshd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StartSshd]:
    """Starts an sshd with more lines of configuration; all are ended with the tests of a file."""
    if not Path(SSHD).exists() or os.geteuid() != 0:
        pytest.skip("needs root and OpenSSH's sshd: apt install openssh-server")
    Path("/run/sshd").mkdir(exist_ok=True)
    started: list[subprocess.Popen[bytes]] = []

    def start(*more: str) -> RunningSshd:
        folder = tmp_path_factory.mktemp("sshd")
        host_key, port = make_key(folder / "ssh_host_ed25519_key"), free_port()
        lines = [
            *more,
            f"Port {port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {folder}/ssh_host_ed25519_key",
            f"PidFile {folder}/pid",
            "PermitRootLogin yes",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication no",
            "MaxStartups 100",
        ]
        if not any(line.startswith("AuthorizedKeysFile") for line in more):
            lines.append(f"AuthorizedKeysFile {folder}/authorized_keys")
        (folder / "sshd_config").write_text("\n".join(lines) + "\n")
        command = [SSHD, "-D", "-f", str(folder / "sshd_config"), "-E", str(folder / "log")]
        started.append(subprocess.Popen(command))
        _wait_for(port, started[-1])
        return RunningSshd(folder, port, host_key)

    yield start
    for process in started:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def sshd(start_sshd: StartSshd) -> RunningSshd:
    """The console's sshd, configured with less care than it should be."""
    return start_sshd(*CARELESS)


@dataclass(frozen=True, slots=True)
class Client:
    """Whoever holds a token: its key in a file, the proof, and the ways to the console."""

    sshd: RunningSshd
    token: NewToken
    key: Path
    proof: str

    def ssh(
        self, *options: str, given: bytes = b"", command: tuple[str, ...] = ()
    ) -> subprocess.CompletedProcess[bytes]:
        """Logs in to the console as the line does, with other options before it and a command after it."""
        usual = ("-F", "/dev/null", "-i", str(self.key), "-p", str(self.sshd.port), "-o", "IdentitiesOnly=yes")
        trust = ("-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null", "-o", "BatchMode=yes")
        words = ["ssh", *usual, *trust, "-o", "LogLevel=ERROR", *options, "-l", USER, "127.0.0.1", *command]
        return subprocess.run(words, input=given, capture_output=True, timeout=60, check=False)

    def said(self, name: str, host_key: str, *lines: str) -> bytes:
        """The introduction of a machine with this token."""
        return "\n".join(
            ["patchdeck-introduction 1", f"proof {self.proof}", f"name {name}", f"key {host_key}", *lines, "end", ""]
        ).encode()


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return open_home(tmp_path / "home")


@pytest.fixture
def client(home: Home, sshd: RunningSshd, tmp_path: Path) -> Callable[..., Client]:
    """Makes a token, authorizes it at the console, and hands it to whoever is to use or misuse it."""

    def make(**request: object) -> Client:
        console = Console("127.0.0.1", sshd.port, USER, (sshd.host_key,))
        token = make_token(home, TokenRequest(timedelta(hours=1), **request), console)  # type: ignore[arg-type]
        authorize(home, token.token.id, sshd.authorized_keys)
        key = tmp_path / f"key-{token.token.id}"
        body = re.search(r'KEY-----"; echo ([A-Za-z0-9+/=]+);', token.line)
        proof = re.search(r"proof ([A-Za-z0-9_-]+)", token.line)
        assert body is not None
        assert proof is not None
        frame = "-----{} OPENSSH PRIVATE KEY-----"
        key.write_text(f"{frame.format('BEGIN')}\n{body[1]}\n{frame.format('END')}\n")
        key.chmod(0o600)
        return Client(sshd, token, key, proof[1])

    return make


def needs(*programs: str) -> None:
    """Skips a test where a program is missing."""
    missing = [program for program in programs if shutil.which(program) is None]
    if missing:
        pytest.skip(f"{', '.join(missing)} is not installed")


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(500):
        assert process.poll() is None, "sshd did not start"
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            signal.sigtimedwait([], 0.02)
    raise AssertionError("sshd does not listen")
