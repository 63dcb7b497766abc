"""The approvals of a run: nothing is done on any machine, and no script is run, until others approved its plan.

What is approved is the frozen plan, by its hash; the run waits for it as long as installations may start. When it
begins, all of that is asked once more in the transaction that notes it: an edit or a withdrawal comes before it, or too
late.
"""

import asyncio
from dataclasses import replace

from fleet.approvals import Standing
from fleet.deployments.plan import Plan
from fleet.deployments.plan_hash import describe_behaviour, hash_plan
from fleet.deployments.runs import Run, RunStatus, RunStep
from fleet.errors import HomeUnusable, StoreBusy
from ops.approvals.asking import ask_for_frozen, starts_until, tell_late
from ops.approvals.standing import note_begun, standing_of_run
from ops.deployments.events import RunWaits
from ops.deployments.run_desk import RunDesk
from ops.deployments.script_files import hash_scripts
from ops.logs import log_error, log_event
from ops.state.runs import JournalPhase
from ops.state.work_book import WorkBook

_LOOK_SECONDS = 2.0
_MOST_REFUSED = 5
_LATE = "it was not approved in time"


class ApprovalStep:
    """Lets the run at ``desk`` begin once its plan is approved. ``is_passed``: nothing is to be waited for any more."""

    def __init__(self, desk: RunDesk) -> None:
        self._desk = desk
        self.is_passed = False

    async def look_ahead(self) -> None:
        """Find out whether approvals are needed at all, before there is a plan."""
        self.is_passed = not (await self._judge("")).wanted.needed

    async def wait(self, plan: Plan, *, begins: bool) -> str:
        """Returns once ``plan`` is approved, or the run is cancelled; why it is not to begin, in one line, empty if it
        may. With ``begins`` it begins now: the approvals are used.
        """
        desk = self._desk
        self.is_passed = False
        while not desk.context.is_cancelled.is_set():
            standing = await self._judge(plan.hash)
            if standing.is_enough and (not begins or not standing.wanted.needed or not desk.has_time):
                self.is_passed = not standing.wanted.needed
                return ""
            if standing.is_enough:
                if problem := await self._check_scripts(plan):
                    return problem
                standing = await self._begin(plan)
            if standing.is_enough:
                return ""
            if not desk.has_time:
                return await self._give_up(standing)
            await self._ask(plan, standing)
            await desk.wait_for_change(_LOOK_SECONDS)
        return ""

    async def take_up(self, plan: Plan) -> None:
        """The run had begun when an earlier process left it: only its scripts are to be those that were approved."""
        self.is_passed = True
        if (await self._judge(plan.hash)).wanted.needed and await self._check_scripts(plan):
            self._desk.context.approved_scripts = {}

    async def _judge(self, plan_hash: str) -> Standing:
        """How far the run is approved; a state that cannot be read now is read later."""
        desk, context = self._desk, self._desk.context
        while True:
            try:
                return await context.ledger.read(lambda book: self._judge_in(book, plan_hash))
            except (HomeUnusable, StoreBusy) as error:
                log_error("approvals not read", error, run=desk.run.id)
                await asyncio.sleep(_LOOK_SECONDS)

    def _judge_in(self, book: WorkBook, plan_hash: str) -> Standing:
        context = self._desk.context
        return standing_of_run(book.connection, self._desk.run, plan_hash, context.settings, context.clock())

    async def _begin(self, plan: Plan) -> Standing:
        """Note that the run begins, if it is still approved."""
        desk, context = self._desk, self._desk.context

        def begin(book: WorkBook) -> Standing:
            standing = self._judge_in(book, plan.hash)
            if standing.is_enough:
                note_begun(book.connection, desk.run, standing)
                run = _approved(desk.run, plan, standing)
                entry = context.entry("", RunStep.PLAN, JournalPhase.NOTE, {"approved_by": run.approved_by})
                book.save(run, [entry])
            return standing

        standing = await context.ledger.write(begin)
        if standing.is_enough:
            # From here on nothing but what was approved is installed, as with a plan that is required.
            desk.run = _approved(desk.run, plan, standing)
            context.required_plan, self.is_passed = plan.hash, True
            desk.say(f"The plan is approved: {standing.describe()}.")
            log_event("run approved", run=desk.run.id, plan=plan.hash, approvals=standing.describe())
        return standing

    async def _ask(self, plan: Plan, standing: Standing) -> None:
        """Say what is waited for, where it is not said yet; the first time people are asked."""
        desk, context = self._desk, self._desk.context
        lacks = f"approval: {standing.describe()}. See: patchdeck deployments approvals {context.deployment.name}"
        note = desk.run.note if desk.is_paused else f"waits for {lacks}"  # who paused it goes first
        if desk.run.waits_for_approval and (desk.is_paused or desk.run.note == note):
            return
        is_first, now = not desk.run.waits_for_approval, context.clock()
        status = RunStatus.PAUSED if desk.is_paused else RunStatus.WAITING
        desk.run = replace(desk.run, note=note, waits_for_approval=True, status=status, started_at=None)

        def ask(book: WorkBook) -> tuple[str, ...]:
            drift = ask_for_frozen(book.connection, context.home, desk.run, plan, standing, now) if is_first else ()
            book.save(desk.run)
            return tuple(drift)

        drift = await context.ledger.write(ask)
        if drift:
            desk.say(f"The plan that was approved has drifted: {'; '.join(drift[:20])}")
        context.tell(RunWaits(now, lacks, starts_until(desk.run)))

    async def _give_up(self, standing: Standing) -> str:
        desk, context = self._desk, self._desk.context
        now = context.clock()
        await context.ledger.write(lambda book: tell_late(book.connection, desk.run, standing, now))
        desk.halted_by = _LATE
        last = standing.worth_telling[-_MOST_REFUSED:]
        refused = "".join(f"; {each.approval.person.name}: {each.why}" for each in last)
        return f"{_LATE}: {standing.describe()} of the plan {standing.wanted.plan[:12]}{refused}"

    async def _check_scripts(self, plan: Plan) -> str:
        """Have only the script files run that the plan was made with; why it cannot be carried out any more."""
        context = self._desk.context
        hashes = await asyncio.to_thread(hash_scripts, context.deployment)
        behaviour = describe_behaviour(context.deployment, hashes)
        if hash_plan(plan.deployment, plan.machines, behaviour) != plan.hash:
            return (
                "the files of its scripts were changed after its plan was frozen, so that nobody approved what they do"
            )
        context.approved_scripts = hashes
        return ""


def _approved(run: Run, plan: Plan, standing: Standing) -> Run:
    note = run.note if run.status is RunStatus.PAUSED else ""
    words = tuple(approval.describe() for approval in standing.counted)
    return replace(run, note=note, waits_for_approval=False, required_plan=plan.hash, approved_by=words)
