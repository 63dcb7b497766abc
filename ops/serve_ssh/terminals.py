"""The pseudo-terminal of a served app: what a client may say of its terminal, and the bytes that go both ways."""

import asyncio
import errno
import fcntl
import os
import re
import struct
import termios
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,39}")
_USUAL = "xterm-256color"
# What terminals cannot show an app on.
DUMB = frozenset({"dumb", "unknown", "network", "dialup"})
# Larger than any screen; what an app keeps of one grows with it.
_MOST_COLUMNS, _MOST_ROWS = 1000, 400
_USUAL_SIZE = (80, 24)
_TELLING = frozenset({b"COLORTERM", b"NO_COLOR", b"LC_ALL", b"LC_CTYPE", b"LANG"})
_LONGEST_SAID = 128
_READ_BYTES = 32_768
_MOST_WAITING = 65_536


@dataclass(frozen=True, slots=True)
class Size:
    """Columns and rows of a terminal."""

    columns: int
    rows: int


def size_of(columns: int, rows: int) -> Size:
    """What a client says of its terminal, as far as it can be: 80x24 where it says nothing."""
    if columns <= 0 or rows <= 0:
        return Size(*_USUAL_SIZE)
    return Size(min(columns, _MOST_COLUMNS), min(rows, _MOST_ROWS))


def terminal_name(said: str) -> str:
    """The client's TERM, where it is the name of one."""
    return said if _NAME.fullmatch(said) else _USUAL


class SaidOfTerminal(dict[bytes, bytes]):
    """What a client sends of its environment, as far as it tells of its terminal: all else is forgotten as it comes."""

    def __setitem__(self, name: bytes, value: bytes) -> None:
        if name in _TELLING and len(value) <= _LONGEST_SAID:
            super().__setitem__(name, value)


def terminal_environment(said_name: str, said: Mapping[str, str]) -> dict[str, str]:
    """What an app is told of the terminal: of the client's ``said`` environment nothing else counts."""
    told = {"TERM": terminal_name(said_name), "LANG": "C.UTF-8"}
    if said.get("COLORTERM", "").lower() in ("truecolor", "24bit"):
        told["COLORTERM"] = "truecolor"
    if said.get("NO_COLOR"):
        told["NO_COLOR"] = "1"
    locale = said.get("LC_ALL") or said.get("LC_CTYPE") or said.get("LANG") or "UTF-8"
    if locale.lower().replace("-", "").rpartition(".")[2] != "utf8" and not locale.lower().startswith("c.utf"):
        told["PATCHDECK_ASCII"] = "1"
    return told


class PseudoTerminal:
    """A pseudo-terminal: ``give`` gets what its program writes, ``on_end`` is called once that is all.

    What is written to it waits in a bounded queue; `is_full` says that no more should come until ``on_room``.
    """

    def __init__(
        self, size: Size, give: Callable[[bytes], None], on_end: Callable[[], None], on_room: Callable[[], None]
    ) -> None:
        self._master, self.slave = os.openpty()
        os.set_blocking(self._master, False)
        self._give, self._on_end, self._on_room = give, on_end, on_room
        self._waiting = bytearray()
        self._is_reading = False
        self.resize(size)

    @property
    def is_full(self) -> bool:
        """Whether the program takes less than is typed."""
        return len(self._waiting) > _MOST_WAITING

    def resize(self, size: Size) -> None:
        """Tells the kernel, and so the program."""
        if self._master >= 0:
            with suppress(OSError):
                fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", size.rows, size.columns, 0, 0))

    def handed_over(self) -> None:
        """The program has its end: ours of it is closed, so that its last one ends the terminal."""
        if self.slave >= 0:
            os.close(self.slave)
            self.slave = -1

    def read_on(self, *, wanted: bool) -> None:
        """Reads what the program writes, or lets it wait."""
        if self._master < 0 or wanted == self._is_reading:
            return
        self._is_reading = wanted
        loop = asyncio.get_running_loop()
        if wanted:
            loop.add_reader(self._master, self._read)
        else:
            loop.remove_reader(self._master)

    def drain(self) -> None:
        """Gives all that is still there of a program that has ended."""
        while self._master >= 0 and self._read():
            pass

    def write(self, data: bytes) -> None:
        """What is typed."""
        if self._master < 0:
            return
        if not self._waiting:
            asyncio.get_running_loop().add_writer(self._master, self._write_on)
        self._waiting += data
        self._write_on()

    def close(self) -> None:
        """Hangs up."""
        self.handed_over()
        if self._master < 0:
            return
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._master)
        loop.remove_writer(self._master)
        os.close(self._master)
        self._master = -1

    def _read(self) -> bool:
        try:
            data = os.read(self._master, _READ_BYTES)
        except BlockingIOError:
            return False
        except OSError as error:
            # Linux says EIO once the last descriptor of the other end is closed.
            data = b""
            if error.errno != errno.EIO:
                self.close()
        if data:
            self._give(data)
            return True
        self.read_on(wanted=False)
        self._on_end()
        return False

    def _write_on(self) -> None:
        was_full = self.is_full
        try:
            written = os.write(self._master, self._waiting)
            del self._waiting[:written]
        except BlockingIOError:
            pass
        except OSError:  # nobody reads it any more
            self._waiting.clear()
        if not self._waiting and self._master >= 0:
            asyncio.get_running_loop().remove_writer(self._master)
        if was_full and not self.is_full:
            self._on_room()
