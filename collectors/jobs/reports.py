"""Reports on a job, made of the frames that a machine answers with."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collectors.jobs.frames import Frame
from collectors.jobs.journal import Journal, JournalReader
from collectors.jobs.managers import find_job_manager
from fleet.deployments.jobs import BatchRecord, JobNote, JobProgress, JobReport, JobState
from fleet.hostile import clean_name, decode

_TAIL_BYTES = 4096
# A job of a thousand packages in single transactions writes a tenth of this.
_MOST_JOURNAL_BYTES = 16 * 1024 * 1024
# requests.sh sends no more of the list of configuration files, and of the manager's status.
_MOST_CONFFILES_BYTES = 65536
_MOST_STATUS_CHARACTERS = 500
_EXIT_STATUS = re.compile(r"[0-9]{1,3}")
_UPTIME = re.compile(r"[0-9]{1,10}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request was not carried out: ``no-root`` or ``not-started``, and the machine's words."""

    reason: str
    words: str


class ReportReader:
    """Gathers what frames say of one job. ``report`` is the last one, ``log_from`` where its log began.

    ``has_more`` is whether the machine has more of the log than it sent; ``refusal`` is set where it did nothing.
    """

    def __init__(self, job_id: str, log_from: int) -> None:
        self.report = JobReport(job_id, JobState.ABSENT, log_end=log_from)
        self.has_report = False
        self.has_more = False
        self.refusal: Refusal | None = None
        self._journal_bytes = 0
        self._journal_reader = JournalReader()
        self._log = bytearray()
        self._log_end = log_from
        self._tail = b""
        self._status_line = ""
        self._conffiles: tuple[str, ...] = ()
        self._values_of_last: dict[str, str] = {}
        self._told_bytes = 0
        self._batches: tuple[BatchRecord, ...] = ()
        self._notes: tuple[JobNote, ...] = ()
        self._progress_of: tuple[object, ...] = ()
        self._progress: JobProgress | None = None
        self._takers: Mapping[str, Callable[[bytes], JobReport | None]] = {
            "journal": self._take_journal,
            "log": self._take_log,
            "progress": self._take_progress,
            "refused": self._take_refusal,
            "conffiles": self._take_conffiles,
            "state": self._take_state,
            "beat": lambda _content: None,
        }

    @property
    def journal(self) -> Journal:
        """The journal as far as it has come."""
        return self._journal_reader.journal

    def take(self, frame: Frame) -> JobReport | None:
        """The next report, where the frame completes one.

        Raises:
            ValueError: the frame is not what the request prints.
        """
        take = self._takers.get(frame.kind)
        if take is None:
            raise ValueError(f"a frame of an unknown kind, {frame.kind}")
        return take(frame.content)

    def _take_journal(self, content: bytes) -> None:
        self._journal_bytes += len(content)
        if self._journal_bytes > _MOST_JOURNAL_BYTES:
            raise ValueError("a journal that is longer than any of ours")
        self._journal_reader.add(content)

    def _take_log(self, content: bytes) -> None:
        self._log += content
        self._log_end += len(content)
        self._tail = (self._tail + content)[-_TAIL_BYTES:]

    def _take_progress(self, content: bytes) -> None:
        self._status_line = decode(content).strip()[-_MOST_STATUS_CHARACTERS:]

    def _take_refusal(self, content: bytes) -> None:
        reason, _, words = decode(content).partition("\n")
        self.refusal = Refusal(reason, words)

    def _take_conffiles(self, content: bytes) -> JobReport:
        if len(content) > _MOST_CONFFILES_BYTES:
            raise ValueError("a list of configuration files that is longer than any of ours")
        self._conffiles = tuple(clean_name(line) for line in decode(content).splitlines() if line)
        return self._make(self.report.state, self._values_of_last)

    def _take_state(self, content: bytes) -> JobReport:
        pairs = (line.partition("=") for line in decode(content).splitlines())
        values = {name: value for name, _, value in pairs}
        self._values_of_last = values
        self.has_more = values.get("more") == "yes"
        return self._make(JobState(values.get("state", "")), values)

    def _make(self, state: JobState, values: dict[str, str]) -> JobReport:
        log, self._log = bytes(self._log), bytearray()
        journal = self.journal
        if self._told_bytes != self._journal_bytes:
            self._told_bytes = self._journal_bytes
            self._batches, self._notes = tuple(journal.batches), tuple(journal.notes)
        self.has_report = True
        self.report = JobReport(
            id=self.report.id,
            state=state,
            batches=self._batches,
            progress=self._find_progress() if state is JobState.RUNNING else None,
            log=log,
            log_end=self._log_end,
            exit_status=int(values["exit"]) if _EXIT_STATUS.fullmatch(values.get("exit", "")) else None,
            elapsed_seconds=_elapsed(state, journal, values),
            boot_id=clean_name(values.get("boot", "")),
            began_in_boot=journal.began_in_boot,
            detached_by=journal.detached_by,
            other_job=clean_name(values.get("other", "")),
            conffiles=self._conffiles,
            notes=self._notes,
        )
        return self.report

    def _find_progress(self) -> JobProgress | None:
        """The progress; read again only where something came that it is read from."""
        read_from = (self._journal_bytes, self._log_end, self._status_line)
        if self._progress_of != read_from:
            self._progress_of, self._progress = read_from, self._read_progress()
        return self._progress

    def _read_progress(self) -> JobProgress | None:
        """The manager's word on the running transaction, as a share of the whole job."""
        manager = find_job_manager(self.journal.manager)
        batches = self.journal.batches
        if manager is None or not batches or batches[-1].ended_seconds is not None:
            return None
        said = manager.read_progress(self._status_line, decode(self._tail)) or JobProgress(None, "", "")
        total = self.journal.total
        running = set(batches[-1].packages)
        done = {package for batch in batches[:-1] for package in batch.packages} - running
        if not total:
            return said
        share = (said.percent or 0.0) / 100
        percent = min(100.0, 100 * (len(done) + share * len(running)) / total)
        return JobProgress(round(percent, 1), said.package, said.doing)


def _elapsed(state: JobState, journal: Journal, values: dict[str, str]) -> float | None:
    if journal.began_at is None:
        return None
    if state is not JobState.RUNNING:
        return journal.last_seconds
    if not _UPTIME.fullmatch(values.get("uptime", "")):
        return journal.last_seconds
    return max(0.0, float(values["uptime"]) - journal.began_at)
