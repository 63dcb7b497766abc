"""How long a login takes until the table can be used: `patchdeck serve-ssh` beside OpenSSH's sshd and `patchdeck`.

    python bench/serve_ssh.py [--logins 20] [--home DIR]

Both servers listen on loopback, with the same client, key and home. Timed is from the client's TCP connection to the
server's port (through a socket of ours that accepts, connects on and copies) to the last byte of the first whole table,
and from the start of `ssh` to the same. Memory is what each app has for itself (USS).
"""

import argparse
import json
import os
import pty
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).parents[1]
PATCHDECK = ROOT / ".venv" / "bin" / "patchdeck"
# A machine of the sample on the first screen, and what stands in its last row.
READY = b"keys"
ROW = b"vpn-01"
SIZE = (120, 40)


def main() -> int:
    """Measures, and prints a line of JSON a server."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="patchdeck-serve-") as folder:
        place = Path(folder)
        home = options.home or _sample_home(place)
        key = _key(place, "me")
        for name, serving in (("serve-ssh", _serve_ssh), ("sshd + patchdeck", _sshd)):
            with serving(place, home, key) as (port, server):
                print(json.dumps({"server": name, **_measure(port, key, options.logins, server)}), flush=True)
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--logins", type=int, default=20)
    parser.add_argument("--home", type=Path)
    return parser.parse_args()


def _measure(port: int, key: Path, logins: int, server: int) -> dict[str, object]:
    whole, connected, received = [], [], []
    _login(port, key)  # the first one finds caches cold
    for _ in range(logins):
        began = time.monotonic()
        at_ready, at_connect, size = _login(port, key)
        whole.append((at_ready - began) * 1000)
        connected.append((at_ready - at_connect) * 1000)
        received.append(size)
    return {
        "logins": logins,
        "connect_to_table_ms": round(statistics.median(connected)),
        "connect_to_table_ms_worst": round(max(connected)),
        "ssh_to_table_ms": round(statistics.median(whole)),
        "bytes_to_table": round(statistics.median(received)),
        "uss_mib": _memory(port, key, server),
    }


def _login(port: int, key: Path) -> tuple[float, float, int]:
    """When the table was there, when the client had connected, and how many bytes came."""
    with _passed_on(port) as passing:
        pid, terminal = _ssh(passing.port, key)
        seen = b""
        try:
            while not (READY in seen and ROW in seen):
                ready = select.select([terminal, *passing.waiting()], [], [], 20)[0]
                assert ready, seen[-500:]
                passing.serve(ready)
                if terminal in ready:
                    seen += os.read(terminal, 65_536)
            at = time.monotonic()
            return at, passing.connected_at, len(seen)
        finally:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            os.close(terminal)


class _Passing:
    """A socket between client and server, which notes when the client had connected."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self.connected_at = 0.0
        self._pair: tuple[socket.socket, socket.socket] | None = None

    def waiting(self) -> list[socket.socket]:
        return [self._listening] if self._pair is None else list(self._pair)

    def serve(self, ready: list[object]) -> None:
        if self._pair is None:
            if self._listening in ready:
                client, _ = self._listening.accept()
                self.connected_at = time.monotonic()
                server = socket.create_connection(("127.0.0.1", self._to))
                for each in (client, server):
                    each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                self._pair = client, server
            return
        client, server = self._pair
        for one, other in ((client, server), (server, client)):
            if one in ready:
                other.sendall(one.recv(65_536))

    def close(self) -> None:
        self._listening.close()
        for each in self._pair or ():
            each.close()


@contextmanager
def _passed_on(port: int) -> Iterator[_Passing]:
    passing = _Passing(port)
    try:
        yield passing
    finally:
        passing.close()


def _ssh(port: int, key: Path) -> tuple[int, int]:
    pid, terminal = pty.fork()
    if pid == 0:
        command = ["ssh", "-F", "none", "-p", str(port), "-i", str(key), "-o", "IdentitiesOnly=yes"]
        command += ["-o", "IdentityAgent=none", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        command += ["-o", "LogLevel=ERROR", "-t", "127.0.0.1"]
        os.environ["TERM"] = "xterm-256color"
        os.execvp("ssh", command)
    import fcntl
    import struct
    import termios

    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    return pid, terminal


def _memory(port: int, key: Path, server: int) -> float | None:
    """The memory that an app alone has, in MiB: the newest process below ``server`` that has a terminal."""
    pid, terminal = _ssh(port, key)
    seen = b""
    try:
        while not (READY in seen and ROW in seen):
            seen += os.read(terminal, 65_536)
        time.sleep(1.0)
        apps = [each for each in _below(server) if _stat(each)[4] != "0"]
        return round(_uss(max(apps)) / 1024, 1) if apps else None
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(terminal)


def _below(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            with suppress(OSError):
                children.setdefault(int(_stat(int(each.name))[1]), []).append(int(each.name))
    found, at = [], [pid]
    while at:
        below = children.get(at.pop(), [])
        found += below
        at += below
    return found


def _stat(pid: int) -> list[str]:
    return (Path("/proc") / str(pid) / "stat").read_text().rpartition(")")[2].split()


def _uss(pid: int) -> int:
    text = (Path("/proc") / str(pid) / "smaps_rollup").read_text()
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith("Private_"))


@contextmanager
def _serve_ssh(place: Path, home: Path, key: Path) -> Iterator[tuple[int, int]]:
    port = _free_port()
    add = [PATCHDECK, "--home", home, "serve-ssh", "keys", "add", "me", f"{key}.pub"]
    subprocess.run(add, check=False, capture_output=True)
    log = (place / "serve.log").open("w+b")
    server = subprocess.Popen([PATCHDECK, "--home", home, "serve-ssh", "--listen", f"127.0.0.1:{port}"], stderr=log)
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(60)
        subprocess.run([PATCHDECK, "--home", home, "service", "stop"], check=False, capture_output=True)


@contextmanager
def _sshd(place: Path, home: Path, key: Path) -> Iterator[tuple[int, int]]:
    port = _free_port()
    host_key = _key(place, "host")
    (place / "authorized").write_text(f'command="{PATCHDECK} --home {home}" {Path(f"{key}.pub").read_text()}')
    (place / "sshd_config").write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {host_key}\nAuthorizedKeysFile {place}/authorized\n"
        f"StrictModes no\nPidFile {place}/sshd.pid\nUsePAM no\nUseDNS no\n"
    )
    Path("/run/sshd").mkdir(exist_ok=True)
    server = subprocess.Popen([shutil.which("sshd") or "/usr/sbin/sshd", "-D", "-f", place / "sshd_config"])
    try:
        _wait(port)
        yield port, server.pid
    finally:
        server.terminate()
        server.wait(60)


def _key(place: Path, name: str) -> Path:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", place / name], check=True)
    return place / name


def _sample_home(place: Path) -> Path:
    home = place / "home"
    home.mkdir(mode=0o700)
    for name in ("state.db", "tables", "version"):
        source = ROOT / "sample-data" / name
        shutil.copytree(source, home / name) if source.is_dir() else shutil.copy(source, home / name)
    (home / "config.toml").write_text("[service]\nassess = false\n")
    return home


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise SystemExit("the server does not listen")


if __name__ == "__main__":
    sys.exit(main())
