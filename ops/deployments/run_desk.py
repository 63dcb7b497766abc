"""The run as a whole while it is worked on: its document, its machines, and what is asked of it meanwhile."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from fleet.deployments.runs import MachineRun, Run, RunStatus, RunStep
from fleet.deployments.window import seconds_left_to_start
from fleet.errors import HomeUnusable, StoreBusy
from fleet.hostile import clean
from fleet.messages import Message
from fleet.run_messages import ended_message, started_message
from ops.deployments.context import RunContext
from ops.deployments.events import RunCancelled, RunNote, RunPaused, RunResumed
from ops.logs import log_error
from ops.state.outbox import Outbox
from ops.state.runs import JournalPhase, RunAction, RunRequest
from ops.state.work_book import WorkBook

POLL_SECONDS = 1.0


class RunDesk:
    """Holds ``run``. ``changed`` is set whenever something may be begun that could not before, or no more.

    ``halted_by`` says why no machine is begun any more, empty while they are. ``is_finishing``: the run is judged, and
    what is asked of it now comes too late. ``cancelled_by`` is who cancelled it and why, empty if nobody did.
    """

    def __init__(self, context: RunContext, run: Run) -> None:
        self.context = context
        self.run = run
        self.changed = asyncio.Event()
        self.halted_by = ""
        self.is_finishing = False
        self.cancelled_by = ""
        self.records: dict[str, MachineRun] = {}

    @property
    def is_paused(self) -> bool:
        """Whether no machine is to be begun for now."""
        return self.run.status is RunStatus.PAUSED

    @property
    def has_time(self) -> bool:
        """Whether the window still lets installations start."""
        window = self.context.deployment.window
        return seconds_left_to_start(window, self.context.opens_at, self.context.clock()) > 0

    @property
    def may_begin(self) -> bool:
        """Whether machines may be begun now."""
        return not self.is_halted and not self.is_paused

    @property
    def is_halted(self) -> bool:
        """Whether no machine is begun any more in this run."""
        return bool(self.halted_by) or self.context.is_cancelled.is_set() or not self.has_time

    async def save(self, **changes: Any) -> None:
        """Keep the run with ``changes``. Any: values of fields of `Run`."""
        self.run = run = replace(self.run, **changes)
        await self.context.ledger.write(lambda book: book.save(run))

    async def begin(self, status: RunStatus) -> None:
        """Keep that the run begins now, as ``status``, and have its channels told."""
        now = self.context.clock()
        self.run = run = replace(self.run, status=status, started_at=now)
        message = started_message(run, len(self.records) or None, now)

        def keep(book: WorkBook) -> None:
            book.save(run)
            _tell(book, run, message)

        await self.context.ledger.write(keep)

    async def close(self, over: Run) -> None:
        """Keep the run as it ended, let go whatever machine it still has, and have its channels told."""
        self.run = over
        message = ended_message(over, [*self.records.values()], self.context.clock())

        def keep(book: WorkBook) -> None:
            book.save(over)
            book.release_all(over.id)
            _tell(book, over, message)

        await self.context.ledger.write(keep)

    async def write(self, step: RunStep, phase: JournalPhase, detail: Mapping[str, object] | None = None) -> None:
        """Write a line of the journal of the whole run."""
        entry = self.context.entry("", step, phase, detail)
        await self.context.ledger.write(lambda book: book.add_entries([entry]))

    def say(self, text: str) -> None:
        """Tell whoever watches."""
        self.context.tell(RunNote(self.context.clock(), text))

    async def wait_while_paused(self) -> None:
        """Returns once the run is not paused, or has no time left."""
        while self.is_paused and not self.is_halted:
            await self.wait_for_change(30.0)

    async def wait_for_change(self, seconds: float) -> None:
        """Returns when something has changed, or after ``seconds``."""
        try:
            async with asyncio.timeout(seconds):
                await self.changed.wait()
        except TimeoutError:
            return
        self.changed.clear()

    async def watch(self) -> None:
        """Does what is asked of the run, as it is asked; never returns."""
        while True:
            for request in await self._requests():
                await self._do(request)
            await asyncio.sleep(POLL_SECONDS)

    async def _requests(self) -> Sequence[RunRequest]:
        run_id = self.run.id
        try:
            return await self.context.ledger.read(lambda book: book.open_requests(run_id))
        except (HomeUnusable, StoreBusy) as error:
            log_error("requests not read", error, run=run_id)
            return ()

    def note_cancelled(self, user: str, reason: str) -> None:
        """Nothing more is begun: ``user`` cancelled the run."""
        self.cancelled_by = _who(user, reason)
        self.context.is_cancelled.set()

    async def _do(self, request: RunRequest) -> None:
        action, requester = request.action, request.requester
        hindrance = self._find_hindrance(action)
        if hindrance or self._is_so(action):
            if hindrance:
                self.say(f"It is too late to {action.value}: {hindrance}.")
            await self.context.ledger.write(lambda book: book.settle(request.id))
            return
        event = self._take(request)
        detail = {"asked": action.value, "by": requester.user, "reason": requester.reason}
        run, entry = self.run, self.context.entry("", RunStep.WAVE, JournalPhase.NOTE, detail)

        def settle(book: WorkBook) -> None:
            book.save(run, [entry])
            book.settle(request.id)

        await self.context.ledger.write(settle)
        self.context.tell(event)
        self.changed.set()

    def _find_hindrance(self, action: RunAction) -> str:
        if self.is_finishing:
            return "the run is at its end"
        is_cancelled = self.context.is_cancelled.is_set() and action is not RunAction.CANCEL
        return "the run is cancelled" if is_cancelled else ""

    def _is_so(self, action: RunAction) -> bool:
        match action:
            case RunAction.CANCEL:
                return self.context.is_cancelled.is_set()
            case RunAction.PAUSE:
                return self.is_paused
            case RunAction.RESUME:
                return not self.is_paused

    def _take(self, request: RunRequest) -> RunCancelled | RunPaused | RunResumed:
        """Has the run be as it is asked to be; the event that tells so. What keeps an open run back is its note."""
        now, user, reason = self.context.clock(), request.requester.user, request.requester.reason
        match request.action:
            case RunAction.CANCEL:
                self.note_cancelled(user, reason)
                status = RunStatus.IN_PROGRESS if self.is_paused else self.run.status
                self.run = replace(self.run, status=status, note=f"being cancelled by {self.cancelled_by}")
                return RunCancelled(now, user, reason)
            case RunAction.PAUSE:
                self.run = replace(self.run, status=RunStatus.PAUSED, note=f"paused by {_who(user, reason)}")
                return RunPaused(now, user, reason)
            case RunAction.RESUME:
                self.run = replace(self.run, status=self._status_of_now(), note="")
                return RunResumed(now, user, reason)

    def _status_of_now(self) -> RunStatus:
        return RunStatus.IN_PROGRESS if self.run.started_at is not None else RunStatus.WAITING


def _who(user: str, reason: str) -> str:
    return clean(f"{user}: {reason}" if reason else user, 500)


def _tell(book: WorkBook, run: Run, message: Message) -> None:
    """With what it tells of, or not at all."""
    Outbox(book.connection).post(message, run.deployment.channels)
