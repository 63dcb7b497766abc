"""A hundred addresses that are one machine of the lab: one sshd over one read-only root, in a network of its own.

Only loopback exists in that network, so nothing here can reach, or be reached from, anywhere else.
"""

import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from tests.lab.builder.commands import run
from tests.lab.builder.layers import layer_path
from tests.lab.builder.machines import BENCH
from tests.lab.builder.recipe import USER

_START_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Hundred:
    """The addresses, and what a client needs to log in to any of them as ``user``."""

    addresses: tuple[str, ...]
    folder: Path
    user: str = USER

    @property
    def key_file(self) -> Path:
        """The private key that they accept."""
        return self.folder / "login"

    @property
    def host_key(self) -> str:
        """The host key that all of them show, as known_hosts writes it after the name."""
        return " ".join(self.folder.joinpath("host.pub").read_text().split()[:2])

    @property
    def known_hosts(self) -> Path:
        """A known_hosts file with a line for each."""
        return self.folder / "known_hosts"


def start(generation: Path, folder: Path, count: int) -> Hundred:
    """``count`` addresses that answer; they end with the namespaces that this process runs in."""
    run("ip", "link", "set", "lo", "up")
    addresses = tuple(f"127.50.{number // 250}.{number % 250 + 1}" for number in range(count))
    hundred = Hundred(addresses, folder)
    for name in ("login", "host"):
        run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "bench", "-f", folder / name)
    hundred.known_hosts.write_text("".join(f"{address} {hundred.host_key}\n" for address in addresses))
    root = _mount(generation, folder)
    _start_sshd(root, folder)
    _wait_for(addresses[-1])
    return hundred


def _mount(generation: Path, folder: Path) -> Path:
    root = folder / "root"
    root.mkdir()
    layers = ":".join(str(layer_path(layer, generation)) for layer in BENCH.layer.lower)
    run("mount", "-t", "overlay", "overlay", "-o", f"lowerdir={layers}", root)
    run("mount", "-t", "proc", "proc", root / "proc")
    run("mount", "--bind", "/dev", root / "dev")
    for writable in ("run", "tmp"):
        run("mount", "-t", "tmpfs", "-o", "mode=1777", "tmpfs", root / writable)
    return root


def _start_sshd(root: Path, folder: Path) -> None:
    keys = root / "run/keys"
    (root / "run/sshd").mkdir(mode=0o755)
    keys.mkdir(mode=0o755)
    (keys / "host").write_bytes((folder / "host").read_bytes())
    (keys / "host").chmod(0o600)
    (keys / "login.pub").write_bytes((folder / "login.pub").read_bytes())
    options = (
        "HostKey=/run/keys/host", "AuthorizedKeysFile=/run/keys/login.pub", "StrictModes=no", "MaxStartups=1000",
        "PidFile=none", "PerSourceMaxStartups=none",
    )  # fmt: skip
    words = ["chroot", str(root), "/usr/sbin/sshd", "-D", *(word for option in options for word in ("-o", option))]
    subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _wait_for(address: str) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while True:
        try:
            with socket.create_connection((address, 22), timeout=5) as connection:
                if connection.recv(4) == b"SSH-":
                    return
        except OSError:
            if time.monotonic() > give_up_at:
                raise
            time.sleep(0.05)
