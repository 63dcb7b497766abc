"""The results of a run: what machines gave is laid down in the run's folder, and stored in the tables many at a time.

Each machine's rows and assessments are stored once, whatever crashes between: rows by their key (`ops.store.run_rows`),
assessments by machine and time.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from fleet.assessments import Assessment
from fleet.deployments.plan import Plan
from fleet.deployments.run_records import deployment_run_row, machine_run_row, progress_rows
from fleet.deployments.runs import MachineRun, Run, RunStep
from fleet.errors import HomeUnusable, PatchdeckError, StoreBusy
from fleet.facts import MachineFacts
from fleet.records import Row
from fleet.tables import DEPLOYMENT_RUN, MACHINE_RUN, UPDATE_RUN_PROGRESS
from ops.assess_commit import store_batch
from ops.deployments.context import RunContext
from ops.deployments.events import RunNote
from ops.logs import log_error
from ops.state.database import opened
from ops.state.runs import JournalEntry, JournalPhase, RunBook
from ops.state.statuses import StatusBook
from ops.store import Batch, TableStore
from ops.store.batch_text import read_batch, write_batch
from ops.store.run_rows import RunRows, RunRowStore

# A commit costs as much as some hundred machines' rows, and who looks at the tables waits for these seconds at most.
GATHER_SECONDS = 30.0
_MOST_AT_ONCE = 250
_RETRY_SECONDS = 15.0
_PREFIX = ".results-"


@dataclass(frozen=True, slots=True)
class _Load:
    """What goes into the tables together."""

    machines: tuple[MachineRun, ...]
    files: tuple[Path, ...]


class Results:
    """Gathers and stores the results of one run. ``plan`` is given once it is frozen."""

    def __init__(self, context: RunContext, on_step: Callable[[str], None], *, is_resumed: bool) -> None:
        self.plan: Plan | None = None
        self._context = context
        self._on_step = on_step
        self._waiting: list[MachineRun] = []
        self._something = asyncio.Event()
        self._may_be_stored = is_resumed
        self._number = 0

    async def keep(self, machine_id: str, assessments: Sequence[Assessment]) -> None:
        """Lay the assessments of a machine that is about to be over safely down; waits for room on the disk."""
        if not assessments:
            return
        batch = Batch(f"{self._context.run_id}-{machine_id}", tuple(assessments))
        path = self._context.folder.path / f"{_PREFIX}{machine_id}"
        content = await asyncio.to_thread(lambda: "".join(write_batch(batch)).encode("ascii"))
        while True:
            try:
                await asyncio.to_thread(self._context.folder.write_whole, path, content)
                return
            except OSError as error:
                self._tell(f"Results cannot be kept, the run waits: {error.strerror}.")
            await asyncio.sleep(_RETRY_SECONDS)

    def add(self, machine: MachineRun) -> None:
        """A machine is over: its rows are stored with those of others."""
        self._waiting.append(machine)
        self._something.set()

    async def store_as_they_come(self, run_of: Callable[[], Run]) -> None:
        """Stores what is added, some of it together; never returns."""
        while True:
            await self._something.wait()
            self._something.clear()
            if len(self._waiting) < _MOST_AT_ONCE:
                await asyncio.sleep(GATHER_SECONDS)
            await self.store(run_of())

    async def store(self, run: Run, last: Sequence[MachineRun] | None = None) -> None:
        """Stores all that was added; with ``last``, all machines of the run, that of the run itself, which is over.

        Tries until it can be stored.
        """
        while self._waiting or last is not None:
            load = self._take()
            while not await self._try_to_store(run, load, last):  # noqa: ASYNC110 - no event tells of room on a disk
                await asyncio.sleep(_RETRY_SECONDS)
            entries = [
                self._context.entry(machine.machine_id, RunStep.REPORT, JournalPhase.END) for machine in load.machines
            ]
            await self._context.ledger.write(partial(_add, entries=entries))
            last = None

    def _take(self) -> _Load:
        machines, self._waiting = tuple(self._waiting[:_MOST_AT_ONCE]), self._waiting[_MOST_AT_ONCE:]
        files = (self._context.folder.path / f"{_PREFIX}{machine.machine_id}" for machine in machines)
        return _Load(machines, tuple(files))

    async def _try_to_store(self, run: Run, load: _Load, last: Sequence[MachineRun] | None) -> bool:
        try:
            await asyncio.to_thread(self._store, run, load, last)
        except (HomeUnusable, StoreBusy, OSError) as error:
            self._may_be_stored = True
            self._tell(f"Results cannot be stored yet: {error}")
            return False
        return True

    def _store(self, run: Run, load: _Load, last: Sequence[MachineRun] | None) -> None:
        home, now = self._context.home, self._context.clock()
        self._store_assessments(load)
        facts = self._facts(load)
        plans = {plan.machine_id: plan for plan in self.plan.machines} if self.plan else {}
        machine_rows: list[Row] = []
        progress: list[Row] = []
        for machine in load.machines:
            about = run, machine, plans.get(machine.machine_id), facts.get(machine.machine_id, MachineFacts()), now
            machine_rows.append(machine_run_row(*about))
            progress += progress_rows(*about)
        rows = {MACHINE_RUN.name: machine_rows, UPDATE_RUN_PROGRESS.name: progress}
        if last is not None:
            rows[DEPLOYMENT_RUN.name] = [deployment_run_row(run, last, now)]
        self._number += 1
        batch = RunRows(f"{run.id}-{now:%Y%m%dT%H%M%S}-{self._number}", rows)
        RunRowStore(home, self._on_step).commit(batch, wait_seconds=self._context.settings.store_wait_seconds)
        for file in load.files:
            file.unlink(missing_ok=True)
        self._on_step("results stored")

    def _store_assessments(self, load: _Load) -> None:
        home = self._context.home
        assessments: list[Assessment] = []
        for file in load.files:
            if file.exists():
                with file.open("rb") as lines:
                    assessments += read_batch(lines).assessments
        if assessments and self._may_be_stored:
            from ops.deployments.stored_assessments import without_stored

            TableStore(home).replay()
            assessments = without_stored(home, assessments)
        if not assessments:
            return
        self._number += 1
        batch_id = f"{self._context.run_id}-{self._context.clock():%Y%m%dT%H%M%S}-{self._number}"
        try:
            store_batch(home, batch_id, assessments)
        except (HomeUnusable, StoreBusy):
            raise
        except PatchdeckError as error:  # it was set aside, and the log says where
            log_error("assessments of a run not stored", error, run=self._context.run_id)
        self._on_step("assessments stored")

    def _facts(self, load: _Load) -> dict[str, MachineFacts]:
        wanted = {machine.machine_id for machine in load.machines}
        with opened(self._context.home.state_file) as connection:
            statuses = StatusBook(connection).list_statuses()
        answers = {status.machine.id: status.last_answer for status in statuses if status.machine.id in wanted}
        return {machine_id: answer.facts for machine_id, answer in answers.items() if answer}

    def _tell(self, text: str) -> None:
        self._context.tell(RunNote(self._context.clock(), text))


def _add(book: RunBook, entries: Sequence[JournalEntry]) -> None:
    book.add_entries(entries)
