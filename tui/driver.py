"""The terminal driver: without mouse motion, which costs bytes up the line, and safe to lose the terminal under."""

import curses
import os
import select
import shutil
import sys
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import IO, Any

from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.message import Message

from tui.cells.ascii_text import in_ascii
from tui.cells.screen import CellScreen
from tui.incoming import IncomingParser

_USUAL_SIZE = (80, 24)
_READ_BYTES = 4_096
# So long leaving waits for whoever reads: Textual's own.
_POLL_MILLISECONDS = 100


class LosableOutput:
    """A terminal's output that may vanish: what cannot be written any more is let go.

    Textual writes in a thread of its own through a short queue. Were that thread to die of an error, the app would wait
    for ever for room in the queue, and could not even be told to end.
    """

    def __init__(self, file: IO[str]) -> None:
        self._file = file
        self.is_lost = False

    def write(self, text: str) -> None:
        """Writes ``text``, unless the terminal is gone."""
        self._attempt(lambda: self._file.write(text))

    def flush(self) -> None:
        """Sends what was written, unless the terminal is gone."""
        self._attempt(self._file.flush)

    def fileno(self) -> int:
        """The file's descriptor."""
        return self._file.fileno()

    def _attempt(self, act: Callable[[], object]) -> None:
        if self.is_lost:
            return
        try:
            act()
        except (OSError, ValueError):
            self.is_lost = True


class TerminalDriver(LinuxDriver):
    """Textual's driver, asking for clicks and the wheel only, that notices when its terminal is gone.

    Textual asks for every motion (``?1003h``); over a slow line that is a report for each cell crossed.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._output = LosableOutput(sys.__stderr__ or sys.stderr)
        self._size = self._size or self._get_terminal_size()
        # What the environment switches off is for a terminal that does something else than it says.
        is_thin = os.environ.get("PATCHDECK_WHOLE_SCREEN", "") in ("", "0")
        self.cells = CellScreen(erases_in_colour=erases_in_colour()) if is_thin else None
        self._file = self._output  # type: ignore[assignment]  # all that Textual calls of it is there
        self._is_ascii = bool(getattr(self._app, "is_ascii", False))
        self._first_words: set[bool] = set()

    def write(self, data: str) -> None:
        """Sends ``data``, which all is that is sent; to a terminal of nothing but ASCII with stand-ins."""
        super().write(in_ascii(data) if self._is_ascii else data)

    def start_application_mode(self) -> None:
        """Takes the terminal, of which nothing is known then: at the start, and whenever it was lent."""
        if self.cells is not None:
            self.cells.forget()
        self._first_words = {False, True}
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual's, without types

    def is_first_word(self, told: Resize) -> bool:
        """Whether ``told`` is the size that is told with the taking of the terminal, though nothing changed.

        Once by ourselves, and once by a terminal that reports its size in band (mode 2048), with that of its pixels.
        """
        is_in_band = told.pixel_size is not None
        is_first = is_in_band in self._first_words
        self._first_words.discard(is_in_band)
        return is_first

    @property
    def is_lost(self) -> bool:
        """Whether the terminal has hung up, whatever became of SIGHUP (``nohup`` ignores it)."""
        if self._output.is_lost:
            return True
        poll = select.poll()
        poll.register(self.fileno, 0)
        return any(event & (select.POLLHUP | select.POLLERR | select.POLLNVAL) for _, event in poll.poll(0))

    def _sigcont_application(self, *signal_arguments: Any) -> None:
        """Comes back from Ctrl-Z, and from nothing else.

        The kernel sends SIGCONT behind SIGHUP when a terminal hangs up; taking the terminal again then would leave a
        second thread reading it, which nobody ends.
        """
        if self._must_signal_resume and not self.is_lost:
            super()._sigcont_application(*signal_arguments)

    def run_input_thread(self) -> None:
        """Reads what the terminal sends until the app wants no more of it.

        A byte that is no UTF-8, of a terminal set to something else, is shown as such; Textual would break of it.
        """
        parser = IncomingParser(self._debug)
        decode = getincrementaldecoder("utf-8")(errors="replace").decode
        poll = select.poll()
        poll.register(self.fileno, select.POLLIN)
        while not self.exit_event.is_set():
            if poll.poll(_POLL_MILLISECONDS):
                data = b""
                with suppress(OSError):  # the terminal is gone, which its own look tells
                    data = os.read(self.fileno, _READ_BYTES)
                if not data:
                    return
                if text := decode(data):
                    self._take_in(parser.feed(text))
            self._take_in(parser.tick())

    def _take_in(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def _get_terminal_size(self) -> tuple[int, int]:
        """The terminal's own word; then that of ``COLUMNS`` and ``LINES``, which shells hand on long after a resize."""
        for descriptor in (self._output.fileno(), self.fileno):
            with suppress(OSError, ValueError):
                columns, rows = os.get_terminal_size(descriptor)
                if columns > 0 and rows > 0:
                    return columns, rows
        return shutil.get_terminal_size(_USUAL_SIZE)

    def _enable_mouse_support(self) -> None:
        if not self._mouse:
            return
        self.write("\x1b[?1000h")
        self.write("\x1b[?1006h")
        self.flush()


def erases_in_colour() -> bool:
    """Whether what this terminal erases gets the colour that is written with, by its own word."""
    try:
        curses.setupterm(os.environ.get("TERM") or "dumb")
        return curses.tigetflag("bce") == 1
    except curses.error:
        return False
