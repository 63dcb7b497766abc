"""Making the plan of a run: assess, choose, have each machine's package manager simulate, and put it together.

Two visits to each machine: what the fleet as a whole first saw offered when (for a minimum age) is known once all have
answered. A machine that fails is in the plan with its problem; it never costs the others theirs.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import TypeVar

from collectors.transports.base import TransportFailed
from collectors.windows.simulation import simulate_order
from fleet.answers import Answer
from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.jobs import JobKind, JobOrder
from fleet.deployments.plan import WINDOWS_MANAGER, MachinePlan, Plan, Selection, Simulation
from fleet.deployments.plan_hash import describe_behaviour, hash_plan
from fleet.deployments.plan_warnings import expect_reboot, is_kernel
from fleet.deployments.planning import find_problem, plan_machine
from fleet.deployments.prediction import PastInstall, Prediction, fits, plan_work, predict
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.selection import select, version_key
from fleet.deployments.transactions import Settled, orders_of_selection, settle
from fleet.deployments.zones import find_zone
from fleet.errors import StoreBusy
from fleet.failures import Failure
from fleet.machines import Machine
from ops.assess_commit import new_batch_id, store_batch
from ops.assess_fan_out import fan_out
from ops.assess_limits import Crowd, StartPace, crowd_of, default_starts_per_second
from ops.config import Settings, load_settings
from ops.deployments.context import WorkerMaker
from ops.deployments.past_installs import read_past_installs
from ops.deployments.script_files import hash_scripts
from ops.deployments.targets import Resolved
from ops.home import Home
from ops.logs import log_error
from ops.state.database import opened
from ops.state.versions import VersionBook

_Answer = TypeVar("_Answer")
# A sshd that restarts, a link that hiccups.
_WAIT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class MachinePlanned:
    """The plan of a machine is there; it is the ``done``-th of ``total``. An empty ``problem``: nothing stands against
    it. ``plan`` is all of it.
    """

    machine_name: str
    updates: int
    problem: str
    done: int
    total: int
    plan: MachinePlan | None = None


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """The plan, and why machines could not be asked, by id. ``notes`` are what should be said of it, a line each."""

    plan: Plan
    failures: Mapping[str, Failure]
    notes: tuple[str, ...]


class Planner:
    """Makes the plan of one run. ``stop`` ends it early: what is not asked by then has a problem that says so.

    A machine that does not answer is asked ``tries`` times: one lost connection should not cost it its night.
    """

    def __init__(
        self,
        home: Home,
        deployment: Deployment,
        make_worker: WorkerMaker,
        clock: Callable[[], datetime],
        on_event: Callable[[MachinePlanned], None],
        stop: asyncio.Event | None = None,
        *,
        tries: int = 1,
        settings: Settings | None = None,
    ) -> None:
        self._tries = tries
        self._home = home
        self._deployment = deployment
        self._make_worker = make_worker
        self._clock = clock
        self._on_event = on_event
        self._stop = stop or asyncio.Event()
        self._settings = settings or load_settings(home)
        self._assessed: dict[str, Assessment] = {}
        self._failures: dict[str, Failure] = {}
        self._plans: dict[str, MachinePlan] = {}

    async def make_plan(self, resolved: Resolved) -> FleetPlan:
        """The plan for the machines that targets gave."""
        machines = resolved.machines
        await self._go_over(machines, self._assess)
        notes = [*resolved.notes, *await self._store()]
        history = await asyncio.to_thread(read_past_installs, self._home)
        first_seen = await asyncio.to_thread(self._first_seen)
        waves = {machine.id: number for number, wave in enumerate(resolved.waves) for machine in wave}

        async def plan(machine: Machine) -> None:
            await self._plan(machine, waves[machine.id], first_seen, history)
            made = self._plans[machine.id]
            updates = len(made.selection.chosen)
            self._on_event(MachinePlanned(machine.name, updates, made.problem, len(self._plans), len(machines), made))

        await self._go_over(machines, plan)
        in_order = tuple(self._plans.get(m.id) or _unasked(m, waves[m.id]) for m in machines)
        name = self._deployment.name
        behaviour = describe_behaviour(self._deployment, await asyncio.to_thread(hash_scripts, self._deployment))
        return FleetPlan(
            Plan(name, self._clock(), in_order, hash_plan(name, in_order, behaviour)), self._failures, tuple(notes)
        )

    async def _go_over(self, machines: tuple[Machine, ...], work: Callable[[Machine], Awaitable[None]]) -> None:
        crowd = self._crowd(len(machines))
        await fan_out(machines, work, crowd=crowd, pace=StartPace(default_starts_per_second()), stop=self._stop)

    def _crowd(self, machines: int) -> Crowd:
        return crowd_of(self._settings.assess_concurrency, machines)

    async def _assess(self, machine: Machine) -> None:
        worker = self._make_worker(machine)

        async def ask() -> Assessment:
            answer = await worker.assess(refresh=True)
            if answer.failure is not None and answer.failure.kind.means_unreachable:
                unreachable.append(answer)
                raise TransportFailed(answer.failure)
            return answer

        unreachable: list[Assessment] = []
        try:
            self._assessed[machine.id] = assessment = await self._patiently(ask)
            if assessment.failure is not None:
                self._failures[machine.id] = assessment.failure
        except TransportFailed as error:
            self._failures[machine.id] = error.failure
            if unreachable:
                self._assessed[machine.id] = unreachable[-1]
        finally:
            await worker.close()

    async def _patiently(self, ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        """What ``ask`` gives; asked again where the machine does not answer."""
        for _ in range(self._tries - 1):
            try:
                return await ask()
            except TransportFailed:
                await asyncio.sleep(_WAIT_SECONDS)
        return await ask()

    async def _store(self) -> tuple[str, ...]:
        """Stores all that was answered as one scan; what is to be said of that."""
        assessed = [*self._assessed.values()]
        if not assessed:
            return ()
        try:
            stored = await asyncio.to_thread(store_batch, self._home, new_batch_id(self._clock()), assessed)
        except StoreBusy as error:
            return (str(error),)
        self._assessed = {assessment.machine_id: assessment for assessment in stored}
        return ()

    def _first_seen(self) -> dict[tuple[str, str], datetime]:
        offered = {version_key(update) for each in self._assessed.values() for update in each.updates}
        with opened(self._home.state_file) as connection:
            return {(seen.product, seen.version): seen.seen_at for seen in VersionBook(connection).find(offered)}

    async def _plan(
        self,
        machine: Machine,
        wave: int,
        first_seen: Mapping[tuple[str, str], datetime],
        history: tuple[PastInstall, ...],
    ) -> None:
        try:
            self._plans[machine.id] = await self._plan_one(machine, wave, first_seen, history)
        except TransportFailed as error:
            self._failures[machine.id] = error.failure
            self._plans[machine.id] = MachinePlan(machine.id, machine.name, wave, problem=error.failure.describe())
        # The edge of a machine's task: one machine's bug is not the fleet's.
        except Exception as error:  # noqa: BLE001
            log_error("planning broke", error, machine=machine.name)
            problem = f"Patchdeck itself failed: {type(error).__name__}. The log has the details; please report it."
            self._plans[machine.id] = MachinePlan(machine.id, machine.name, wave, problem=problem)

    async def _plan_one(
        self,
        machine: Machine,
        wave: int,
        first_seen: Mapping[tuple[str, str], datetime],
        history: tuple[PastInstall, ...],
    ) -> MachinePlan:
        assessment = self._assessed.get(machine.id)
        if assessment is None:
            problem = self._failures[machine.id].describe() if machine.id in self._failures else _NOT_ASKED
            return MachinePlan(machine.id, machine.name, wave, problem=problem)
        rules, policy, today = self._deployment.updates, self._deployment.reboot.policy, self._today()
        selection = select(assessment.updates, rules, today=today, now=self._clock(), first_seen=first_seen)
        settled = Settled(selection, Simulation())
        if selection.chosen and policy is not RebootPolicy.ONLY and not find_problem(assessment):
            settled = await self._settle(machine, selection, today, assessment)
        prediction = self._predict(assessment, settled, history)
        return plan_machine(
            machine,
            wave,
            assessment,
            rules,
            settled.selection,
            settled.simulation,
            today=today,
            predicted_seconds=prediction.seconds if prediction else None,
            fits=fits(prediction, self._deployment.window),
            policy=policy,
            hard_stop=self._deployment.window.hard_stop,
        )

    async def _settle(self, machine: Machine, selection: Selection, today: date, assessment: Assessment) -> Settled:
        """The part of ``selection`` whose transaction may be made, by the machine's own simulations."""
        rules = self._deployment.updates
        worker = self._make_worker(machine)
        is_windows = assessment.facts.package_manager == WINDOWS_MANAGER
        asking = settle(selection, rules, today=today, in_parts=not is_windows)
        try:
            wanted = next(asking)
            while True:
                order = JobOrder(
                    "simulation",
                    JobKind.INSTALL,
                    orders_of_selection(wanted),
                    start_within_seconds=0,
                    end_within_seconds=None,
                    allow_new_packages=rules.allow_new_packages,
                    allow_removals=rules.allow_removals,
                    accept_licences=rules.accept_licences,
                )
                if is_windows:  # it resolves nothing, so that its search a moment ago has all there is to know
                    wanted = asking.send(simulate_order(order, assessment))
                else:
                    wanted = asking.send(await self._patiently(partial(worker.simulate, order)))
        except StopIteration as end:
            settled: Settled = end.value
            return settled
        finally:
            await worker.close()

    def _predict(self, assessment: Assessment, settled: Settled, history: tuple[PastInstall, ...]) -> Prediction | None:
        policy, simulation = self._deployment.reboot.policy, settled.simulation
        is_required = expect_reboot(assessment.facts, simulation, settled.selection.chosen) is Answer.YES
        reboots = policy in (RebootPolicy.ALWAYS, RebootPolicy.ONLY) or (
            policy is RebootPolicy.IF_REQUIRED and is_required
        )
        kernel = any(is_kernel(change.name) for change in simulation.changes)
        work = plan_work(simulation.changes, simulation.download_bytes, kernel=kernel, reboots=reboots)
        return predict(history, work, assessment.machine_id, assessment.facts.package_manager or "")

    def _today(self) -> date:
        schedule = self._deployment.schedule
        return self._clock().astimezone(find_zone(schedule.time_zone) if schedule else UTC).date()


_NOT_ASKED = "It was not asked: planning was stopped before."


def _unasked(machine: Machine, wave: int) -> MachinePlan:
    return MachinePlan(machine.id, machine.name, wave, problem=_NOT_ASKED)
