"""One run in full: its window, who asked, its waves, its machines."""

from collections.abc import Iterator

from fleet.deployments.runs import Run
from fleet.hostile import clean
from ops.cli.listing import Column, Listing
from ops.cli.run_listing import list_machines, list_runs
from ops.cli.run_texts import count_statuses, counts_text, outcomes_text, status_text, waves_text
from ops.cli.values import as_text, count_of
from ops.deployments.history import RunSummary, RunView
from ops.deployments.run_picture import RunPicture

_WIDTH = 14
_MACHINES_SAID = 10


def page_listing(view: RunView) -> Listing:
    """The run as one row: the columns of the list of runs, then what is asked of it, and its machines as objects."""
    known = list_runs([RunSummary(view.run, count_statuses(view.machines))])
    machines = list_machines(view.machines)
    names = [column.name for column in machines.columns]
    columns = (*known.columns, Column("requests"), Column("machine_runs"))
    requests = [{"action": each.action, "at": each.at, "user": each.requester.user} for each in view.requests]
    return Listing(columns, [(*known.rows[0], requests, [dict(zip(names, row, strict=True)) for row in machines.rows])])


def page_lines(view: RunView, picture: RunPicture) -> Iterator[str]:
    """The run as text, a name and a value a line, without its machines; ``picture`` says what an open one waits for."""
    for name, text in (*_facts(view), *_waits(view, picture)):
        if text:
            yield f"{name:<{_WIDTH}} {clean(text)}"


def _status(run: Run) -> str:
    """The status and its note, which may begin with that word itself: ``Paused by anna: load is high``."""
    if run.note.startswith(run.status.value.casefold()):
        return run.note[:1].upper() + run.note[1:]
    return f"{run.status.value}: {run.note}" if run.note else run.status.value


def _waits(view: RunView, picture: RunPicture) -> Iterator[tuple[str, str]]:
    """What keeps the run, and what was said of machines that have not gone on since."""
    if view.run.status.is_over:
        return
    until = f" (until {as_text(picture.waits_until)})" if picture.waits_until else ""
    yield "waits", f"{picture.waits_for}{until}" if picture.waits_for else ""
    said = [
        (each.machine_name, picture.said[each.machine_id]) for each in view.machines if each.machine_id in picture.said
    ]
    for name, text in said[:_MACHINES_SAID]:
        yield "says", f"{name}: {text}"
    if len(said) > _MACHINES_SAID:
        yield (
            "says",
            f"and {count_of(len(said) - _MACHINES_SAID, 'machine')} more: patchdeck deployments logs {view.run.id}",
        )


def _facts(view: RunView) -> Iterator[tuple[str, str]]:
    run = view.run
    yield "run", run.id
    yield "deployment", run.deployment.name
    yield "status", _status(run)
    yield "window", f"{as_text(run.opens_at)} to {as_text(run.closes_at)}"
    yield "asked by", " ".join(part for part in (run.requester.user, run.requester.ssh_client) if part)
    yield "reason", run.requester.reason
    yield "began", as_text(run.started_at)
    yield "ended", as_text(run.ended_at)
    yield "plan", run.plan_hash
    yield "required plan", run.required_plan
    for approved in run.approved_by:
        yield "approved by", approved
    if view.approval is not None:
        yield "approvals", view.approval.describe()
        for refused in view.approval.worth_telling:
            yield "not counted", f"by {refused.approval.person.name}: {refused.why}"
    for request in view.requests:
        why = f" ({request.requester.reason})" if request.requester.reason else ""
        yield "asked", f"{request.action.value} by {request.requester.user} at {as_text(request.at)}{why}, not done yet"
    if not view.machines:
        known = "none was in the run" if run.status.is_over else f"not known yet: the run {status_text(run.status)}"
        yield "machines", known
        return
    counts = counts_text(count_statuses(view.machines))
    yield "machines", f"{count_of(len(view.machines), 'machine')}: {counts}"
    yield "updates", outcomes_text(view.machines)
    for line in waves_text(view.machines):
        yield from ((line.partition(": ")[0], line.partition(": ")[2]),)
