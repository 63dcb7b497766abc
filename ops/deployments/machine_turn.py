"""What a run does on one machine, step by step; each is written down before and after.

    claim, scripts before, assess, compare with the plan, check, install, assess, reboot and return, assess, scripts
    after, report

A process that takes a machine up in the middle goes on behind the last step that changed something there. What was
begun and not ended is looked at on the machine first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from collectors.transports.base import TransportFailed
from fleet.assessments import Assessment
from fleet.deployments.jobs import PackageOrder
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStep, UpdateOutcome
from fleet.deployments.scripts import ScriptStage
from fleet.deployments.start_checks import find_obstacles, find_remarks
from fleet.deployments.verdicts import MachineVerdict, judge_machine
from ops.deployments.forgetting import forget_jobs
from ops.deployments.job_keeper import JobLost
from ops.deployments.machine_install import Installation, NotStarted
from ops.deployments.machine_reboot import Restart, wants_reboot
from ops.deployments.machine_scripts import Describe, run_machine_scripts
from ops.deployments.ordering import decide_orders, recall_ordering
from ops.deployments.sightings import Sightings, plain, planned_versions, read_plain
from ops.deployments.turn import Turn, TurnEnded, assess
from ops.deployments.turn_end import describe_end, describe_mistake
from ops.logs import log_error
from ops.state.runs import JournalPhase
from ops.state.work_book import WorkBook

_CLAIM_SECONDS = 20.0
_ITSELF = "the machine"
# Planning fetches package lists; what they name is still there so soon after.
_LISTS_HOLD = timedelta(minutes=15)
_TRIES_BEFORE = 3
_TRIES_AFTER = 6
# The part of the log in which outcomes are looked for.
_MOST_LOG_READ = 32 * 1024 * 1024


class ResultKeeper(Protocol):
    """Takes what a machine gave, to be stored with what others gave."""

    async def keep(self, machine_id: str, assessments: Sequence[Assessment]) -> None:
        """Lay the assessments of a machine that is about to be over safely down."""
        ...


class MachineTurn:
    """Takes one machine through its turn. Whatever happens becomes its result; only cancellation is raised."""

    def __init__(self, turn: Turn, describe: Describe, results: ResultKeeper) -> None:
        self._turn = turn
        self._describe = describe
        self._results = results
        self._seen = Sightings({(u.name, u.architecture): u.installed_version for u in turn.plan.selection.chosen})
        self._is_gone = False
        self._may_tidy = False
        self._looked_after = False

    async def run(self) -> MachineRun:
        """The machine's record once it is over."""
        try:
            if await self._claim():
                await self._guard(self._work)
                await self._guard(self._look_after)
                await self._guard(self._tidy)
            await self._finish()
            if not self._is_gone:
                downloaded = self._turn.context.deployment.predownload_minutes > 0
                await forget_jobs(self._turn.worker, self._turn.record, downloaded=downloaded)
        finally:
            await self._turn.worker.close()
        return self._turn.record

    async def _guard(self, work: Callable[[], Awaitable[None]]) -> None:
        """Does ``work``; the first thing that ends it is what is said of the machine."""
        seen = self._seen
        try:
            await work()
        except TurnEnded as ended:
            self._turn.say(ended.error)
            seen.is_late = seen.is_late or ended.window_exceeded
            seen.left_undone = seen.left_undone or (ended.error if ended.window_exceeded else "")
            seen.unwanted = seen.unwanted or (ended.error if ended.by_wish else "")
            is_error = not ended.window_exceeded and not ended.by_wish
            seen.error = seen.error or (ended.error if is_error else "")
        except NotStarted as refused:
            self._turn.say(refused.failure.describe())
            seen.was_installing, self._is_gone = False, refused.failure.kind.means_unreachable
            seen.note_failure(refused.failure)
        except (TransportFailed, JobLost) as error:
            self._is_gone = True
            seen.note_failure(error.failure)
        # The edge of a machine's task: one machine's bug is not the run's.
        except Exception as error:  # noqa: BLE001
            log_error("a machine's turn broke", error, machine=self._turn.machine.name)
            self._is_gone = True
            seen.failure = seen.failure or describe_mistake(error)

    async def _claim(self) -> bool:
        """Takes the machine, which another run may have for a while. False: not within the window, or somebody did
        not want it to be begun.
        """
        turn, run_id = self._turn, self._turn.context.run_id
        is_new = turn.record.status is MachineRunStatus.NOT_STARTED
        turn.record = replace(
            turn.record, status=MachineRunStatus.IN_PROGRESS, started_at=turn.record.started_at or turn.now
        )
        record, told = turn.record, ("", "")
        rollout = turn.context.deployment.rollout

        def take(book: WorkBook) -> tuple[str, str] | None:
            self._seen.unwanted = book.find_objection(record.machine_id) if is_new else ""
            if self._seen.unwanted:
                return None
            if is_new and (neighbour := book.find_neighbour(turn.machine, rollout, run_id)) is not None:
                return neighbour[0], f"{neighbour[1]} of the same cluster"
            other = book.claim(record.machine_id, run_id)
            if other is None:
                book.save_machine(record)
            return None if other is None else (other, _ITSELF)

        while (held := await turn.context.ledger.write(take)) is not None:
            other, what = held
            if held != told:
                turn.say(f"The run {other} works on {'it' if what == _ITSELF else what}; this one waits.")
                told = held
            if turn.seconds_to_start <= 0 or turn.is_cancelled:
                self._seen.is_late = not turn.is_cancelled
                self._seen.installed = replace(self._seen.installed, why=f"the run {other} had {what}")
                return False
            await turn.context.pause(min(_CLAIM_SECONDS, turn.seconds_to_start))
        return not self._seen.unwanted

    async def _work(self) -> None:
        turn = self._turn
        if turn.plan.problem:
            self._is_gone = True
            if turn.record.failure is not None:
                self._seen.note_failure(turn.record.failure)
            raise TurnEnded(turn.plan.problem, by_wish=bool(self._seen.unwanted))
        orders = await self._prepare() if turn.ended(RunStep.CHECK) is None else self._recall()
        self._may_tidy = True
        if orders:
            self._seen.was_installing = True
            self._seen.installed = await Installation(turn, orders).run()
            self._seen.is_late = self._seen.is_late or self._seen.installed.window_exceeded
        await self._restart()

    async def _prepare(self) -> tuple[PackageOrder, ...]:
        """All that comes before the installation; what is to be installed."""
        turn = self._turn
        self._may_tidy = RunStep.SCRIPTS_BEFORE in turn.steps
        if turn.is_cancelled:
            raise TurnEnded("The run was cancelled before its turn.", by_wish=True)
        if turn.seconds_to_start <= 0:
            raise TurnEnded("The window was over before its turn.", window_exceeded=True)
        if error := await run_machine_scripts(turn, ScriptStage.PRE, self._describe):
            raise TurnEnded(error)
        self._may_tidy = True
        await turn.begin(RunStep.ASSESS_BEFORE)
        assessment = await self._assess(refresh=self._are_lists_old(), tries=_TRIES_BEFORE)
        await turn.end(RunStep.ASSESS_BEFORE)
        await turn.begin(RunStep.PLAN)
        ordering = await decide_orders(turn, assessment)
        self._seen.before, self._seen.missing = planned_versions(turn.plan, assessment), ordering.missing
        await turn.end(RunStep.PLAN, {**ordering.as_detail(), "before": plain(self._seen.before)})
        await self._check(assessment)
        return ordering.orders

    async def _check(self, assessment: Assessment) -> None:
        turn = self._turn
        await turn.begin(RunStep.CHECK)
        turn.find(find_remarks(assessment))
        if obstacles := find_obstacles(assessment, turn.plan.simulation):
            await turn.note(RunStep.CHECK, {"obstacles": list(obstacles)})
            raise TurnEnded("; ".join(obstacles))
        await turn.end(RunStep.CHECK, pulse_before=await turn.worker.look())

    def _recall(self) -> tuple[PackageOrder, ...]:
        """What an earlier process found out before it began to install."""
        known = self._turn.ended(RunStep.PLAN) or {}
        ordering = recall_ordering(self._turn.plan, known)
        self._seen.before, self._seen.missing = read_plain(known.get("before", ())), ordering.missing
        return ordering.orders

    async def _restart(self) -> None:
        turn, policy = self._turn, self._turn.context.deployment.reboot.policy
        restart = Restart(turn)
        if not restart.was_begun:
            if turn.is_cancelled or policy is RebootPolicy.NEVER:
                return
            await self._assess_after()
            if not wants_reboot(policy, self._seen.reboot_required):
                return
        elif (known := turn.ended(RunStep.ASSESS_AFTER)) is not None:
            self._seen.recall_after(known)
        try:
            await restart.run()
        except TurnEnded as ended:
            self._is_gone = restart.is_lost
            self._looked_after = self._looked_after and ended.window_exceeded
            raise
        self._looked_after = False

    async def _look_after(self) -> None:
        if not self._is_gone and not self._looked_after and self._seen.was_installing:
            await self._assess_after()

    def _are_lists_old(self) -> bool:
        """Whether the plan was made from lists that were fetched too long ago to install from."""
        made_at = self._turn.plan.assessed_at
        return made_at is None or self._turn.now - made_at > _LISTS_HOLD

    async def _assess_after(self) -> None:
        """What is installed now: once after the installation, and once more after a reboot."""
        turn = self._turn
        known = turn.ended(RunStep.ASSESS_AFTER)
        if known is not None and known.get("rebooted") == turn.record.rebooted:
            self._seen.recall_after(known)
        else:
            await turn.begin(RunStep.ASSESS_AFTER)
            assessment = await self._assess(refresh=False, tries=_TRIES_AFTER)
            detail = self._seen.note_after(turn.plan, assessment)
            await turn.end(RunStep.ASSESS_AFTER, {**detail, "rebooted": turn.record.rebooted})
        self._looked_after = True

    async def _assess(self, *, refresh: bool, tries: int) -> Assessment:
        """An assessment that was answered.

        Raises:
            TurnEnded: the machine answered, and could not be assessed.
            TransportFailed: it did not answer.
        """
        turn, began = self._turn, self._turn.now
        assessment = await assess(turn, refresh=refresh, tries=tries)
        seconds = (turn.now - began).total_seconds()
        turn.record = replace(turn.record, assess_seconds=(turn.record.assess_seconds or 0.0) + seconds)
        if assessment.failure is not None:
            if assessment.failure.kind.means_unreachable or not assessment.was_attempted:
                raise TransportFailed(assessment.failure)
            self._seen.failure = self._seen.failure or assessment.failure
            raise TurnEnded(assessment.failure.describe())
        return assessment

    async def _tidy(self) -> None:
        if self._may_tidy and not self._is_gone:
            error = await run_machine_scripts(self._turn, ScriptStage.POST, self._describe)
            self._seen.error = self._seen.error or error

    async def _finish(self) -> None:
        """Judges the machine, and writes its end down together with letting it go."""
        turn = self._turn
        outcomes, verdict = self._judge()
        turn.record = replace(
            turn.record,
            status=verdict.status,
            step=RunStep.REPORT,
            ended_at=turn.now,
            failure=self._seen.failure,
            error=verdict.error,
            outcomes=outcomes,
        )
        await self._results.keep(turn.machine.id, turn.assessments)
        record, entry = turn.record, turn.context.entry(turn.machine.id, RunStep.REPORT, JournalPhase.BEGIN)

        def finish(book: WorkBook) -> None:
            book.save_machine(record, [entry])
            book.release(record.machine_id, record.run_id)

        await turn.context.ledger.write(finish)
        turn.context.tell(describe_end(turn))

    def _judge(self) -> tuple[tuple[UpdateOutcome, ...], MachineVerdict]:
        """What became of each update and of the machine; a log that cannot be read costs only its excerpts."""
        turn, log = self._turn, b""
        try:
            log = turn.context.folder.read_log(turn.machine.name, self._seen.installed.log_from, _MOST_LOG_READ)
        except OSError as error:
            turn.say(f"Its log cannot be read: {error.strerror}.")
        try:
            return self._seen.judge(turn.plan, log, cancelled=turn.is_cancelled)
        # As `_guard`: one machine's bug is not the run's.
        except Exception as error:  # noqa: BLE001
            log_error("a machine's end broke", error, machine=turn.machine.name)
            self._seen.failure = describe_mistake(error)
            return (), judge_machine((), self._seen.failure)
