"""A machine's turn in a run: what is known and kept of it while it lasts."""

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from collectors.transports.base import TransportFailed
from fleet.assessments import Assessment
from fleet.deployments.known_updates import call_as_before, called_before
from fleet.deployments.plan import MachinePlan
from fleet.deployments.runs import MachineRun, RunStep
from fleet.deployments.window import seconds_left, seconds_left_to_start
from fleet.failures import Finding
from fleet.machines import Machine
from ops.deployments.context import RunContext, StepRecord, without_round
from ops.deployments.events import MachineNote, MachineStepBegan
from ops.deployments.worker import MachineWorker
from ops.state.runs import JournalPhase


class TurnEnded(Exception):
    """Nothing more can be done on the machine; says why, in one line.

    Args:
        error: the line.
        window_exceeded: whether only time was missing.
        by_wish: whether somebody did not want more to be done.
    """

    def __init__(self, error: str, *, window_exceeded: bool = False, by_wish: bool = False) -> None:
        super().__init__(error)
        self.error = error
        self.window_exceeded = window_exceeded
        self.by_wish = by_wish


@dataclass(slots=True)
class Turn:
    """One machine that is in work. ``steps`` is what the journal said of it when this process took it up, or when the
    round began; ``plan`` is that of the round.

    ``is_idle``: it only waits for a time of day, so that another machine may be begun in its place.
    """

    context: RunContext
    machine: Machine
    plan: MachinePlan
    worker: MachineWorker
    record: MachineRun
    steps: Mapping[RunStep, StepRecord]
    changed: asyncio.Event
    assessments: list[Assessment]
    is_idle: bool = False

    def was_begun(self, step: RunStep) -> bool:
        """Whether an earlier process began the step and did not end it."""
        known = self.steps.get(step)
        return known is not None and known.began_at is not None and not known.is_over

    def ended(self, step: RunStep) -> Mapping[str, Any] | None:
        """What an earlier process wrote down at the end of the step; None where it did not end it.

        Any: JSON that this package wrote.
        """
        known = self.steps.get(step)
        return known.detail if known is not None and known.is_over else None

    def notes(self, step: RunStep) -> tuple[Mapping[str, Any], ...]:
        """What earlier processes noted in the step. Any: as `ended`."""
        known = self.steps.get(step)
        return known.notes if known is not None else ()

    async def begin(self, step: RunStep, /, detail: Mapping[str, object] | None = None, **changes: Any) -> None:
        """Write down that the step begins, and ``changes`` of the record. Any: values of fields of `MachineRun`."""
        self.record = replace(self.record, step=step, **changes)
        await self._write(step, JournalPhase.BEGIN, detail)
        self.context.tell(MachineStepBegan(self.now, self.machine.id, self.machine.name, step))

    async def end(self, step: RunStep, /, detail: Mapping[str, object] | None = None, **changes: Any) -> None:
        """Write down that the step is over, and ``changes`` of the record. Any: values of fields of `MachineRun`."""
        self.record = replace(self.record, **changes)
        await self._write(step, JournalPhase.END, detail)

    async def note(self, step: RunStep, /, detail: Mapping[str, object], **changes: Any) -> None:
        """Write down something within the step, and ``changes`` of the record. Any: as above."""
        self.record = replace(self.record, **changes)
        await self._write(step, JournalPhase.NOTE, detail)

    async def begin_round(self, detail: Mapping[str, object], **changes: Any) -> None:
        """Write down that a round begins, or begins anew behind a restart; its steps have not been made then. Any: as
        above.
        """
        kept = {**detail, "jobs": self.record.attempts}
        await self.note(RunStep.ROUND, kept, **changes)
        known = self.steps.get(RunStep.ROUND, StepRecord())
        self.steps = {**without_round(self.steps), RunStep.ROUND: replace(known, notes=(*known.notes, kept))}

    def say(self, text: str) -> None:
        """Tell whoever watches."""
        self.context.tell(MachineNote(self.now, self.machine.id, self.machine.name, text))

    def find(self, findings: Iterable[Finding]) -> None:
        """Add findings to the record, each once; they are kept with the next thing that is written."""
        fresh = tuple(finding for finding in dict.fromkeys(findings) if finding not in self.record.findings)
        self.record = replace(self.record, findings=(*self.record.findings, *fresh))

    @property
    def now(self) -> datetime:
        """The time of the run."""
        return self.context.clock()

    @property
    def seconds_to_start(self) -> float:
        """How long installations may still start; 0 when no more."""
        return seconds_left_to_start(self.context.deployment.window, self.context.opens_at, self.now)

    @property
    def seconds_to_close(self) -> float:
        """How long the window is still open."""
        return seconds_left(self.context.deployment.window, self.context.opens_at, self.now)

    @property
    def is_cancelled(self) -> bool:
        """Whether nothing more is to be begun."""
        return self.context.is_cancelled.is_set()

    async def _write(self, step: RunStep, phase: JournalPhase, detail: Mapping[str, object] | None) -> None:
        record, entry = self.record, self.context.entry(self.machine.id, step, phase, detail)
        await self.context.ledger.write(lambda book: book.save_machine(record, [entry]))


async def assess(turn: Turn, *, refresh: bool, tries: int) -> Assessment:
    """An assessment of the machine, with updates called as the run knows them; one that could not be reached is tried
    again a little later.
    """
    for attempt in range(tries):
        if attempt:
            await asyncio.sleep(min(5.0 * 2**attempt, 60.0))
        try:
            assessment = await turn.worker.assess(refresh=refresh)
        except TransportFailed as error:
            if attempt == tries - 1:
                raise
            turn.say(f"It could not be reached and is tried again: {error.failure.evidence}")
            continue
        turn.assessments.append(assessment)
        if assessment.failure is None or not assessment.failure.kind.means_unreachable:
            break
    return call_as_before(assessment, called_before(turn.plan, turn.record.outcomes))
