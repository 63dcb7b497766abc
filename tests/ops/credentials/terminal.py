"""A process on a terminal of its own: what it shows, answers to what it asks, and what /proc shows meanwhile."""

import os
import pty
import select
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

_SECONDS_BETWEEN = 0.25


class Seen:
    """What anybody could see of processes: command lines and environments, by process id."""

    def __init__(self) -> None:
        self.texts: dict[str, bytes] = {}
        self._next = 0.0

    def look(self) -> None:
        """Note what all processes of this system show now; those that are known are not read again."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SECONDS_BETWEEN
        for process in (path.name for path in Path("/proc").glob("[0-9]*")):
            try:
                command = Path(f"/proc/{process}/cmdline").read_bytes()
                if self.texts.get(f"{process} cmdline") != command:
                    self.texts[f"{process} cmdline"] = command
                    self.texts[f"{process} environ {hash(command)}"] = Path(f"/proc/{process}/environ").read_bytes()
            except OSError:
                continue

    def holding(self, secret: bytes) -> list[str]:
        """Where ``secret`` was seen."""
        return [place for place, text in self.texts.items() if secret in text]


def run_on_terminal(
    command: Sequence[str],
    environment: Mapping[str, str],
    answers: Mapping[str, str],
    seen: Seen,
    *,
    seconds: float = 90,
) -> tuple[int, str]:
    """How ``command`` ended, and all that its terminal showed; each text of ``answers`` is answered once."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(command[0], list(command), dict(environment))
    shown, left = b"", dict(answers)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        seen.look()
        if not select.select([terminal], [], [], 0.02)[0]:
            continue
        try:
            portion = os.read(terminal, 65_536)
        except OSError:  # the other end is closed
            break
        shown += portion
        for asked in [text for text in left if text.encode() in shown]:
            os.write(terminal, left.pop(asked).encode() + b"\n")
        if not portion:
            break
    else:
        os.kill(child, signal.SIGKILL)
    os.close(terminal)
    _, status = os.waitpid(child, 0)
    assert not left, f"never asked: {sorted(left)}: {shown.decode(errors='replace')}"
    return os.waitstatus_to_exitcode(status), shown.decode(errors="replace")
