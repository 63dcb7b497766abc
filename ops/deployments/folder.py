"""The folder of a run, `runs/RUNID/`: what machines printed, what they were told, what happened, what was planned.

    MACHINE.log        the package manager's output, byte for byte
    MACHINE.commands   remote commands, a line each: time, seconds, exit status, command
    events.ndjson      every event of the run; see `ops.deployments.events`
    plan.json          the frozen plan
    scripts.log        what scripts on the console printed

Readable by the owner only. One process writes, any number read. Names of machines are safe as file names
(`fleet.machines.check_name`).
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from collectors.handed_down import file_mode, folder_mode
from fleet.deployments.plan import Plan
from fleet.hostile import clean
from ops.deployments.events import RunEvent, read_event, write_event
from ops.home import Home
from ops.state.documents import Codec

EVENTS_FILE = "events.ndjson"
# More than anybody reads of one machine; a package manager that repeats itself for ever must not fill the disk.
MOST_LOG_BYTES = 256 * 1024 * 1024
_MOST_COMMAND_CHARACTERS = 4_000
_APPEND = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass(frozen=True, slots=True)
class RunFolder:
    """The folder of one run; it is made by the first thing that is written. OSErrors of writing are the caller's."""

    path: Path

    @property
    def events_file(self) -> Path:
        """Every event of the run, a line each."""
        return self.path / EVENTS_FILE

    @property
    def plan_file(self) -> Path:
        """The frozen plan as JSON."""
        return self.path / "plan.json"

    @property
    def scripts_file(self) -> Path:
        """What scripts on the console printed."""
        return self.path / "scripts.log"

    def log_file(self, machine_name: str) -> Path:
        """What the package manager of the machine printed."""
        return self.path / f"{machine_name}.log"

    def commands_file(self, machine_name: str) -> Path:
        """The remote commands of the machine."""
        return self.path / f"{machine_name}.commands"

    def write_plan(self, plan: Plan) -> None:
        """Write the plan, whole or not at all."""
        self.write_whole(self.plan_file, Codec(Plan).dump(plan).encode("ascii") + b"\n")

    def write_whole(self, path: Path, content: bytes) -> None:
        """Write a file of this folder aside and rename it."""
        self.make()
        aside = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(aside, flags, file_mode(self.path)), "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            aside.replace(path)
        except OSError:
            with suppress(OSError):
                aside.unlink()
            raise

    def put_log(self, machine_name: str, offset: int, content: bytes) -> None:
        """Put what the machine printed at its place; the same again changes nothing. What is beyond the most that is
        kept is left out.
        """
        kept = content[: max(0, MOST_LOG_BYTES - offset)]
        if not kept:
            return
        descriptor = self._open(self.log_file(machine_name), os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC)
        try:
            written = 0
            while written < len(kept):
                written += os.pwrite(descriptor, kept[written:], offset + written)
        finally:
            os.close(descriptor)

    def read_log(self, machine_name: str, offset: int = 0, limit: int | None = None) -> bytes:
        """What the machine printed from ``offset`` on, at most ``limit`` bytes; nothing where there is nothing."""
        try:
            with self.log_file(machine_name).open("rb") as file:
                file.seek(offset)
                return file.read(-1 if limit is None else limit)
        except FileNotFoundError:
            return b""

    def note_command(
        self, machine_name: str, at: datetime, command: str, elapsed_seconds: float, exit_status: int | None
    ) -> None:
        """Add a remote command of the machine and how it ended; None: it was cut off."""
        ended = "cut off" if exit_status is None else f"exit {exit_status}"
        text = clean(command)[:_MOST_COMMAND_CHARACTERS]
        line = f"{at.isoformat(timespec='milliseconds')}\t{elapsed_seconds:.3f} s\t{ended}\t{text}\n"
        self._append(self.commands_file(machine_name), line.encode("utf-8", "replace"))

    def note_script(self, text: bytes) -> None:
        """Add what a script on the console printed."""
        self._append(self.scripts_file, text)

    def add_events(self, events: Sequence[RunEvent]) -> None:
        """Add ``events``, all or none."""
        self._append(self.events_file, "".join(map(write_event, events)).encode("ascii"))

    def make(self) -> None:
        """Make the folder where it is not there."""
        runs = self.path.parent
        runs.mkdir(mode=folder_mode(runs.parent), exist_ok=True)
        self.path.mkdir(mode=folder_mode(runs), exist_ok=True)

    def _open(self, path: Path, flags: int) -> int:
        """A descriptor of a file of this folder, which is there already but for the first time."""
        try:
            return os.open(path, flags, file_mode(self.path))
        except FileNotFoundError:
            self.make()
            return os.open(path, flags, file_mode(self.path))

    def _append(self, path: Path, content: bytes) -> None:
        """All of ``content`` or nothing. A line that a killed process left without its end is ended first."""
        descriptor = self._open(path, _APPEND)
        try:
            size = os.fstat(descriptor).st_size
            torn = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
            line = b"\n" + content if torn else content
            try:
                while line:
                    line = line[os.write(descriptor, line) :]
            except OSError:
                os.ftruncate(descriptor, size)
                raise
        finally:
            os.close(descriptor)


def run_folder(home: Home, run_id: str) -> RunFolder:
    """The folder of the run in ``home``."""
    return RunFolder(home.runs_dir / run_id)


def read_events(folder: RunFolder, after: int = 0) -> tuple[list[RunEvent], int]:
    """The events after the place where the last reading ended (0: all), and where this one ended.

    A line that is not whole yet is left for the next time; one that a killed process tore is passed over, as is what
    only a newer Patchdeck knows.
    """
    events: list[RunEvent] = []
    try:
        with folder.events_file.open("rb") as file:
            file.seek(after)
            for line in file:
                if not line.endswith(b"\n"):
                    break
                after += len(line)
                with suppress(ValueError, KeyError, TypeError):
                    events.append(read_event(line))
    except FileNotFoundError:
        return [], after
    return events, after
