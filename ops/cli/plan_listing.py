"""A plan as rows: a row for each machine, with everything that would be done there."""

from fleet.deployments.plan import MachinePlan, Plan
from ops.cli.listing import Column, Listing

_COLUMNS = (
    Column("machine", "Machine"),
    Column("wave", "Wave"),
    Column("package_manager"),
    Column("changes"),
    Column("left_out"),
    Column("kept"),
    Column("download_bytes"),
    Column("disk_bytes"),
    Column("reboot_expected"),
    Column("services_to_restart"),
    Column("predicted_seconds"),
    Column("fits"),
    Column("warnings"),
    Column("problem"),
    Column("assessed_at"),
    Column("plan_hash"),
    Column("machine_id"),
    Column("obstacles"),
)


def list_plan(plan: Plan) -> Listing:
    """A row for each machine, in the order of the waves; waves count from 1."""
    return Listing(_COLUMNS, [_row(machine, plan.hash) for machine in plan.machines])


def _row(machine: MachinePlan, plan_hash: str) -> tuple[object, ...]:
    simulation = machine.simulation
    return (
        machine.machine_name,
        machine.wave + 1,
        machine.package_manager,
        simulation.changes,
        [
            {
                "name": each.update.name,
                "architecture": each.update.architecture,
                "offered_version": each.update.offered_version,
                "classification": each.update.classification,
                "reason": each.reason,
                "detail": each.detail,
            }
            for each in machine.selection.left_out
        ],
        simulation.kept,
        simulation.download_bytes,
        simulation.disk_bytes,
        machine.reboot_expected,
        machine.services_to_restart,
        machine.predicted_seconds,
        machine.fits,
        machine.warnings,
        machine.problem or simulation.problem,
        machine.assessed_at,
        plan_hash,
        machine.machine_id,
        machine.obstacles,
    )
