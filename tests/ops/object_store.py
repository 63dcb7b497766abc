"""A real S3 server on loopback (moto, a process of its own), and a gate before it that can be shut or made silent."""

import socket
import subprocess
import threading
import urllib.request
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from ops.home import Home, open_home
from tests.free_ports import free_port

SERVER = Path(__file__).parents[2] / ".cache/s3-server/bin/moto_server"


class Gate:
    """Passes connections on to ``port``. Shut, it refuses them; silent, it takes them and never answers."""

    def __init__(self, port: int) -> None:
        self._target = port
        self.port = free_port()
        self._listener: socket.socket | None = None
        self._open: list[socket.socket] = []
        self.is_silent = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        self.is_silent = False
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=100)
            threading.Thread(target=self._serve, args=(self._listener,), daemon=True).start()

    def shut(self) -> None:
        if self._listener is not None:
            _end(self._listener)
            self._listener = None
        for connection in self._open:
            _end(connection)
        self._open.clear()

    def silence(self) -> None:
        self.shut()
        self.open()
        self.is_silent = True

    def _serve(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            self._open.append(client)
            if not self.is_silent:
                with suppress(OSError):
                    server = socket.create_connection(("127.0.0.1", self._target))
                    self._open.append(server)
                    for pair in ((client, server), (server, client)):
                        threading.Thread(target=_pass_on, args=pair, daemon=True).start()


def _pass_on(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65_536):
            target.sendall(data)
    _end(target)


def _end(one: socket.socket) -> None:
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()


@dataclass(slots=True)
class ObjectStore:
    """The server as a test has it: a bucket of its own."""

    url: str
    bucket: str
    log: Path
    gates: list[Gate] = field(default_factory=list)

    def gate(self) -> Gate:
        gate = Gate(int(self.url.rpartition(":")[2]))
        gate.open()
        self.gates.append(gate)
        return gate

    def home(self, path: Path, *, prefix: str = "fleet", endpoint: str = "", bucket: str = "") -> Home:
        """A home at ``path`` whose tables lie in the bucket, with short deadlines."""
        home = open_home(path)
        home.config_file.write_text(
            f'tables = "s3://{bucket or self.bucket}/{prefix}"\n'
            f'[storage]\nendpoint = "{endpoint or self.url}"\nallow_http = true\nrequest_seconds = 2\n'
        )
        return home

    def requests(self) -> list[str]:
        """What the server was asked, of this test's bucket."""
        return [line for line in self.log.read_text().splitlines() if f"/{self.bucket}" in line]


def make_bucket(url: str, name: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{url}/{name}", method="PUT"), timeout=60).close()


def start_server(log: Path, **environment: str) -> tuple[subprocess.Popen[bytes], str]:
    """The server and its URL, once it answers."""
    port = free_port()
    command = [str(SERVER), "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=log.open("wb"), env={"PATH": "/usr/bin:/bin", **environment}
    )
    url = f"http://127.0.0.1:{port}"
    answered = threading.Event()
    for _ in range(600):
        with suppress(OSError):
            urllib.request.urlopen(f"{url}/moto-api/", timeout=60).close()
            return process, url
        answered.wait(0.05)
    process.kill()
    raise RuntimeError("the S3 server does not start")
