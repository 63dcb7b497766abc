"""The end of what a machine printed in a run, read again and again while it grows."""

from collections import deque

from ops.deployments.folder import run_folder
from ops.deployments.run_logs import harmless_line
from ops.home import Home

# Enough to see what went on; `patchdeck deployments logs` has all of it.
_FIRST_BYTES = 512 * 1024
_PORTION_BYTES = 1_000_000
_LINES_KEPT = 5_000
_LINE_BYTES = 64 * 1024


class LogTail:
    """``lines`` are the last of the log of the machine, each harmless; of its first ``until_bytes`` only, where they
    are given. Blocking, one reading at a time.
    """

    def __init__(self, home: Home, run_id: str, machine_name: str, until_bytes: int | None = None) -> None:
        self._until = until_bytes
        self._folder = run_folder(home, run_id)
        self._machine_name = machine_name
        self._offset: int | None = None
        self._rest = b""
        self.lines: deque[str] = deque(maxlen=_LINES_KEPT)
        self.left_out_bytes = 0

    def read(self) -> bool:
        """Reads on; whether there was anything new."""
        if self._offset is None:
            self._offset = self.left_out_bytes = max(0, self._size() - _FIRST_BYTES)
        wanted = _PORTION_BYTES if self._until is None else min(_PORTION_BYTES, max(0, self._until - self._offset))
        portion = self._folder.read_log(self._machine_name, self._offset, wanted) if wanted else b""
        if not portion:
            return False
        self._offset += len(portion)
        *lines, rest = (self._rest + portion).split(b"\n")
        self._rest = rest[-_LINE_BYTES:]
        self.lines.extend(map(harmless_line, lines))
        return True

    @property
    def unfinished(self) -> str:
        """The last line, which has no end yet; empty where there is none."""
        return harmless_line(self._rest) if self._rest else ""

    def _size(self) -> int:
        try:
            size = self._folder.log_file(self._machine_name).stat().st_size
        except FileNotFoundError:
            return 0
        return size if self._until is None else min(size, self._until)
