"""The machines of a run that are at its end neither over nor in work: each says what became of its updates, and why."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fleet.deployments.plan import MachinePlan
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStep
from fleet.machines import Machine
from ops.deployments.results import Results
from ops.deployments.run_desk import RunDesk
from ops.deployments.sightings import Sightings
from ops.state.runs import JournalPhase
from ops.state.work_book import WorkBook

_REMOVED = "it was removed after the plan was made"
_REMOVED_IN_WORK = "It was removed during its turn: what became of it there is not known."


@dataclass(frozen=True, slots=True)
class Unbegun:
    """Ends machines of a run. ``machines`` are those that are still enrolled, ``plans`` are by id."""

    desk: RunDesk
    plans: Mapping[str, MachinePlan]
    machines: Mapping[str, Machine]
    results: Results

    async def end_removed(self, record: MachineRun) -> None:
        """A machine that was removed while an earlier process worked on it: nobody can be asked any more."""
        seen = Sightings({}, was_installing=bool(record.job_id), error=_REMOVED_IN_WORK)
        outcomes, verdict = seen.judge(self.plans[record.machine_id], b"", cancelled=False)
        known = {(each.name, each.architecture, each.offered_version) for each in record.outcomes}  # of earlier rounds
        others = (each for each in outcomes if (each.name, each.architecture, each.offered_version) not in known)
        outcomes = (*record.outcomes, *others)
        ended_at = self.desk.context.clock()
        await self._end(
            replace(record, status=verdict.status, outcomes=outcomes, error=verdict.error, ended_at=ended_at)
        )

    async def end_unbegun(self, record: MachineRun) -> None:
        """A machine whose turn did not come: nothing became of it."""
        desk = self.desk
        is_cancelled = desk.context.is_cancelled.is_set()
        is_removed = record.machine_id not in self.machines
        is_late = not desk.has_time and not desk.halted_by and not is_cancelled and not is_removed
        seen = Sightings({}, is_late=is_late, unwanted=_REMOVED if is_removed else desk.halted_by)
        outcomes, _ = seen.judge(self.plans[record.machine_id], b"", cancelled=is_cancelled)
        status = MachineRunStatus.WINDOW_EXCEEDED if is_late else MachineRunStatus.NOT_STARTED
        paused = f": the run was {desk.run.note}" if desk.is_paused and desk.run.note else ""
        late, cancelled = f"the window was over before its turn{paused}", "the run was cancelled before its turn"
        why = late if is_late else desk.halted_by or (cancelled if is_cancelled else "it was not begun")
        await self._end(replace(record, status=status, outcomes=outcomes, error=_REMOVED if is_removed else why))

    async def _end(self, ended: MachineRun) -> None:
        desk = self.desk
        desk.records[ended.machine_id] = ended
        entry = desk.context.entry(ended.machine_id, RunStep.REPORT, JournalPhase.BEGIN)

        def keep(book: WorkBook) -> None:
            book.save_machine(ended, [entry])
            book.release(ended.machine_id, ended.run_id)

        await desk.context.ledger.write(keep)
        self.results.add(ended)
