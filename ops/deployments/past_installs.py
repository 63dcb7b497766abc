"""What the fleet's own runs took, for predictions: read from the machines of the last runs."""

from collections.abc import Iterator, Sequence

from fleet.deployments.plan import MachinePlan
from fleet.deployments.plan_warnings import is_kernel
from fleet.deployments.prediction import PastInstall
from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus, RunStatus
from ops.home import Home
from ops.state.database import opened
from ops.state.runs import RunBook

# A machine is patched weekly or so; older installations say little of the mirrors and disks of today.
_RUNS_READ = 60


def read_past_installs(home: Home) -> tuple[PastInstall, ...]:
    """The installations of the last runs that succeeded, oldest first. Blocking; for a thread."""
    past: list[PastInstall] = []
    with opened(home.state_file) as connection:
        book = RunBook(connection)
        over = [status for status in RunStatus if status.is_over]
        for run in reversed(book.list(statuses=over, limit=_RUNS_READ)):
            plan = book.plan_of(run.id)
            plans = {each.machine_id: each for each in plan.machines} if plan else {}
            past += _of_run(plans, book.machines(run.id))
    return tuple(past)


def _of_run(plans: dict[str, MachinePlan], machines: Sequence[MachineRun]) -> Iterator[PastInstall]:
    for machine in machines:
        plan = plans.get(machine.machine_id)
        if plan is None or machine.install_seconds is None or machine.status is not MachineRunStatus.SUCCEEDED:
            continue
        installed = [each for each in machine.outcomes if each.status is InstallationStatus.SUCCEEDED]
        yield PastInstall(
            machine.machine_id,
            plan.package_manager,
            max(len(installed), len(plan.simulation.changes)),
            machine.install_seconds,
            plan.simulation.download_bytes,
            machine.reboot_seconds if machine.rebooted else None,
            any(is_kernel(change.name) for change in plan.simulation.changes),
        )
