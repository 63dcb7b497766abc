"""One machine of a scan: whatever happens to it becomes its assessment, within its deadline."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from collectors.transports.base import TransportFailed
from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import Failure, FailureKind
from fleet.machines import Machine
from ops.logs import log_error

if TYPE_CHECKING:
    from collectors.assess import AssessOptions
    from collectors.transports.opening import SshContext

# The transport keeps the machine's deadline; this ends a machine whose transport could not be ended in time.
GRACE_SECONDS = 10.0


async def assess_one(
    machine: Machine, ssh: "SshContext", options: "AssessOptions", clock: Callable[[], datetime]
) -> Assessment:
    """The assessment of ``machine``, failed if anything at all goes wrong; only cancellation is raised."""
    started_at = clock()
    try:
        async with asyncio.timeout(options.deadline_of(machine) + GRACE_SECONDS):
            return await _reach_and_assess(machine, ssh, options, clock)
    except TransportFailed as error:
        failure = error.failure
    except TimeoutError:
        failure = _hung(machine, options.deadline_of(machine) + GRACE_SECONDS)
    # The edge of a machine's task: one machine's bug is not the fleet's.
    except Exception as error:  # noqa: BLE001
        log_error("assessment broke", error, machine=machine.name)
        failure = _broken(machine, error)
    return Assessment(
        machine_id=machine.id,
        machine_name=machine.name,
        started_at=started_at,
        ended_at=clock(),
        coverage=Coverage.UNKNOWN,
        failure=failure,
    )


async def _reach_and_assess(
    machine: Machine, ssh: "SshContext", options: "AssessOptions", clock: Callable[[], datetime]
) -> Assessment:
    from collectors.assess import assess_machine
    from collectors.transports.opening import open_transport

    transport = open_transport(machine, ssh)
    try:
        return await assess_machine(machine, transport, options, clock)
    finally:
        await transport.close()


def _hung(machine: Machine, seconds: float) -> Failure:
    return Failure(
        FailureKind.DEADLINE_EXCEEDED,
        f"assessing {machine.name}",
        "the connection did not end at its deadline.",
        "Raise --deadline if the machine is slow, or look at it.",
        seconds,
    )


def _broken(machine: Machine, error: Exception) -> Failure:
    return Failure(
        FailureKind.INTERNAL,
        f"assessing {machine.name}",
        f"Patchdeck itself failed: {type(error).__name__}.",
        "The log has the details; please report it.",
    )
