"""What is done in a run, in order, by the process that works on it.

    wait, plan and freeze, download ahead, wait for the window, scripts on the console, waves with gates between them,
    scripts on the console, results

What is to be known after a crash is in state.db before it is done; see `ops.deployments.machine_turn` for a machine.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from fleet.deployments.plan import MachinePlan, Plan
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStatus, RunStep
from fleet.deployments.scripts import Script, ScriptStage
from fleet.deployments.verdicts import judge_run
from fleet.machines import Machine
from ops.assess_limits import crowd_of
from ops.deployments.approval_step import ApprovalStep
from ops.deployments.console_step import run_console_scripts
from ops.deployments.context import StepRecord, read_steps
from ops.deployments.events import RunBegan, RunOver, RunWaits, WaveBegan
from ops.deployments.forgetting import forget_all
from ops.deployments.freezing import explain_drift, freeze_plan
from ops.deployments.gate_step import pass_gate
from ops.deployments.predownload import download, wants_download
from ops.deployments.results import Results
from ops.deployments.run_desk import RunDesk
from ops.deployments.script_context import describe_run
from ops.deployments.turn import Turn
from ops.deployments.unbegun import Unbegun
from ops.deployments.wave_driver import WaveDriver
from ops.logs import log_event
from ops.state.database import opened
from ops.state.machines import MachineBook
from ops.state.runs import JournalEntry, JournalPhase, RunAction


class RunWork:
    """What one process does of a run; ``journal`` is what those before it did."""

    def __init__(self, desk: RunDesk, journal: Sequence[JournalEntry], on_step: Callable[[str], None]) -> None:
        self.desk = desk
        self._context = desk.context
        self.results = Results(desk.context, on_step, is_resumed=bool(journal))
        self._journal = journal
        by_machine: dict[str, list[JournalEntry]] = {}
        for entry in journal:
            by_machine.setdefault(entry.machine_id, []).append(entry)
        self._steps = {machine_id: read_steps(entries) for machine_id, entries in by_machine.items()}
        self._own = self._steps.get("", {})
        self._approvals = ApprovalStep(desk)
        self._machines: dict[str, Machine] = {}
        self._plans: dict[str, MachinePlan] = {}
        self._order: list[str] = []

    async def store_results(self) -> None:
        """Stores what machines gave, as they end; never returns."""
        await self.results.store_as_they_come(lambda: self.desk.run)

    async def go(self) -> None:
        """Does all that is left of the run."""
        context, desk = self._context, self.desk
        context.tell(RunBegan(context.clock(), desk.run.id, desk.run.deployment.name, bool(self._journal)))
        for note in self._known(RunStep.WAVE).notes:
            if note.get("asked") == RunAction.CANCEL.value:
                desk.note_cancelled(str(note.get("by", "")), str(note.get("reason", "")))
        await self._approvals.look_ahead()
        error = await self._plan()
        if not error:
            await self._resume_reports()
            error = await self._begin() or await self._go_over_machines()
        await self._finish(error)

    async def _begin(self) -> str:
        """Returns when the window is open and the plan approved, or the run cancelled; why it is not to begin."""
        plan = self.results.plan
        if plan is None:
            return ""
        if self._was_begun:
            await self._approvals.take_up(plan)
            await self._open()
            return ""
        if error := await self._approvals.wait(plan, begins=False):
            return error
        await self._predownload()
        await self._wait_until(self._context.opens_at, "The window opens later.")
        error = await self._approvals.wait(plan, begins=True)
        await self._note_open()
        return error

    async def _plan(self) -> str:
        """Has the plan frozen; why nothing can be done, in one line, empty if something can."""
        context = self._context
        plan = await context.ledger.read(lambda book: book.plan_of(context.run_id))
        if plan is None:
            ahead = timedelta(minutes=context.deployment.predownload_minutes)
            await self._wait_until(context.opens_at - ahead, "The run begins later.")
            if context.is_cancelled.is_set():
                return ""
            if not self.desk.has_time:
                return "the window was over before the run could begin"
            await self._note_open()
            plan, error = await freeze_plan(self.desk)
            if error:
                return error
        elif error := explain_drift(context.home, self.desk.run.required_plan, plan):
            return error
        self._take_plan(plan, await context.ledger.read(lambda book: book.machines(context.run_id)))
        return "" if self._order else "no enabled machine is among its targets"

    def _take_plan(self, plan: Plan, records: Sequence[MachineRun]) -> None:
        self.results.plan = plan
        self._plans = {machine.machine_id: machine for machine in plan.machines}
        self.desk.records = {record.machine_id: record for record in records}
        with opened(self._context.home.state_file) as connection:
            self._machines = MachineBook(connection).with_ids(self.desk.records)
        self._order = [record.machine_id for record in records]

    async def _resume_reports(self) -> None:
        """What is over and was not wholly dealt with by an earlier process."""
        left = []
        for record in self.desk.records.values():
            report = self._steps.get(record.machine_id, {}).get(RunStep.REPORT, StepRecord())
            if record.status.is_over and not report.is_over:
                self.results.add(record)
                if record.failure is None and record.machine_id in self._machines:
                    left.append((self._machines[record.machine_id], record))
        downloaded = self._context.deployment.predownload_minutes > 0
        await forget_all(self._context.make_worker, left, downloaded=downloaded)

    async def _wait_until(self, at: datetime, why: str) -> None:
        context = self._context
        if context.clock.seconds_until(at) > 0:
            context.tell(RunWaits(context.clock(), why, at))
        while not context.is_cancelled.is_set() and (left := context.clock.seconds_until(at)) > 0:
            await self.desk.wait_for_change(min(left, 30.0))

    async def _predownload(self) -> None:
        context, desk = self._context, self.desk
        if context.deployment.predownload_minutes <= 0 or context.clock.seconds_until(context.opens_at) <= 0:
            return
        turns = [self._turn(machine_id) for machine_id in self._order if machine_id in self._machines]
        await download(desk, [turn for turn in turns if wants_download(turn)], self._concurrency)

    async def _open(self) -> None:
        """Returns when the window opens, or the run is cancelled."""
        await self._wait_until(self._context.opens_at, "The window opens later.")
        await self._note_open()

    async def _note_open(self) -> None:
        """From the opening of the window on a run is in progress, once it is approved."""
        is_open = self._approvals.is_passed and self._context.clock.seconds_until(self._context.opens_at) <= 0
        if is_open and self.desk.run.started_at is None and not self._context.is_cancelled.is_set():
            status = RunStatus.PAUSED if self.desk.is_paused else RunStatus.IN_PROGRESS
            await self.desk.begin(status)

    async def _go_over_machines(self) -> str:
        """Scripts, waves, gates, scripts; what stopped or failed the run itself."""
        desk = self.desk
        await desk.wait_while_paused()
        if desk.is_halted and not self._was_begun:
            return ""
        before = self._known(RunStep.SCRIPTS_BEFORE)
        error = await run_console_scripts(desk, ScriptStage.PRE, before, self._describe)
        if error:
            return error
        await self._go_over_waves()
        after = self._known(RunStep.SCRIPTS_AFTER)
        error = await run_console_scripts(desk, ScriptStage.POST, after, self._describe)
        halted = desk.halted_by if desk.halted_by.startswith("the gate") else ""
        return "; ".join(filter(None, (halted, error)))

    async def _go_over_waves(self) -> None:
        desk = self.desk
        for record in [*desk.records.values()]:
            if record.status is MachineRunStatus.IN_PROGRESS and record.machine_id not in self._machines:
                await self._unbegun.end_removed(record)
        waves = sorted({record.wave for record in desk.records.values()})
        driver = WaveDriver(desk, self._plans, self._steps, self.results, self._describe_machine, self._concurrency)
        for number in waves:
            ids = [machine_id for machine_id in self._order if desk.records[machine_id].wave == number]
            known = [machine_id for machine_id in ids if machine_id in self._machines]
            if desk.is_halted and not self._has_begun_after(number - 1):
                return
            if any(not desk.records[machine_id].status.is_over for machine_id in ids):
                await desk.write(RunStep.WAVE, JournalPhase.BEGIN, {"wave": number})
                desk.context.tell(WaveBegan(desk.context.clock(), number, len(ids)))
                await driver.drive([self._machines[machine_id] for machine_id in known])
            if number != waves[-1] and not desk.is_halted:
                machines = [self._machines[machine_id] for machine_id in known]
                desk.halted_by = desk.halted_by or await pass_gate(desk, number, machines, self._gate(number))
                await desk.wait_while_paused()

    @property
    def _was_begun(self) -> bool:
        """Whether an earlier process began to do something of the plan."""
        return RunStep.SCRIPTS_BEFORE in self._own or any(r.started_at for r in self.desk.records.values())

    def _has_begun_after(self, wave: int) -> bool:
        records = self.desk.records.values()
        return any(each.wave > wave and each.status is MachineRunStatus.IN_PROGRESS for each in records)

    def _gate(self, wave: int) -> StepRecord:
        entries = [entry for entry in self._journal if entry.step is RunStep.GATE and not entry.machine_id]
        ours = [entry for entry in entries if f'"wave":{wave},' in entry.detail or f'"wave":{wave}}}' in entry.detail]
        return read_steps(ours).get(RunStep.GATE, StepRecord())

    async def _finish(self, error: str) -> None:
        """Judges the run, stores what is not stored yet, and writes its end down last."""
        desk, context = self.desk, self._context
        desk.is_finishing = True
        await self._end_unbegun()
        records = [desk.records[machine_id] for machine_id in self._order]
        cancelled, by = context.is_cancelled.is_set(), desk.cancelled_by
        if desk.is_paused and desk.run.note and any(record.started_at is None for record in records):
            error = "; ".join(filter(None, (error, f"it was {desk.run.note}, until its window was over")))
        budget = context.deployment.rollout.budget
        verdict = judge_run(records, budget, cancelled=cancelled, cancelled_by=by, error=error)
        known = self._known(RunStep.REPORT)
        ended_at = known.began_at or context.clock()
        if known.began_at is None:
            await desk.write(RunStep.REPORT, JournalPhase.BEGIN)
        over = replace(desk.run, status=verdict.status, ended_at=ended_at, note=verdict.note, waits_for_approval=False)
        await self.results.store(over, records)
        await desk.close(over)
        context.tell(RunOver(ended_at, over.status, over.note))
        log_event("run over", run=over.id, status=over.status.value, note=over.note)

    async def _end_unbegun(self) -> None:
        """Says of each machine that was not begun what became of its updates: nothing, and why."""
        for record in [self.desk.records[machine_id] for machine_id in self._order]:
            report = self._steps.get(record.machine_id, {}).get(RunStep.REPORT, StepRecord())
            if record.status is MachineRunStatus.NOT_STARTED and not report.is_over:
                await self._unbegun.end_unbegun(record)

    @property
    def _unbegun(self) -> Unbegun:
        return Unbegun(self.desk, self._plans, self._machines, self.results)

    def _turn(self, machine_id: str) -> Turn:
        machine, desk = self._machines[machine_id], self.desk
        return Turn(
            self._context,
            machine,
            self._plans[machine_id],
            self._context.make_worker(machine),
            desk.records[machine_id],
            self._steps.get(machine_id, {}),
            desk.changed,
            [],
        )

    def _known(self, step: RunStep) -> StepRecord:
        return self._own.get(step, StepRecord())

    def _describe(self, script: Script, attempt: int) -> bytes:
        records = [self.desk.records[machine_id] for machine_id in self._order]
        return describe_run(self.desk.run, script, attempt, records, self._machines)

    def _describe_machine(self, machine: Machine) -> Callable[[Script, int], bytes]:
        def describe(script: Script, attempt: int) -> bytes:
            record = self.desk.records[machine.id]
            return describe_run(self.desk.run, script, attempt, [record], self._machines)

        return describe

    @property
    def _concurrency(self) -> int:
        wanted = self._context.deployment.rollout.concurrency or self._context.settings.assess_concurrency
        return crowd_of(wanted, max(1, len(self._order))).usual
