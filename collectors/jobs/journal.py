"""The journal that a job keeps on its machine, read into what happened."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobNote
from fleet.hostile import clean, clean_name, decode

_SECONDS = re.compile(r"\d{1,10}(?:\.\d{1,9})?", re.ASCII)
_NUMBER = re.compile(r"-?\d{1,15}", re.ASCII)
# The names of some thousand packages.
_MOST_LINE_BYTES = 1024 * 1024
# A job of a thousand packages that all fail writes some five thousand.
_MOST_LINES = 50_000


@dataclass(frozen=True, slots=True)
class ManagerCommand:
    """A command of the package manager as the job ran it. ``log_to`` is where the log ended then."""

    line: str
    seconds: float
    exit_status: int
    log_to: int


@dataclass(slots=True)
class Journal:
    """What a journal says. ``began_at`` is the machine's monotonic clock then; all other seconds count from it.

    ``total`` is how many packages were ordered; ``last_seconds`` when the last line was written;
    ``places`` has where in ``batches`` each number is.
    """

    began_at: float | None = None
    began_in_boot: str = ""
    detached_by: str = ""
    manager: str = ""
    total: int = 0
    batches: list[BatchRecord] = field(default_factory=list)
    notes: list[JobNote] = field(default_factory=list)
    commands: list[ManagerCommand] = field(default_factory=list)
    last_seconds: float | None = None
    places: dict[int, int] = field(default_factory=dict)


class JournalReader:
    """Reads a journal piece by piece, each line once. ``journal`` is what it says up to the last whole line.

    A line that cannot be read becomes a note that holds it.
    """

    def __init__(self) -> None:
        self.journal = Journal()
        self._rest = b""
        self._lines = 0

    def add(self, text: bytes) -> None:
        """What comes next of the journal.

        Raises:
            ValueError: a line is longer than any of ours, or there are more of them than any job writes.
        """
        *lines, self._rest = (self._rest + text).split(b"\n")
        self._lines += len(lines)
        if len(self._rest) > _MOST_LINE_BYTES:
            raise ValueError("a line of a journal that is longer than any of ours")
        if self._lines > _MOST_LINES:
            raise ValueError("a journal of more lines than any of ours")
        for line in filter(None, lines):
            self._read(line)

    def _read(self, line: bytes) -> None:
        try:
            _read_line(self.journal, decode(line).split("\t"))
        except (ValueError, IndexError, KeyError):
            seconds = self.journal.last_seconds or 0.0
            words = f"unreadable line of the journal: {clean(decode(line), 300)}"
            self.journal.notes.append(JobNote(seconds, words))


def read_journal(text: bytes) -> Journal:
    """A journal up to its last whole line: see `JournalReader`."""
    reader = JournalReader()
    reader.add(text)
    return reader.journal


def _read_line(journal: Journal, fields: list[str]) -> None:
    at = _seconds(fields[0])
    if fields[1] == "began" and journal.began_at is None:
        journal.began_at = at
        journal.began_in_boot, journal.detached_by, journal.manager = (clean_name(part) for part in fields[2:5])
        journal.total = _number(fields[5])
    since = max(0.0, at - (journal.began_at or 0.0))
    journal.last_seconds = since
    if fields[1] not in _READERS:
        raise ValueError(fields[1])
    _READERS[fields[1]](journal, fields, since)


def _read_batch(journal: Journal, fields: list[str], since: float) -> None:
    number, attempt, log_from = (_number(part) for part in fields[2:5])
    journal.places[number] = len(journal.batches)
    journal.batches.append(BatchRecord(number, attempt, _packages(fields[5]), since, None, None, log_from=log_from))


def _read_left(journal: Journal, fields: list[str], since: float) -> None:
    number = journal.batches[-1].number + 1 if journal.batches else 1
    journal.batches.append(BatchRecord(number, 0, _packages(fields[3]), since, since, BatchOutcome(fields[2])))


def _read_note(journal: Journal, fields: list[str], since: float) -> None:
    journal.notes.append(JobNote(since, clean(fields[2], 1000)))


def _read_command(journal: Journal, fields: list[str], since: float) -> None:
    took = since - (_seconds(fields[3]) - (journal.began_at or 0.0))
    journal.commands.append(
        ManagerCommand(clean(fields[5], 4000), round(took, 2), _number(fields[2]), _number(fields[4]))
    )


def _end_batch(journal: Journal, fields: list[str], since: float) -> None:
    number, status, log_to = (_number(fields[index]) for index in (2, 4, 5))
    place = journal.places[number]
    journal.batches[place] = replace(
        journal.batches[place],
        ended_seconds=since,
        outcome=BatchOutcome(fields[3]),
        exit_status=status,
        log_to=log_to,
    )


def _packages(text: str) -> tuple[tuple[str, str], ...]:
    """Names and architectures; neither holds a slash."""
    pairs = (word.rpartition("/") for word in text.split())
    return tuple((clean_name(name), clean_name(architecture)) for name, _, architecture in pairs)


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text):
        raise ValueError(text)
    return float(text)


def _number(text: str) -> int:
    if not _NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text)


_READERS: Mapping[str, Callable[[Journal, list[str], float], None]] = {
    "began": lambda _journal, _fields, _since: None,
    "over": lambda _journal, _fields, _since: None,
    "batch": _read_batch,
    "ended": _end_batch,
    "left": _read_left,
    "note": _read_note,
    "command": _read_command,
}
