"""What machines printed in a run and what they were told, as clean lines, while the run goes on and after it."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from fleet.hostile import decode, scrub
from ops.deployments.folder import RunFolder, run_folder
from ops.deployments.history import find_run
from ops.home import Home

_PORTION_BYTES = 1_000_000
_PAUSE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class CommandLine:
    """A remote command: when it ended (ISO 8601), how long it took, how it ended (``exit 0``, ``cut off``), and it."""

    at: str
    seconds: float | None
    ended: str
    command: str


def log_lines(
    home: Home, run_id: str, machine_name: str, *, follow: bool = False, wait: Callable[[float], object] = time.sleep
) -> Iterator[str]:
    """The machine's log, each line harmless; with ``follow`` what comes until the run is over too.

    Of a line that a package manager wrote over and over (with carriage returns), the last state is given.
    """
    folder, offset, rest = run_folder(home, run_id), 0, b""
    is_over = not follow
    while True:
        portion = folder.read_log(machine_name, offset, _PORTION_BYTES)
        offset += len(portion)
        *lines, rest = (rest + portion).split(b"\n")
        yield from map(harmless_line, lines)
        if portion:
            continue
        if is_over:
            break
        is_over = find_run(home, run_id).status.is_over
        wait(_PAUSE_SECONDS)
    if rest:
        yield harmless_line(rest)


def command_lines(home: Home, run_id: str, machine_name: str) -> Iterator[CommandLine]:
    """The remote commands of the machine, in the order in which they ended."""
    folder: RunFolder = run_folder(home, run_id)
    try:
        content = folder.commands_file(machine_name).read_bytes()
    except FileNotFoundError:
        return
    for line in content.splitlines():
        at, seconds, ended, command = (*map(scrub, decode(line).split("\t", 3)), "", "", "", "")[:4]
        yield CommandLine(at, _number(seconds.removesuffix(" s")), ended, command)


def harmless_line(line: bytes) -> str:
    """A line of a package manager without its end: its last state, nothing in it that steers a terminal."""
    # Not `clean`: leading blanks are part of what a package manager prints.
    return scrub(decode(line.rstrip(b"\r").rpartition(b"\r")[2]).replace("\t", "    "))


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
