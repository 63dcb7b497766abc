"""Removing from machines what ended jobs left there."""

import asyncio
from collections.abc import Iterable

from collectors.transports.base import TransportFailed
from fleet.deployments.job_ids import job_id
from fleet.deployments.jobs import JobKind
from fleet.deployments.runs import MachineRun
from fleet.machines import Machine
from ops.deployments.context import WorkerMaker
from ops.deployments.worker import MachineWorker
from ops.logs import log_error

_AT_ONCE = 32


def install_job(run_id: str, number: int) -> str:
    """The id of the ``number``-th job that a run installs with on any machine, from 1."""
    first = job_id(run_id, JobKind.INSTALL)
    return first if number == 1 else f"{first}-{number}"


async def forget_jobs(worker: MachineWorker, record: MachineRun, *, downloaded: bool) -> None:
    """Has the machine forget the jobs of a run that is over there, with ``downloaded`` that which downloaded ahead too.
    What cannot be removed now lies there until the machine's own clean-up.
    """
    jobs = [job_id(record.run_id, JobKind.DOWNLOAD)] if downloaded else []
    for job in [*jobs, *(install_job(record.run_id, number) for number in range(1, record.attempts + 1))]:
        try:
            await worker.forget(job)
        except TransportFailed as error:
            log_error("job not forgotten", error, machine=record.machine_name, run=record.run_id)
            return


async def forget_all(
    make_worker: WorkerMaker, records: Iterable[tuple[Machine, MachineRun]], *, downloaded: bool
) -> None:
    """As `forget_jobs` on several machines, some at once."""
    bound = asyncio.Semaphore(_AT_ONCE)

    async def forget(machine: Machine, record: MachineRun) -> None:
        async with bound:
            worker = make_worker(machine)
            try:
                await forget_jobs(worker, record, downloaded=downloaded)
            finally:
                await worker.close()

    await asyncio.gather(*(forget(machine, record) for machine, record in records))
