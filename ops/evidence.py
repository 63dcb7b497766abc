"""Raw output that could not be read, kept for whoever has to find out why: one file a machine, one folder a scan."""

import contextlib
import os
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from collectors.handed_down import file_mode, folder_mode
from fleet.machines import Machine
from ops.logs import log_error

# Enough to see what went wrong in an output; the whole of a runaway one helps nobody.
MOST_BYTES = 4 * 1024 * 1024
BATCHES_KEPT = 50


@dataclass(slots=True)
class Evidence:
    """The raw outputs of one scan, in ``runs_dir``/``batch_id``; the folder exists once something is kept.

    ``written`` lists the files. Names of machines are safe as file names (`fleet.machines.check_name`).
    """

    runs_dir: Path
    batch_id: str
    written: list[Path] = field(default_factory=list)

    def keep(self, machine: Machine, raw: bytes) -> None:
        """Writes what ``machine`` printed, cut to 4 MiB, readable by the owner only; from any thread.

        Evidence that cannot be written is noted in the log: it never costs the machine's result.
        """
        folder = self.runs_dir / self.batch_id
        path = folder / f"{machine.name}.out"
        try:
            self.runs_dir.mkdir(mode=folder_mode(self.runs_dir.parent), exist_ok=True)
            folder.mkdir(mode=folder_mode(self.runs_dir), exist_ok=True)
            flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
            with os.fdopen(os.open(path, flags, file_mode(folder)), "wb") as file:
                file.write(raw[:MOST_BYTES])
        except OSError as error:
            log_error("evidence not written", error, machine=machine.name, path=path)
            return
        self.written.append(path)


def remove_old_evidence(runs_dir: Path, keep: int = BATCHES_KEPT) -> None:
    """Leaves the ``keep`` newest scans' folders, and those of runs; ids of scans sort by time."""
    if not runs_dir.is_dir():
        return
    batches = sorted(entry for entry in runs_dir.iterdir() if entry.is_dir() and not (entry / "events.ndjson").exists())
    for folder in batches[: len(batches) - keep] if len(batches) > keep else []:
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
