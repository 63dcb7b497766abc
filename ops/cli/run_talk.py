"""What is said of runs beside their rows: that one is made, what was asked of it, how history adds up."""

from collections import Counter
from collections.abc import Iterator, Sequence

from fleet.deployments.runs import MachineRun, Run
from fleet.errors import BadInput
from ops.cli.run_texts import counts_text, outcomes_text, standing_text
from ops.cli.values import as_text, count_of
from ops.deployments.history import MachineHistory, RunSummary
from ops.deployments.run_requests import Asked, AskOutcome
from ops.state.audit import utc_now
from ops.state.runs import RunAction

_ASKED = {
    RunAction.PAUSE: "no machine is begun any more; those in work go on to their end",
    RunAction.RESUME: "machines are begun again",
    RunAction.CANCEL: "nothing more is begun; what is being installed goes on to its end",
}

_SO_ALREADY = {
    RunAction.PAUSE: "is paused already",
    RunAction.RESUME: "is not paused: there is nothing to resume",
    RunAction.CANCEL: "is being cancelled already; what is being installed goes on to its end",
}


def describe_made(run: Run, problem: str, *, stays: bool) -> Iterator[str]:
    """That the run is written down, when it begins, what keeps it from it, and how to look on."""
    when = f"waits for {as_text(run.opens_at)}" if run.opens_at > utc_now() else "can begin"
    yield f"Run {run.id} of {run.deployment.name} is written down and {when}; window until {as_text(run.closes_at)}."
    if problem:
        yield f"{problem} Nobody works on the run yet. To do it here: patchdeck deployments resume {run.id} --here"
    elif not stays:
        yield f"To watch it: patchdeck deployments logs {run.id} --follow"


def describe_asked(asked: Asked, action: RunAction, problem: str) -> Iterator[str]:
    """What was asked of the run, and what keeps it from being done.

    Raises:
        BadInput: it is too late for that.
    """
    match asked.outcome:
        case AskOutcome.TOO_LATE:
            raise BadInput(f"The run {asked.run.id} is being cancelled: {action.value} comes too late.")
        case AskOutcome.SO_ALREADY:
            yield f"Run {asked.run.id} {_SO_ALREADY[action]}."
            return
        case AskOutcome.PENDING:
            yield f"Run {asked.run.id}: {action.value} was asked already; {_ASKED[action]}."
        case AskOutcome.TAKEN:
            yield f"Run {asked.run.id}: {action.value} is asked; {_ASKED[action]}."
    if problem:
        yield f"{problem} It is done once somebody works on the run."


def describe_runs(summaries: Sequence[RunSummary]) -> str:
    """One line: how many runs, and how they ended."""
    if not summaries:
        return "There are no such runs."
    counts = Counter(summary.run.status for summary in summaries)
    said = ", ".join(f"{count} {status.value}" for status, count in counts.items())
    return f"{count_of(len(summaries), 'run')}: {said}."


def describe_history(entries: Sequence[MachineHistory]) -> str:
    """One line: how many machines in how many runs, and what became of them."""
    machines = len({entry.machine_run.machine_id for entry in entries})
    runs = len({entry.run.id for entry in entries})
    if not entries:
        return "These machines were in no such run."
    counts = counts_text(Counter(entry.machine_run.status for entry in entries))
    return f"{count_of(machines, 'machine')} in {count_of(runs, 'run')}: {counts}."


def describe_results(run: Run, machines: Sequence[MachineRun]) -> str:
    """One line: what became of the updates, with the denominator."""
    total = sum(len(machine.outcomes) for machine in machines)
    if not total:
        yet = "" if run.status.is_over else " yet"
        return f"No update has an outcome{yet}: the run {standing_text(run.status, run.note)}"
    return f"{count_of(total, 'update')} on {count_of(len(machines), 'machine')}: {outcomes_text(machines)}."


def describe_standing(summary: RunSummary) -> str:
    """One line: how the run stands; by its note where it is over, else by its counts."""
    run = summary.run
    begin = f"Run {run.id} of {run.deployment.name} {standing_text(run.status, run.note)}"
    counts = f" {count_of(summary.machines, 'machine')}: {counts_text(summary.counts)}." if summary.machines else ""
    return begin if run.note else f"{begin}{counts}"
