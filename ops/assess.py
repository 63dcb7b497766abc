"""Assessing many machines: a bounded fan-out, events while it runs, one stored batch at the end.

A machine's failure is its result; nothing that happens on one machine stops the scan or loses another's answer.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from collectors.secrets import NoSecrets, SecretSource
from fleet.assessments import Assessment
from fleet.errors import NotPermitted
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.roles import Role
from fleet.scope import Outside
from ops.assess_commit import load_store, new_batch_id, store_batch
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.assess_limits import collect_seldom, worker_count
from ops.assess_reaching import reach_machines
from ops.assess_ways import remembered_ways
from ops.config import Settings
from ops.evidence import Evidence, remove_old_evidence
from ops.home import Home
from ops.logs import log_event
from ops.permission import require_writable
from ops.roles import standing_of
from ops.scope import sift
from ops.state.audit import Actor, Audit, utc_now
from ops.state.database import opened

_NAMES_NOTED = 10


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """How a scan is done. ``concurrency`` None: as much as this machine's cores and open files allow.

    ``workers`` is how many processes reach the machines; None: more than one where there are cores and machines enough.
    ``is_prompted``: the secrets were asked for, and are this process's alone. ``windows_deadline_seconds`` is the
    deadline of Windows machines, None: as of others.
    """

    deadline_seconds: float = 120.0
    concurrency: int | None = None
    workers: int | None = None
    max_output_bytes: int = 32 * 1024 * 1024
    refresh: bool = False
    secrets: SecretSource = field(default_factory=NoSecrets)
    is_prompted: bool = False
    windows_deadline_seconds: float | None = None


def options_of(settings: Settings) -> FleetOptions:
    """The options that the settings of a home ask for."""
    return FleetOptions(
        deadline_seconds=settings.assess_deadline_seconds,
        windows_deadline_seconds=settings.assess_windows_deadline_seconds,
        concurrency=settings.assess_concurrency,
        workers=settings.assess_workers,
        max_output_bytes=settings.assess_max_output_mib * 1024 * 1024,
    )


def is_served(home: Home, options: FleetOptions) -> bool:
    """Whether the service of ``home`` does for this user what reaches machines.

    Raises:
        NotPermitted: it would have to, and cannot with secrets that were asked for here.
    """
    standing = standing_of(home)
    if not standing.is_served or not options.is_prompted:
        return standing.is_served
    if standing.role < Role.ADMIN:
        raise NotPermitted(
            f"A password that is asked for here does not go to the service of {home.path}: leave it out."
        )
    return False


@dataclass(frozen=True, slots=True)
class BatchResult:
    """What a scan gave: an assessment of each machine that was reached or failed, in the order they came in.

    ``disabled`` were asked for and skipped; ``outside`` the scope they were left out, for ``scope_problems`` too,
    groups that cannot be evaluated. ``not_assessed`` were not begun or not finished when the scan was stopped.
    ``evidence`` are the files with raw output that could not be read.
    """

    batch_id: str
    started_at: datetime
    ended_at: datetime
    # asyncio describes the result of its main task twice a run (signal.signal does), which took seconds.
    assessments: tuple[Assessment, ...] = field(repr=False)
    disabled: tuple[Machine, ...] = ()
    not_assessed: tuple[Machine, ...] = ()
    evidence: tuple[str, ...] = ()
    outside: tuple[Outside, ...] = ()
    scope_problems: tuple[str, ...] = ()

    @property
    def failed(self) -> tuple[Assessment, ...]:
        """The assessments that failed."""
        return tuple(assessment for assessment in self.assessments if assessment.failure)


async def assess_fleet(
    home: Home,
    machines: Sequence[Machine],
    options: FleetOptions,
    on_event: Callable[[AssessEvent], None],
    *,
    stop: asyncio.Event | None = None,
    clock: Callable[[], datetime] = utc_now,
    asked: bool = False,
) -> BatchResult:
    """Assesses ``machines`` and stores what came in as one batch; those disabled or outside the scope are skipped.

    Setting ``stop``, or cancelling the task, begins no machine any more and cancels those in work; what has come in is
    stored all the same. After ``stop`` the result says what was not assessed; a cancelled task raises as usual.
    ``on_event`` is called in the event loop's thread and must not block. ``asked``: whoever runs this process wants it,
    and the audit says so.

    In a shared home that is another's, its service does all that, and has the keys; see `ops.service.asking`.

    Raises:
        PatchdeckError: the home or the store cannot be used; no machine's failure does.
    """
    if is_served(home, options):
        from ops.service.asking import ask_assessment

        return await ask_assessment(home, machines, options, on_event, stop or asyncio.Event())
    require_writable(home.path, "reach machines")
    collect_seldom()
    sifted = await asyncio.to_thread(sift, home, [machine for machine in machines if machine.enabled])
    wanted = sifted.inside
    if asked and wanted:
        await asyncio.to_thread(note_assessment, home, wanted)
    scan = _Scan(home, options, on_event, clock, len(wanted))
    try:
        await scan.run(wanted, stop or asyncio.Event())
    finally:
        await _undisturbed(scan.commit())
    finished = {assessment.machine_id for assessment in scan.assessments}
    return BatchResult(
        batch_id=scan.batch_id,
        started_at=scan.started_at,
        ended_at=clock(),
        assessments=tuple(scan.assessments),
        disabled=tuple(machine for machine in machines if not machine.enabled),
        not_assessed=tuple(machine for machine in wanted if machine.id not in finished),
        evidence=tuple(str(path) for path in scan.evidence.written),
        outside=sifted.outside,
        scope_problems=sifted.problems,
    )


def note_assessment(home: Home, machines: Sequence[Machine], actor: Actor | None = None) -> None:
    """Writes into the audit that somebody wants ``machines`` assessed: ``actor``, or whoever runs this process."""
    names = some_of((machine.name for machine in machines), _NAMES_NOTED)
    with opened(home.state_file) as connection:
        Audit(connection, actor).record("machines.assess", names, None, json.dumps({"machines": len(machines)}))


async def _undisturbed(work: Coroutine[None, None, None]) -> None:
    """Finishes ``work`` even when cancelled meanwhile; raises the cancellation afterwards."""
    task = asyncio.create_task(work)
    try:
        await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        task.result()
        raise


class _Scan:
    """One scan while it runs: what has come in, and how it is stored."""

    def __init__(
        self,
        home: Home,
        options: FleetOptions,
        on_event: Callable[[AssessEvent], None],
        clock: Callable[[], datetime],
        total: int,
    ) -> None:
        self.started_at = clock()
        self.batch_id = new_batch_id(self.started_at)
        self.assessments: list[Assessment] = []
        self.evidence = Evidence(home.runs_dir, self.batch_id)
        self._home = home
        self._options = options
        self._on_event = on_event
        self._clock = clock
        self._total = total

    async def run(self, machines: Sequence[Machine], stop: asyncio.Event) -> None:
        """Assesses ``machines``; each answer is in ``assessments`` as soon as it has come."""
        if not machines:
            return
        loading = asyncio.create_task(asyncio.to_thread(load_store))
        try:
            await self._reach(machines, stop)
        finally:
            loading.cancel()

    async def _reach(self, machines: Sequence[Machine], stop: asyncio.Event) -> None:
        workers = worker_count(self._options.workers, self._options.concurrency, len(machines))
        if workers > 1 and self._clock is utc_now:  # another clock lives in this process
            await self._run_in_processes(machines, workers, stop)
        else:
            await self._run_here(machines, stop)

    async def _run_here(self, machines: Sequence[Machine], stop: asyncio.Event) -> None:
        from collectors.assess import AssessOptions

        options = AssessOptions(
            deadline_seconds=self._options.deadline_seconds,
            max_output_bytes=self._options.max_output_bytes,
            refresh=self._options.refresh,
            secrets=self._options.secrets,
            evidence=self.evidence.keep,
            windows_deadline_seconds=self._options.windows_deadline_seconds,
            search_ways=await asyncio.to_thread(remembered_ways, self._home, machines),
        )
        await reach_machines(
            self._home,
            machines,
            options,
            concurrency=self._options.concurrency,
            on_begun=self._begin,
            on_done=self._finish,
            stop=stop,
            clock=self._clock,
        )

    async def _run_in_processes(self, machines: Sequence[Machine], workers: int, stop: asyncio.Event) -> None:
        from ops.workers.messages import Share
        from ops.workers.shares import reach_in_processes

        share = Share(
            self._home.path,
            self.batch_id,
            tuple(machines),
            self._options.concurrency,
            self._options.deadline_seconds,
            self._options.max_output_bytes,
            self._options.refresh,
            workers,
            await asyncio.to_thread(remembered_ways, self._home, machines),
            self._options.windows_deadline_seconds,
        )
        await reach_in_processes(
            share,
            self._options.secrets,
            on_begun=self._begin,
            on_done=self._finish,
            on_kept=self.evidence.written.extend,
            stop=stop,
        )

    async def commit(self) -> None:
        """Stores what has come in, in a thread; nothing if nothing has."""
        if not self.assessments:
            return
        self.assessments = await asyncio.to_thread(store_batch, self._home, self.batch_id, self.assessments)
        await asyncio.to_thread(remove_old_evidence, self._home.runs_dir)
        self._on_event(BatchCommitted(self.batch_id, len(self.assessments)))

    def _begin(self, machine: Machine) -> None:
        self._on_event(MachineStarted(machine))

    def _finish(self, machine: Machine, assessment: Assessment) -> None:
        self.assessments.append(assessment)
        log_event(
            "machine assessed",
            batch=self.batch_id,
            machine=machine.name,
            outcome=assessment.outcome,
            updates=len(assessment.updates),
            failure=assessment.failure.describe() if assessment.failure else "",
        )
        self._on_event(MachineFinished(machine, assessment, len(self.assessments), self._total))
