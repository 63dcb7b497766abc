"""One run of one contestant, measured: wall time, the client's CPU, its memory."""

import os
import resource
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from bench.contestants import Contestant

_MAX_SECONDS = 1200.0


@dataclass(frozen=True, slots=True)
class Measure:
    """CPU is the client's: its process and all that it waited for. ``peak_mib`` is that of its largest process."""

    wall_seconds: float
    cpu_seconds: float
    peak_mib: float


def measure(contestant: Contestant, count: int, work: Path) -> Measure:
    """Runs ``contestant`` over its ``count`` addresses; ends the program where not all of them answered."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as talk, tempfile.TemporaryFile() as given:
        given.write(contestant.stdin.encode())
        given.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(
            contestant.argv, cwd=work, stdin=given, stdout=printed, stderr=talk,
            env={**os.environ, **contestant.environment},
        )  # fmt: skip
        status, usage = _wait(process)
        wall_seconds = time.monotonic() - began
        printed.seek(0)
        talk.seek(0)
        said, complaints = (file.read().decode(errors="replace") for file in (printed, talk))
    answered = contestant.answers_of(said)
    if status or answered != count:
        raise SystemExit(
            f"{contestant.name}: {answered} of {count} answered, status {status}:\n{(said + complaints)[-2_000:]}"
        )
    return Measure(wall_seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def _wait(process: "subprocess.Popen[bytes]") -> tuple[int, resource.struct_rusage]:
    """How ``process`` ended, and what it used with all that it waited for; it is ended when it takes too long."""
    give_up_at = time.monotonic() + _MAX_SECONDS
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            return os.waitstatus_to_exitcode(status), usage
        if time.monotonic() > give_up_at:
            process.kill()
        time.sleep(0.01)
