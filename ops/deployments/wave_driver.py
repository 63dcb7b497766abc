"""The machines of one wave: begun in order, a bounded number at once, never two of a cluster, until done or halted.

A machine that an earlier process began is always taken up again, whatever has been decided since.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from fleet.deployments.budget import is_exhausted
from fleet.deployments.plan import MachinePlan
from fleet.deployments.rollout import Rollout
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStep
from fleet.deployments.waves import may_begin
from fleet.machines import Machine
from ops.deployments.context import StepRecord
from ops.deployments.events import BudgetExhausted
from ops.deployments.machine_scripts import Describe
from ops.deployments.machine_turn import MachineTurn
from ops.deployments.results import Results
from ops.deployments.run_desk import RunDesk
from ops.deployments.turn import Turn

_LOOK_SECONDS = 15.0

DescribeMachine = Callable[[Machine], Describe]


class WaveDriver:
    """Takes machines through their turns. ``steps`` is what the journal says of each machine, by id."""

    def __init__(
        self,
        desk: RunDesk,
        plans: Mapping[str, MachinePlan],
        steps: Mapping[str, Mapping[RunStep, StepRecord]],
        results: Results,
        describe: DescribeMachine,
        concurrency: int,
    ) -> None:
        self._desk = desk
        self._plans = plans
        self._steps = steps
        self._results = results
        self._describe = describe
        self._concurrency = max(1, concurrency)
        self._in_work: dict[asyncio.Task[MachineRun], Turn] = {}

    async def drive(self, machines: Sequence[Machine]) -> None:
        """Returns when every machine of the wave is over, or those in work are and no other may be begun."""
        self._check_budget()
        waiting = [m for m in machines if not self._desk.records[m.id].status.is_over]
        begun = MachineRunStatus.IN_PROGRESS
        for machine in [m for m in waiting if self._desk.records[m.id].status is begun]:
            waiting.remove(machine)
            self._begin(machine)
        try:
            while self._in_work or (waiting and not self._desk.is_halted):
                self._begin_some(waiting)
                await self._wait()
        finally:
            await self._let_go()

    def _begin_some(self, waiting: list[Machine]) -> None:
        for machine in list(waiting):
            busy = sum(not turn.is_idle for turn in self._in_work.values())
            if not self._desk.may_begin or busy >= self._concurrency:
                return
            if may_begin(machine, [turn.machine for turn in self._in_work.values()], self._rollout):
                waiting.remove(machine)
                self._begin(machine)

    def _begin(self, machine: Machine) -> None:
        turn = Turn(
            context=self._desk.context,
            machine=machine,
            plan=self._plans[machine.id],
            worker=self._desk.context.make_worker(machine),
            record=self._desk.records[machine.id],
            steps=self._steps.get(machine.id, {}),
            changed=self._desk.changed,
            assessments=[],
        )
        task = asyncio.create_task(MachineTurn(turn, self._describe(machine), self._results).run())
        self._in_work[task] = turn

    async def _wait(self) -> None:
        """Until a machine is over, something was asked, or a while has passed (the window may be over)."""
        changed = asyncio.create_task(self._desk.wait_for_change(_LOOK_SECONDS))
        try:
            await asyncio.wait({changed, *self._in_work}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            changed.cancel()
        for task in [task for task in self._in_work if task.done()]:
            del self._in_work[task]
            self._note_over(task.result())

    def _note_over(self, record: MachineRun) -> None:
        desk = self._desk
        desk.records[record.machine_id] = record
        self._results.add(record)
        self._check_budget()

    def _check_budget(self) -> None:
        """Machines that an earlier process saw fail count as well."""
        desk = self._desk
        failed = sum(each.status.counts_as_failure for each in desk.records.values())
        budget, total = self._rollout.budget, len(desk.records)
        if not desk.halted_by and is_exhausted(budget, failed, total):
            desk.halted_by = "the failure budget is exhausted"
            desk.context.tell(BudgetExhausted(desk.context.clock(), failed, total))

    async def _let_go(self) -> None:
        """Leaves the machines to themselves when this process is told to stop."""
        for task in self._in_work:
            task.cancel()
        if self._in_work:
            await asyncio.wait(self._in_work)

    @property
    def _rollout(self) -> Rollout:
        return self._desk.context.deployment.rollout
