"""The ways to the machines of a run or a preview: what SSH needs, read once, and a worker for each machine."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from collectors.jobs.machine_worker import SshMachineWorker, WorkerOptions
from collectors.transports.base import Transport
from collectors.transports.opening import open_transport
from fleet.machines import Machine, TransportKind
from ops.assess import FleetOptions
from ops.deployments.context import WorkerMaker
from ops.deployments.folder import run_folder
from ops.deployments.worker import MachineWorker
from ops.home import Home
from ops.logs import log_error
from ops.reach import locate_transcript, open_ssh
from ops.state.audit import utc_now


@asynccontextmanager
async def reached_machines(
    home: Home, options: FleetOptions, run_id: str = "", clock: Callable[[], datetime] = utc_now
) -> AsyncIterator[WorkerMaker]:
    """Makes workers of machines, until the end of the block. Remote commands go into the folder of the run, if any."""
    async with open_ssh(home, options.secrets) as ssh:

        def make_worker(machine: Machine) -> MachineWorker:
            located = locate_transcript(home, machine)

            def note(command: str, seconds: float, exit_status: int | None) -> None:
                try:
                    run_folder(home, run_id).note_command(machine.name, clock(), command, seconds, exit_status)
                except OSError as error:
                    log_error("command not noted", error, run=run_id, machine=machine.name)

            worker_options = WorkerOptions(
                deadline_seconds=options.deadline_seconds,
                max_output_bytes=options.max_output_bytes,
                secrets=options.secrets,
                note_command=note if run_id else None,
                windows_deadline_seconds=options.windows_deadline_seconds,
            )

            def open_way() -> Transport:
                return open_transport(located, ssh)

            if located.speaks_powershell and located.transport is not TransportKind.SCRIPTED:
                from collectors.windows.worker import WindowsMachineWorker  # which other machines do without

                return WindowsMachineWorker(located, open_way, worker_options, clock)
            return SshMachineWorker(located, open_way, worker_options, clock)

        yield make_worker
