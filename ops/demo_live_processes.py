"""The processes of the live demo: the machines, and a service whose clock is the demo's. They end with the demo.

Each has a pipe of the demo as its standard input, and ends when that does: also where the demo is killed.
"""

import json
import os
import select
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from collectors.secrets import Secret
from fleet.errors import PatchdeckError
from ops.demo import SampleDataMissing
from ops.home import Home

_START_SECONDS = 60.0
_END_SECONDS = 20.0
_PROGRAM = "tests.winrm_peer"
# What a search, an update and a reboot take: long enough to be seen, short enough to be waited for.
_PACE = ("--search-seconds", "1.5", "--install-seconds", "3", "--reboot-seconds", "6")


class LiveDemoBroken(PatchdeckError):
    """A process of the live demo does not start, or says something else than it should."""


@dataclass(frozen=True, slots=True)
class LivePeer:
    """Where one machine is. Its certificate is trusted by ``ca_file`` or ``fingerprint``, its SSH by ``host_key``."""

    name: str
    is_ssh: bool
    port: int
    user: str
    address: str = "127.0.0.1"
    ca_file: str | None = None
    fingerprint: str | None = None
    host_key: str | None = None


@dataclass(frozen=True, slots=True)
class LivePeers:
    """The machines that live, and the password of all of them."""

    machines: tuple[LivePeer, ...]
    password: Secret = field(repr=False)


@contextmanager
def open_peers(count: int, begun: datetime) -> Iterator[LivePeers]:
    """Lets ``count`` machines by WinRM and one by SSH live while inside; their clocks begin at ``begun``.

    Raises:
        SampleDataMissing: this installation has no peers.
        LiveDemoBroken: they do not start.
    """
    import secrets

    root, password = find_peers(), Secret(secrets.token_urlsafe(18))
    asked = ("--machines", str(count + 1), "--ssh", "1", "--self-signed", "1", "--begun", begun.isoformat())
    arguments = ["-m", _PROGRAM, "--password-from-input", *asked, *_PACE]
    with _running(arguments, root, password) as child:
        said = child.first_line("The machines of the demo")
        yield LivePeers(tuple(_read_peers(said)), password)


@contextmanager
def open_service(home: Home, now: datetime) -> Iterator[None]:
    """Has a service work for ``home`` while inside, for which it is ``now``.

    Raises:
        LiveDemoBroken: it does not start.
    """
    arguments = ["-m", "ops.demo_live_service", str(home.path), now.isoformat()]
    with _running(arguments, Path(__file__).parents[1]) as child:
        child.first_line("The service of the demo")
        yield


def find_peers() -> Path:
    """The folder that `tests.winrm_peer` is imported from: a checkout's, or the one inside `ops` of an installation.

    Raises:
        SampleDataMissing: it is in neither.
    """
    here = Path(__file__).parent
    for folder in (here / "live-peers", here.parent):
        if (folder / "tests" / "winrm_peer" / "program.py").is_file():
            return folder
    raise SampleDataMissing(
        "The machines of the live demo are not part of this installation: install Patchdeck from its wheel or source."
    )


@dataclass(frozen=True, slots=True)
class _Child:
    """A process; ``said`` is the file of its errors, since nobody reads a pipe for as long as a demo is open."""

    process: "subprocess.Popen[str]"
    input: IO[str]
    output: IO[str]
    said: IO[str]

    def first_line(self, who: str) -> str:
        """What it says once it works.

        Raises:
            LiveDemoBroken: it says nothing, or ends.
        """
        if not select.select([self.output], [], [], _START_SECONDS)[0]:
            raise LiveDemoBroken(f"{who} did not start within {_START_SECONDS:g} s.")
        if line := self.output.readline():
            return line
        self.said.seek(0)
        lines = self.said.read().strip().splitlines() or ["it said nothing"]
        raise LiveDemoBroken(f"{who} did not start: {lines[-1][:500]}")

    def tell(self, secret: Secret) -> None:
        """Hands it a secret, as a line."""
        with suppress(OSError):  # one that is gone says why
            self.input.write(f"{secret.reveal()}\n")
            self.input.flush()

    def end(self) -> None:
        """Ends it, and returns when it has."""
        with suppress(OSError):
            self.input.close()
        try:
            self.process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()


@contextmanager
def _running(arguments: Sequence[str], root: Path, secret: Secret | None = None) -> Iterator[_Child]:
    path = os.pathsep.join([str(root), *(os.path.abspath(each) for each in sys.path if each)])  # noqa: PTH100 - zips
    with TemporaryFile("w+", errors="replace") as said:
        process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
            env={**os.environ, "PYTHONPATH": path},
            # Ctrl-C in the terminal is for the app, which ends them in its own time.
            start_new_session=True,
            cwd="/",
        )
        if process.stdin is None or process.stdout is None:
            raise LookupError("standard input and output are pipes")
        child = _Child(process, process.stdin, process.stdout, said)
        try:
            if secret is not None:
                child.tell(secret)
            yield child
        finally:
            child.end()


def _read_peers(line: str) -> Iterator[LivePeer]:
    for told in json.loads(line)["machines"]:
        yield _read_peer(told)


def _read_peer(told: Mapping[str, str | int | None]) -> LivePeer:
    text = {name: value if isinstance(value, str) else None for name, value in told.items()}
    return LivePeer(
        name=text["name"] or "",
        is_ssh=told["way"] == "ssh",
        port=int(told["port"] or 0),
        user=text["user"] or "",
        address=text["address"] or "",
        ca_file=text.get("ca_file"),
        fingerprint=text.get("fingerprint"),
        host_key=text.get("host_key"),
    )
