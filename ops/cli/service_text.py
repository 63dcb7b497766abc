"""The service in words, and as rows."""

from collections.abc import Iterator

from ops.cli.listing import Column, Listing
from ops.cli.run_texts import counts_text
from ops.cli.values import as_text, count_of
from ops.home import Home
from ops.service.lease import describe_holder, is_here, own_version
from ops.service.status import RunNow, ServiceStatus
from ops.service.stopping import Stopped

_STARTS_SHOWN = 5
_COLUMNS = (
    "running",
    "pid",
    "host",
    "user",
    "started_at",
    "seen_at",
    "version",
    "ending",
    "activities",
    "troubles",
    "runs",
    "next_starts",
    "past_starts",
    "machines_due",
    "next_assessment_at",
    "next_upkeep_at",
    "messages_waiting",
)


def list_status(status: ServiceStatus) -> Listing:
    """One row, for programs."""
    holder = status.holder
    lease = (holder.pid, holder.host, holder.user, holder.started_at, holder.seen_at, holder.version) if holder else ()
    row = (
        status.is_running,
        *(lease or (None,) * 6),
        status.doing.is_ending,
        status.doing.activities,
        status.doing.troubles,
        [_run_row(now) for now in status.runs],
        [
            {"deployment": coming.deployment, "at": coming.start.at, "local": coming.start.local}
            for coming in status.starts
        ],
        status.past_starts,
        status.due,
        status.next_assessment,
        status.next_upkeep,
        status.messages,
    )
    return Listing(tuple(map(Column, _COLUMNS)), [row])


def describe_status(status: ServiceStatus) -> Iterator[str]:
    """What it does and what comes next, a line each."""
    yield _headline(status)
    if status.holder is not None and status.holder.version != own_version():
        yield f"It is Patchdeck {status.holder.version or 'of unknown version'}: end it, and start it again."
    if status.doing.is_ending:
        yield "It is on its way to end."
    for activity in status.doing.activities:
        yield f"Now: {activity.text}, since {as_text(activity.since)}."
    for now in status.runs:
        yield f"Run {now.run.id} of {now.run.deployment.name}: {_describe_run(now)}."
    for trouble in status.doing.troubles:
        yield as_text(f"Trouble ({trouble.duty}): {trouble.text}")
    for waiting in status.messages:
        count = count_of(waiting.count, "message")
        verb = "waits" if waiting.count == 1 else "wait"
        yield f"{count} {verb} for channel {waiting.channel}, since {as_text(waiting.since)}."
    yield from _coming(status)
    for past in status.past_starts[:1]:
        yield as_text(f"Last start: {past.deployment} at {as_text(past.due_at)}, {past.outcome}.")


def describe_stopped(home: Home, stopped: Stopped | None) -> Iterator[str]:
    """What was ended, and what it was doing."""
    if stopped is None:
        yield f"No service of {home.path} was running."
        return
    yield f"Ended: {describe_holder(stopped.lease)}."
    for activity in stopped.doing.activities:
        going_on = "goes on with the next service" if activity.duty == "runs" else "what was done of it is kept"
        yield as_text(f"It was at work: {activity.text}; {going_on}.")


def _headline(status: ServiceStatus) -> str:
    if status.holder is None:
        return "The service does not run. To start it: patchdeck service start"
    if not status.is_running:
        return f"The service is silent: {describe_holder(status.holder)}. If it is gone: patchdeck service start"
    where = "" if is_here(status.holder) else " on another host"
    return f"The service runs{where}: {describe_holder(status.holder)}."


def _describe_run(now: RunNow) -> str:
    run = now.run
    wave = f", wave {now.wave + 1}" if now.wave is not None else ""
    counts = f" ({counts_text(now.counts)})" if now.counts else ""
    approval = f", has {now.approval.describe()}" if now.approval is not None else ""
    return f"{run.status.value}{wave}{counts}{approval}, window {as_text(run.opens_at)} to {as_text(run.closes_at)}"


def _coming(status: ServiceStatus) -> Iterator[str]:
    for coming in status.starts[:_STARTS_SHOWN]:
        yield as_text(f"Next: {coming.deployment} starts {coming.start.local} ({as_text(coming.start.at)}).")
    if len(status.starts) > _STARTS_SHOWN:
        yield f"And {count_of(len(status.starts) - _STARTS_SHOWN, 'deployment')} more with a schedule."
    if status.due:
        yield f"Next: assessment of {count_of(status.due, 'machine')} that {'is' if status.due == 1 else 'are'} due."
    elif status.next_assessment is not None:
        yield f"Next: assessment at {as_text(status.next_assessment)}."
    if status.next_upkeep is not None:
        yield f"Next: upkeep of tables and folders at {as_text(status.next_upkeep)}."


def _run_row(now: RunNow) -> dict[str, object]:
    run = now.run
    return {
        "id": run.id,
        "deployment": run.deployment.name,
        "status": run.status,
        "wave": None if now.wave is None else now.wave + 1,
        "machines": {status.value: count for status, count in now.counts.items()},
        "opens_at": run.opens_at,
        "closes_at": run.closes_at,
        "approvals": None if now.approval is None else len(now.approval.counted),
        "approvals_needed": None if now.approval is None else now.approval.wanted.needed,
    }
