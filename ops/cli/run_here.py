"""Working on a run in this process, in the place of the background service."""

import asyncio
from contextlib import closing, suppress
from dataclasses import replace

from fleet.deployments.runs import Run
from fleet.errors import PatchdeckError
from fleet.machines import Machine
from ops.assess import options_of
from ops.cli.plan_run import stopped_by_signals
from ops.cli.run_follow import code_of, shown
from ops.cli.run_talk import describe_standing
from ops.cli.terminal import say
from ops.config import Settings
from ops.credentials.finding import HomeSecrets
from ops.deployments.engine import RunEngine
from ops.deployments.history import summarise_run
from ops.deployments.reaching import reached_machines
from ops.deployments.run_requests import machines_of
from ops.exit_codes import ExitCode
from ops.home import Home
from ops.secrets import type_secrets
from ops.service.doing import Activity, Doing, write_doing
from ops.service.lease import BEAT_SECONDS, HeldLease, LeaseHeld, take_lease
from ops.state.audit import utc_now
from ops.state.database import opened
from ops.state.lease import LeaseBook


def work_here(home: Home, settings: Settings, run: Run, *, quiet: bool) -> ExitCode:
    """Works on ``run`` until it is over, and shows it; the code says how it ended.

    Ctrl-C, SIGTERM and SIGHUP leave it where it is: machines go on with what they do, and so can the run. Where a
    service works for this home, that works on the run.
    """
    machines: tuple[Machine, ...] = ()
    with suppress(PatchdeckError):  # what is wrong with its targets, the run tells
        machines = machines_of(home, run.deployment)
    type_secrets(HomeSecrets(home), machines)
    try:
        lease = take_lease(home)
    except LeaseHeld as error:
        say(f"patchdeck: {error} It works on the run: patchdeck deployments logs {run.id} --follow")
        return ExitCode.SERVICE_HELD
    with closing(lease):
        ended = asyncio.run(_work(home, settings, run, lease, quiet))
    say(describe_standing(summarise_run(home, run.id)))
    if ended.status.is_over:
        return code_of(ended)
    say(f"Machines go on with what they do. To go on with the run: patchdeck deployments resume {run.id} --here")
    return ExitCode.INTERRUPTED


async def _work(home: Home, settings: Settings, run: Run, lease: HeldLease, quiet: bool) -> Run:
    options = replace(options_of(settings), secrets=HomeSecrets(home))
    with stopped_by_signals("Stopping: the run is left where it is …") as stop, shown(quiet=quiet) as show:
        beating = asyncio.create_task(_beat(home, lease, run))
        try:
            async with reached_machines(home, options, run.id, utc_now) as make_worker:
                engine = RunEngine(
                    home,
                    run.id,
                    make_worker,
                    utc_now,
                    stop,
                    lambda event: show([event]),
                    settings=settings,
                    token=lease.lease.token,
                )
                return await engine.run()
        finally:
            beating.cancel()
            with suppress(asyncio.CancelledError):
                await beating


async def _beat(home: Home, lease: HeldLease, run: Run) -> None:
    """Tells services of other hosts that somebody works for this home; never returns."""
    doing = write_doing(Doing((Activity("runs", f"run {run.id}, in a foreground process", utc_now()),)))
    while True:
        await asyncio.to_thread(_beat_once, home, lease, doing)
        await asyncio.sleep(BEAT_SECONDS)


def _beat_once(home: Home, lease: HeldLease, doing: str) -> None:
    with opened(home.state_file) as connection:
        LeaseBook(connection).beat(lease.lease.token, utc_now(), doing)
