"""What a run does on one machine, step by step; each is written down before and after.

    claim, rounds of installing (see `ops.deployments.machine_rounds`), scripts after, report

A process that takes a machine up in the middle goes on behind the last step that changed something there. What was
begun and not ended is looked at on the machine first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Protocol

from collectors.transports.base import TransportFailed
from fleet.assessments import Assessment
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStep
from fleet.deployments.scripts import ScriptStage
from ops.deployments.forgetting import forget_jobs
from ops.deployments.job_keeper import JobLost
from ops.deployments.judging import judge_turn
from ops.deployments.machine_install import NotStarted
from ops.deployments.machine_rounds import MachineRounds
from ops.deployments.machine_scripts import Describe, run_machine_scripts
from ops.deployments.sightings import Sightings
from ops.deployments.turn import Turn, TurnEnded
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
        self._was_downloaded = turn.context.deployment.predownload_minutes > 0
        self._seen = Sightings({})
        self._rounds = MachineRounds(turn, self._seen, describe)

    async def run(self) -> MachineRun:
        """The machine's record once it is over."""
        try:
            if await self._claim():
                await self._guard(self._rounds.work)
                await self._guard(self._rounds.look_after)
                await self._guard(self._tidy)
            await self._finish()
            if not self._rounds.is_gone:
                await forget_jobs(self._turn.worker, self._turn.record, downloaded=self._was_downloaded)
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
            seen.was_installing, self._rounds.is_gone = False, refused.failure.kind.means_unreachable
            seen.note_failure(refused.failure)
        except (TransportFailed, JobLost) as error:
            self._rounds.is_gone = True
            seen.note_failure(error.failure)
        # The edge of a machine's task: one machine's bug is not the run's.
        except Exception as error:  # noqa: BLE001
            log_error("a machine's turn broke", error, machine=self._turn.machine.name)
            self._rounds.is_gone = True
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

    async def _tidy(self) -> None:
        if self._rounds.may_tidy and not self._rounds.is_gone:
            error = await run_machine_scripts(self._turn, ScriptStage.POST, self._describe)
            self._seen.error = self._seen.error or error

    async def _finish(self) -> None:
        """Judges the machine, and writes its end down together with letting it go."""
        turn = self._turn
        outcomes, verdict = judge_turn(turn, self._seen)
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
