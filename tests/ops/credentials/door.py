"""A real sshd with users of its own: it sees other passwd, shadow and sudoers files than the rest of the system."""

import shutil
import signal
import socket
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SSHD = "/usr/sbin/sshd"
USER = "patcher"
_MOUNTED = ("passwd", "shadow", "group", "sudoers")


def run_quietly(*command: str, given: str | None = None) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True, input=given, timeout=60).stdout


def make_key(path: Path, *more: str) -> Path:
    """A key pair of ed25519; ``more`` are options of ssh-keygen."""
    passphrase = () if "-N" in more else ("-N", "")
    run_quietly("ssh-keygen", "-q", "-t", "ed25519", "-C", path.name, *passphrase, *more, "-f", str(path))
    return path


@dataclass
class Door:
    """One sshd on loopback; ``password`` is that of `USER`, for logging in and for sudo.

    Instead of each path of ``covers``, whoever logs in sees what it names: ``/dev/null``, and a program is not there.
    """

    folder: Path
    port: int
    password: str
    more: tuple[str, ...] = ()
    covers: Mapping[str, str] = field(default_factory=dict)
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    @property
    def known_host(self) -> str:
        """Its line of known_hosts."""
        key = " ".join((self.folder / "host_key.pub").read_text().split()[:2])
        return f"[127.0.0.1]:{self.port} {key}\n"

    @property
    def log(self) -> str:
        """What sshd logged."""
        return (self.folder / "log").read_text()

    def authorize(self, *public_keys: Path) -> None:
        """Lets these keys in, and no others."""
        (self.folder / "authorized_keys").write_text("".join(key.read_text() for key in public_keys))

    def set_password(self, password: str) -> None:
        """Gives `USER` another password."""
        self.password = password
        hashed = run_quietly("openssl", "passwd", "-6", "-stdin", given=password).strip()
        (self.folder / "shadow").write_text(f"root:*:20000::::::\n{USER}:{hashed}:20000::::::\n")

    def open(self) -> None:
        """Starts it, in a mount namespace of its own."""
        make_key(self.folder / "host_key")
        (self.folder / "authorized_keys").touch()
        for name in ("passwd", "group"):
            shutil.copy(f"/etc/{name}", self.folder / name)
        with (self.folder / "passwd").open("a") as stream:
            stream.write(f"{USER}:x:4242:4242::{self.folder}/home:/bin/sh\n")
        (self.folder / "home").mkdir(mode=0o755)
        (self.folder / "sudoers").write_text(f"{USER} ALL=(ALL) ALL\n")
        (self.folder / "sudoers").chmod(0o440)
        self.set_password(self.password)
        (self.folder / "sshd_config").write_text("\n".join([*self.more, *self._settings()]) + "\n")
        # Each file is put over the system's own for this process and its children alone.
        mounts = "".join(f"mount --bind {self.folder}/{name} /etc/{name} && " for name in _MOUNTED)
        mounts += "".join(f"mount --bind {source} {path} && " for path, source in self.covers.items())
        script = f"{mounts}exec {SSHD} -D -f {self.folder}/sshd_config -E {self.folder}/log"
        self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", script])
        self._wait()

    def close(self) -> None:
        """Ends it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def _settings(self) -> list[str]:
        return [
            f"Port {self.port}",
            "ListenAddress 127.0.0.1",
            f"HostKey {self.folder}/host_key",
            f"AuthorizedKeysFile {self.folder}/authorized_keys",
            f"PidFile {self.folder}/pid",
            "StrictModes no",
            "UsePAM no",
            "PasswordAuthentication yes",
            "MaxStartups 200",
            "LogLevel VERBOSE",
        ]

    def _wait(self) -> None:
        for _ in range(500):
            assert self.process is not None
            assert self.process.poll() is None, "sshd did not start"
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                signal.sigtimedwait([], 0.02)
        raise AssertionError("sshd does not listen")
