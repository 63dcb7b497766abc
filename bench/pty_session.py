"""A program in a pseudo-terminal, read by an emulator, with every byte counted; at will behind a slow line."""

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyte

_STEP_SECONDS = 0.02
_MOST_SETTLING_SECONDS = 5.0
# Textual asks these and goes on without an answer; a terminal that answers saves it nothing.
_MOST_AT_ONCE = 65_536


class Ended(Exception):
    """The program has ended, or said nothing of what was waited for; with its last screen."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line between the terminal and the program: the time there and back, and how much it carries down."""

    round_trip_seconds: float = 0.15
    bytes_per_second: float = 64_000.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a key: seconds to its first and to its last byte, and how many bytes."""

    first_seconds: float
    last_seconds: float
    size_bytes: int


class Session:
    """Runs ``words`` in a terminal of that size; ``line`` None: at the very machine."""

    def __init__(
        self,
        words: Sequence[str],
        columns: int,
        rows: int,
        *,
        environment: Mapping[str, str] = {},
        cwd: Path | None = None,
        line: Line | None = None,
    ) -> None:
        self.began = time.perf_counter()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            _become(words, environment, cwd)
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._line = line
        self._carried_until = 0.0
        self._under_way: list[tuple[float, bytes]] = []
        self._typed: list[tuple[float, bytes]] = []
        self.sent_bytes = 0

    def read(self, seconds: float) -> int:
        """Shows what comes within ``seconds``; how many bytes."""
        return sum(len(data) for _, data in self._arrivals(seconds))

    def until(self, condition: Callable[[], bool], seconds: float = 60) -> float:
        """Reads until ``condition`` holds; how many seconds after the start that was.

        Raises:
            Ended: it does not within ``seconds``.
        """
        deadline = time.perf_counter() + seconds
        while not condition():
            if time.perf_counter() > deadline:
                raise Ended("\n".join(self.screen.display))
            for _ in self._arrivals(_STEP_SECONDS, one=True):
                pass
        return time.perf_counter() - self.began

    def settle(self, quiet_seconds: float = 0.4) -> None:
        """Reads until nothing came for a while, or some seconds: a cursor may blink for ever."""
        deadline = time.perf_counter() + _MOST_SETTLING_SECONDS
        while self.read(quiet_seconds) and time.perf_counter() < deadline:
            pass

    def shows(self, text: str) -> bool:
        """Whether ``text`` is in one line of the screen."""
        return any(text in line for line in self.screen.display)

    def send(self, keys: bytes) -> None:
        """Types ``keys``; behind a line they arrive half a round trip later."""
        half = self._line.round_trip_seconds / 2 if self._line is not None else 0.0
        self._typed.append((time.perf_counter() + half, keys))
        self._type_what_arrived()

    def press(self, keys: bytes, quiet_seconds: float = 0.15) -> Answer:
        """Types ``keys`` and reads until nothing comes any more."""
        pressed = time.perf_counter()
        self.send(keys)
        first = last = 0.0
        size = 0
        deadline = pressed + 5
        while time.perf_counter() < (deadline if not size else min(deadline, last + quiet_seconds)):
            for at, data in self._arrivals(_STEP_SECONDS, one=True):
                first, last = first or at, at
                size += len(data)
        return Answer(max(0.0, first - pressed), max(0.0, last - pressed), size)

    def resize(self, columns: int, rows: int) -> None:
        """Gives the terminal another size."""
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def cpu_seconds(self) -> float:
        """What the program has computed so far."""
        parts = Path(f"/proc/{self.pid}/stat").read_text("utf-8").rpartition(")")[2].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mib(self) -> float:
        """What it has in memory now (RSS)."""
        text = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024

    def close(self) -> None:
        """Ends it, as a terminal that is closed does, and if it must be by force."""
        os.close(self._fd)
        for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGKILL):
            deadline = time.perf_counter() + 3
            while time.perf_counter() < deadline:
                if os.waitpid(self.pid, os.WNOHANG)[0]:
                    return
                time.sleep(_STEP_SECONDS)
            os.kill(self.pid, number)
        os.waitpid(self.pid, 0)

    def _arrivals(self, seconds: float, *, one: bool = False) -> list[tuple[float, bytes]]:
        came: list[tuple[float, bytes]] = []
        deadline = time.perf_counter() + seconds
        while not (one and came) and (left := deadline - time.perf_counter()) > 0:
            self._collect(min(left, self._next_seconds()))
            while self._under_way and self._under_way[0][0] <= time.perf_counter():
                at, data = self._under_way.pop(0)
                self._stream.feed(data)
                self.sent_bytes += len(data)
                came.append((at, data))
        return came

    def _collect(self, seconds: float) -> None:
        """Takes what the program writes within ``seconds``, with the moment at which it arrives here."""
        deadline = time.perf_counter() + seconds
        while (left := deadline - time.perf_counter()) > 0:
            self._type_what_arrived()
            until_typed = max(0.0, self._typed[0][0] - time.perf_counter()) if self._typed else left
            if not select.select([self._fd], [], [], min(left, until_typed))[0]:
                continue
            try:
                data = os.read(self._fd, _MOST_AT_ONCE)
            except OSError:  # it has ended
                time.sleep(max(0.0, deadline - time.perf_counter()))
                return
            now = time.perf_counter()
            if self._line is None:
                self._under_way.append((now, data))
                return
            self._carried_until = max(now, self._carried_until) + len(data) / self._line.bytes_per_second
            self._under_way.append((self._carried_until + self._line.round_trip_seconds / 2, data))

    def _type_what_arrived(self) -> None:
        while self._typed and self._typed[0][0] <= time.perf_counter():
            os.write(self._fd, self._typed.pop(0)[1])

    def _next_seconds(self) -> float:
        return max(0.0, self._under_way[0][0] - time.perf_counter()) if self._under_way else 1.0


def _become(words: Sequence[str], environment: Mapping[str, str], cwd: Path | None) -> None:
    if cwd is not None:
        os.chdir(cwd)
    wanted = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **environment}
    wanted.pop("NO_COLOR", None) if "NO_COLOR" not in environment else None
    os.execvpe(words[0], list(words), wanted)
