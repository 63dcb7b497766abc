"""What a machine printed, kept only up to a limit."""


class CappedOutput:
    """Standard output and standard error of one run, together never more than ``max_bytes``.

    Args:
        max_bytes: what is kept at most; what comes after is dropped and `is_full` turns True.
    """

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.is_full = False
        self._stdout = bytearray()
        self._stderr = bytearray()
        self._passed_bytes = 0

    @property
    def stdout(self) -> bytes:
        """What came on standard output."""
        return bytes(self._stdout)

    @property
    def stderr(self) -> bytes:
        """What came on standard error."""
        return bytes(self._stderr)

    @property
    def size_bytes(self) -> int:
        """How much came on both, kept or counted."""
        return len(self._stdout) + len(self._stderr) + self._passed_bytes

    def add_stdout(self, data: bytes) -> bool:
        """Keep ``data`` as standard output; False where the limit is passed."""
        return self._add(self._stdout, data)

    def add_stderr(self, data: bytes) -> bool:
        """Keep ``data`` as standard error; False where the limit is passed."""
        return self._add(self._stderr, data)

    def count(self, data: bytes) -> bool:
        """Count ``data``, which somebody else has taken; False where the limit is passed."""
        self._passed_bytes += len(data)
        self.is_full = self.is_full or self.size_bytes > self.max_bytes
        return not self.is_full

    def _add(self, stream: bytearray, data: bytes) -> bool:
        room = max(0, self.max_bytes - self.size_bytes)
        stream += data[:room]
        self.is_full = self.is_full or len(data) > room
        return not self.is_full
