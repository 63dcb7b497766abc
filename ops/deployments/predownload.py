"""Downloading before the window opens: a job a machine that fetches what the plan names, and changes nothing else.

What comes of it is only told: an installation downloads what is not there.
"""

import asyncio
from collections.abc import Mapping, Sequence

from collectors.transports.base import TransportFailed
from fleet.deployments.job_ids import job_id
from fleet.deployments.jobs import JobKind, JobOrder
from fleet.deployments.planning import orders_of
from fleet.deployments.runs import RunStep
from ops.deployments.job_keeper import JobKeeper, JobLost
from ops.deployments.run_desk import RunDesk
from ops.deployments.turn import Turn


async def download(desk: RunDesk, turns: Sequence[Turn], concurrency: int) -> None:
    """Downloads on the machines of ``turns``, until done, until the window opens, or until the run is cancelled."""
    bound = asyncio.Semaphore(concurrency)

    async def one(turn: Turn) -> None:
        async with bound:
            await desk.wait_while_paused()
            if not turn.is_cancelled and desk.context.clock.seconds_until(desk.context.opens_at) > 0:
                await _download(desk, turn)

    try:
        async with asyncio.timeout(max(0.0, desk.context.clock.seconds_until(desk.context.opens_at))):
            await asyncio.gather(*(one(turn) for turn in turns))
    except TimeoutError:
        desk.say("The window opens; what is not downloaded yet is downloaded in it.")
    finally:
        for turn in turns:
            desk.records[turn.machine.id] = turn.record


async def _download(desk: RunDesk, turn: Turn) -> None:
    """One machine. Another run may have it: then nothing is downloaded."""
    machine_id, run_id = turn.machine.id, desk.run.id
    other = await desk.context.ledger.write(lambda book: book.claim(machine_id, run_id))
    if other is not None:
        turn.say(f"Nothing is downloaded: the run {other} works on it.")
        return
    try:
        await _fetch(turn)
    except (TransportFailed, JobLost) as error:
        turn.say(f"Nothing was downloaded: {error.failure.evidence}")
    finally:
        await turn.worker.close()
        await asyncio.shield(desk.context.ledger.write(lambda book: book.release(machine_id, run_id)))


async def _fetch(turn: Turn) -> None:
    name, log_base = job_id(turn.context.run_id, JobKind.DOWNLOAD), turn.record.log_bytes
    was_begun = turn.was_begun(RunStep.PREDOWNLOAD)
    if not was_begun:
        await turn.begin(RunStep.PREDOWNLOAD, {"job": name, "log_base": log_base})
    else:
        known: Mapping[str, object] = turn.steps[RunStep.PREDOWNLOAD].detail
        log_base = int(str(known.get("log_base", log_base)))

    def make_order() -> JobOrder | None:
        seconds = int(turn.context.clock.seconds_until(turn.context.opens_at))
        rules = turn.context.deployment.updates
        return (
            None
            if seconds <= 0
            else JobOrder(
                name,
                JobKind.DOWNLOAD,
                orders_of(turn.plan),
                start_within_seconds=seconds,
                end_within_seconds=seconds,
                allow_new_packages=rules.allow_new_packages,
                allow_removals=rules.allow_removals,
                accept_licences=rules.accept_licences,
            )
        )

    end = await JobKeeper(turn, name, log_base).bring_to_end(make_order, look_first=was_begun)
    status = end.report.exit_status if end.report else None
    if status != 0:
        why = end.failure.describe() if end.failure else end.why
        turn.say(f"Not all was downloaded: {why or f'the job ended with exit status {status}'}.")
    await turn.end(RunStep.PREDOWNLOAD, {"exit": status})
    await turn.worker.forget(name)


def wants_download(turn: Turn) -> bool:
    """Whether there is something to download, and no earlier process has."""
    return bool(orders_of(turn.plan)) and turn.ended(RunStep.PREDOWNLOAD) is None
