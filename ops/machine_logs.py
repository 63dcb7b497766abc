"""What is kept of a machine's own words: logs of its package manager in runs, and answers that could not be read."""

import glob
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from fleet.errors import BadInput, UnknownName
from fleet.machines import Machine
from ops.deployments.folder import run_folder
from ops.deployments.run_logs import harmless_line
from ops.home import Home
from ops.state.database import opened
from ops.state.run_history import RunHistory

PAGE_BYTES = 256 * 1024
_MOST_RUNS = 200
# As `ops.assess_commit.new_batch_id` makes them.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9TZ._-]{0,80}")


class LogKind(StrEnum):
    """Whose words they are."""

    RUN = "run"
    ASSESSMENT = "assessment"


@dataclass(frozen=True, slots=True)
class MachineLog:
    """A log of a machine. ``id`` is that of its run or scan, ``about`` what became of the machine in it."""

    id: str
    kind: LogKind
    at: datetime
    about: str
    size_bytes: int
    path: Path


@dataclass(frozen=True, slots=True)
class LogPage:
    """A part of a log: whole lines of [``start``, ``end``) of its ``size`` bytes, harmless."""

    lines: tuple[str, ...]
    start: int
    end: int
    size: int


def list_logs(home: Home, machine: Machine) -> list[MachineLog]:
    """The logs that are kept of ``machine``, latest first. Blocking; for a thread."""
    return sorted((*_of_runs(home, machine), *_of_scans(home, machine)), key=lambda log: log.at, reverse=True)


def find_log(logs: list[MachineLog], text: str) -> MachineLog:
    """The one of ``logs`` with the id ``text``, or the only one that begins so.

    Raises:
        UnknownName: there is none.
        BadInput: several begin so.
    """
    found = [log for log in logs if log.id == text] or [log for log in logs if log.id.startswith(text)]
    if len(found) > 1:
        raise BadInput(f"{len(found)} logs begin with {text!r}: {found[0].id}, {found[1].id}, … Write more of it.")
    if not found:
        raise UnknownName("log of the machine", text, [log.id for log in logs])
    return found[0]


def read_page(log: MachineLog, before: int | None = None) -> LogPage:
    """The page of ``log`` that ends at the byte ``before``; None: the last one. A page begins with a whole line, but
    for a line that is longer than a page.

    Raises:
        BadInput: the log is gone, or cannot be read.
    """
    try:
        with log.path.open("rb") as file:
            size = file.seek(0, 2)
            end = size if before is None else max(0, min(before, size))
            start = max(0, end - PAGE_BYTES)
            file.seek(start)
            content = file.read(end - start)
    except OSError as error:
        raise BadInput(f"The log {log.id} of the machine cannot be read: {error.strerror}.") from error
    if start and (newline := content.find(b"\n") + 1) and newline < len(content):
        start, content = start + newline, content[newline:]
    lines = content.removesuffix(b"\n").split(b"\n") if content else []
    return LogPage(tuple(map(harmless_line, lines)), start, end, size)


def all_lines(log: MachineLog) -> Iterator[str]:
    """Every line of ``log``, harmless, read as it is asked for.

    Raises:
        BadInput: as `read_page`.
    """
    try:
        with log.path.open("rb") as file:
            for line in file:
                yield harmless_line(line.removesuffix(b"\n"))
    except OSError as error:
        raise BadInput(f"The log {log.id} of the machine cannot be read: {error.strerror}.") from error


def _of_runs(home: Home, machine: Machine) -> Iterator[MachineLog]:
    with opened(home.state_file) as connection:
        known = RunHistory(connection).of_machines([machine.id], limit=_MOST_RUNS)
    for run, part in known:
        path = run_folder(home, run.id).log_file(part.machine_name)
        if (size := _size(path)) is not None:
            about = f"{run.deployment.name}: {part.status.value}"
            yield MachineLog(run.id, LogKind.RUN, part.started_at or run.opens_at, about, size, path)


def _of_scans(home: Home, machine: Machine) -> Iterator[MachineLog]:
    """Raw answers, which are kept where they could not be read; the names of folders are those of scans."""
    for path in home.runs_dir.glob(f"*/{glob.escape(machine.name)}.out"):
        if (size := _size(path)) is not None and _ID.fullmatch(path.parent.name):
            at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
            yield MachineLog(path.parent.name, LogKind.ASSESSMENT, at, "an answer that was not understood", size, path)


def _size(path: Path) -> int | None:
    try:
        return None if path.is_symlink() else path.stat().st_size
    except OSError:
        return None
