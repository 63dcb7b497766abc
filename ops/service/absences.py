"""The duty of machines that were off at their start: a run of their own when they answer, within the policy's hours."""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from collectors.transports.base import TransportFailed
from fleet.deployments.runs import Requester
from fleet.errors import BadInput, PatchdeckError
from fleet.machines import Machine
from fleet.name_lists import some_of
from ops.assess import options_of
from ops.assess_fan_out import fan_out
from ops.assess_limits import StartPace, crowd_of, default_starts_per_second
from ops.config import Settings
from ops.credentials.finding import HomeSecrets
from ops.deployments.new_runs import new_run
from ops.deployments.overview import blackouts_of
from ops.deployments.reaching import reached_machines
from ops.home import Home
from ops.logs import log_error, log_event
from ops.scope import ScopeGuard
from ops.service.absent_machines import Absence, find_absences
from ops.service.doing import Activity, Trouble
from ops.service.duty import Look, Post
from ops.service.starts import SCHEDULE
from ops.state.database import opened, transaction
from ops.state.lease import LeaseBook
from ops.state.runs import RunBook

_ASK_EVERY = timedelta(minutes=5)

Find = Callable[[Home, Sequence[Machine], Settings], Awaitable[frozenset[str]]]


async def find_answering(home: Home, machines: Sequence[Machine], settings: Settings) -> frozenset[str]:
    """The ids of those of ``machines`` that answer now."""
    answering: set[str] = set()
    options = replace(options_of(settings), secrets=HomeSecrets(home))
    async with reached_machines(home, options) as make_worker:

        async def ask(machine: Machine) -> None:
            worker = make_worker(machine)
            try:
                await worker.look()
                answering.add(machine.id)
            except TransportFailed as error:
                log_event("still off", machine=machine.name, failure=error.failure.kind)
            finally:
                await worker.close()

        crowd = crowd_of(settings.assess_concurrency, len(machines))
        await fan_out(machines, ask, crowd=crowd, pace=StartPace(default_starts_per_second()), stop=asyncio.Event())
    return frozenset(answering)


class AbsencesDuty:
    """Makes runs for machines that were off. ``find`` says which of some machines answer."""

    name = "absences"

    def __init__(self, post: Post, find: Find = find_answering) -> None:
        self._post = post
        self._find = find
        self._requester = Requester(user=SCHEDULE, command=f"the service on {socket.gethostname()}")
        self._task: asyncio.Task[None] | None = None
        self._activity: Activity | None = None
        self._asked_at: datetime | None = None
        self._since: datetime | None = None
        self._error = ""

    async def attend(self, look: Look) -> datetime | None:
        """See `Duty`: asks machines that were off whether they answer, every few minutes."""
        if self._task is not None and not self._task.done():
            return None  # its end asks for a look
        if look.since != self._since:  # the clock was set: what was reckoned does not hold
            self._since, self._asked_at = look.since, None
        absences = await asyncio.to_thread(self._read, look.now)
        if not absences:
            return None
        if self._asked_at is not None and look.now < self._asked_at + _ASK_EVERY:
            return self._asked_at + _ASK_EVERY
        self._asked_at = look.now
        self._task = asyncio.create_task(self._make_up(absences, look))
        return None

    def activities(self) -> Sequence[Activity]:
        """The machines that are asked now."""
        return () if self._activity is None else (self._activity,)

    def troubles(self) -> Sequence[Trouble]:
        """Why machines could not be asked."""
        return [Trouble(self.name, self._error)] if self._error else []

    async def end(self) -> None:
        """See `Duty`: the next service asks again."""
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task})

    def _read(self, now: datetime) -> list[Absence]:
        with opened(self._post.home.state_file) as connection:
            found = find_absences(connection, now)
        if not found:
            return []
        with ScopeGuard(self._post.home) as guard:
            inside = [replace(absence, machines=guard.sift(absence.machines).inside) for absence in found]
        return [absence for absence in inside if absence.machines]

    async def _make_up(self, absences: Sequence[Absence], look: Look) -> None:
        try:
            self._error = ""
            for absence in absences:
                if not self._is_blacked_out(absence, look.now):
                    await self._ask(absence, look)
        # The edge of the task: what broke it is told, and tried again.
        except Exception as error:  # noqa: BLE001
            log_error("machines that were off could not be asked", error)
            self._error = str(error) if isinstance(error, PatchdeckError) else f"{type(error).__name__}: {error}"
        finally:
            self._activity = None
            self._post.look_again()

    async def _ask(self, absence: Absence, look: Look) -> None:
        names = some_of([machine.name for machine in absence.machines])
        text = f"asks whether {names} answer, which were off in run {absence.run.id}"
        self._activity = Activity(self.name, text, look.now)
        answering = await self._find(self._post.home, absence.machines, look.settings)
        back = [machine for machine in absence.machines if machine.id in answering]
        if back:
            await asyncio.to_thread(self._make_run, absence, back)

    def _make_run(self, absence: Absence, back: Sequence[Machine]) -> None:
        """A run of the same deployment for ``back``, unless something has changed meanwhile."""
        now, ids = self._post.clock(), {machine.id for machine in back}
        with opened(self._post.home.state_file) as connection, transaction(connection):
            still = [each for each in find_absences(connection, now) if each.run.id == absence.run.id]
            machines = [machine for each in still for machine in each.machines if machine.id in ids]
            if not machines or not LeaseBook(connection).is_held_by(self._post.token):
                return
            deployment = replace(
                absence.run.deployment, targets=tuple(machine.name for machine in machines), predownload_minutes=0
            )
            requester = replace(self._requester, reason=f"off in run {absence.run.id}")
            run = new_run(deployment, now, requester, "", lambda: now, absence.run.id, absence.run.edition)
            RunBook(connection, lambda: now).make(run)
        log_event(
            "run made for machines that were off", run=run.id, makes_up_for=absence.run.id, machines=len(machines)
        )

    def _is_blacked_out(self, absence: Absence, now: datetime) -> bool:
        try:
            blackouts = blackouts_of(absence.run.deployment)
        except BadInput as error:
            self._error = f"{absence.run.deployment.name}: {error}"
            return True
        return any(each.starts_at <= now < each.ends_at for each in blackouts)
