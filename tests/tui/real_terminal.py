"""A program in a real pseudo-terminal, and the screen that its bytes make."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyte
import pytest

from ops.home import Home

ROOT = Path(__file__).parents[2]
PROGRAM = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from ops.home import open_home
from tui import opening
now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
app_over = opening.app_over
def patient(*given, **more):
    app = app_over(*given, **more)
    from tui import key_order
    key_order.MOST_WAITED_SECONDS = 60.0  # what opens late beside other tests gets its keys all the same
    return app
opening.app_over = patient
sys.exit(opening.open_app(open_home(Path(sys.argv[1])), clock=lambda: now))
"""


@dataclass(slots=True)
class Terminal:
    """A program in a pseudo-terminal, and the screen that its bytes make."""

    pid: int
    fd: int
    screen: pyte.Screen
    stream: pyte.ByteStream
    raw: bytearray = field(default_factory=bytearray)
    _lines: tuple[tuple[int, int, int], list[str]] = ((-1, 0, 0), [])

    def read(self, seconds: float) -> int:
        """Takes what comes within ``seconds``; how many bytes."""
        came = 0
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0 and select.select([self.fd], [], [], left)[0]:
            try:
                data = os.read(self.fd, 65_536)
            except OSError:  # the program has ended; what is waited for may come of that
                select.select([], [], [], max(0.0, deadline - time.monotonic()))
                break
            self.raw += data
            self.stream.feed(data)
            came += len(data)
        return came

    def until(self, condition: Callable[[], bool]) -> None:
        """Reads until ``condition`` holds."""
        deadline = time.monotonic() + 60
        while not condition():
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self.read(0.05)

    def shows(self, text: str) -> bool:
        """Whether ``text`` is on the screen."""
        return any(text in line for line in self._shown())

    def _shown(self) -> list[str]:
        """The lines of the screen, made anew only after something came: pyte looks at each cell for them."""
        moment = (len(self.raw), self.screen.columns, self.screen.lines)
        if self._lines[0] != moment:
            self._lines = (moment, self.screen.display)
        return self._lines[1]

    def send(self, keys: bytes) -> None:
        """Types ``keys``."""
        os.write(self.fd, keys)

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size, of which the program is told."""
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def hang_up(self) -> None:
        """Takes the terminal away, once."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


Start = Callable[..., Terminal]


@pytest.fixture
def terminal(fleet_home: Home) -> Iterator[Start]:
    """Starts the app over two dozen machines in a terminal of the size that is asked for."""
    started: list[Terminal] = []

    def start(columns: int, rows: int, **environment: str) -> Terminal:
        pid, fd = pty.fork()
        if pid == 0:
            os.chdir(ROOT)
            # A worker of xdist has the size of another terminal there, which would hide that of this one for good.
            given = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
            wanted = {**given, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
            os.execve(sys.executable, [sys.executable, "-c", PROGRAM, str(fleet_home.path)], wanted)
        os.set_inheritable(fd, False)  # the next one would hold it open
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        screen = pyte.Screen(columns, rows)
        # pyte answers no private modes and reads these, which Textual asks at the start, as text.
        started.append(Terminal(pid, fd, screen, pyte.ByteStream(screen)))
        return started[-1]

    yield start
    for each in started:
        each.hang_up()
        os.waitpid(each.pid, 0)
