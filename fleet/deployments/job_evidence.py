"""What a job left behind, by which the outcomes of its updates are judged."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobReport, UpdateResult
from fleet.deployments.log_excerpts import LogPart, read_log
from fleet.failures import Finding
from fleet.updates import Update

NOT_BEGUN = frozenset({BatchOutcome.NOT_STARTED, BatchOutcome.CANCELLED, BatchOutcome.NEEDS_RESTART})
"""How a transaction ended that never began."""


@dataclass(frozen=True, slots=True)
class JobEvidence:
    """What a machine's job left behind.

    ``report`` is None where no job is known of. ``log`` holds the package manager's log from its byte ``log_from`` on,
    as far as it was kept. ``began_at`` is when the job began, None if unknown. ``problem`` is what stopped the machine
    before any installation (a check that did not hold), in one line. ``findings`` are those of the assessment after,
    ``reboot_pending`` whether it says that a restart is.
    """

    report: JobReport | None = None
    log: bytes = b""
    log_from: int = 0
    began_at: datetime | None = None
    problem: str = ""
    findings: Sequence[Finding] = field(default_factory=tuple)
    window_exceeded: bool = False
    cancelled: bool = False
    reboot_pending: bool = False
    _logs: dict[tuple[int, int | None], LogPart] = field(default_factory=dict, init=False, repr=False, compare=False)

    def batches_of(self, update: Update) -> list[BatchRecord]:
        """The transactions that held the update and were begun, in order."""
        wanted = (update.name, update.architecture)
        held = (batch for batch in (self.report.batches if self.report else ()) if wanted in batch.packages)
        return [batch for batch in held if batch.outcome not in NOT_BEGUN]

    def result_of(self, update: Update) -> UpdateResult | None:
        """What the machine says became of the update itself; None where it speaks of transactions alone."""
        results = self.report.results if self.report else ()
        wanted = (update.name, update.architecture)
        return next((each for each in results if (each.name, each.architecture) == wanted), None)

    def log_of(self, batch: BatchRecord) -> LogPart:
        """What the package manager printed in that transaction, as far as it was kept; read once."""
        place = batch.log_from, batch.log_to
        if place not in self._logs:
            end = None if batch.log_to is None else max(0, batch.log_to - self.log_from)
            self._logs[place] = read_log(self.log[max(0, batch.log_from - self.log_from) : end])
        return self._logs[place]
