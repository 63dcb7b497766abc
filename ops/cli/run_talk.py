"""What is said of runs beside their rows: that one is made, what was asked of it, how history adds up."""

from collections import Counter
from collections.abc import Iterator, Sequence

from fleet.deployments.runs import MachineRun, Run
from ops.cli.run_texts import counts_text, outcomes_text, status_text
from ops.cli.values import as_text, count_of
from ops.deployments.history import MachineHistory, RunSummary
from ops.deployments.run_requests import Asked
from ops.state.audit import utc_now
from ops.state.runs import RunAction

_ASKED = {
    RunAction.PAUSE: "no machine is begun any more; those in work go on to their end",
    RunAction.RESUME: "machines are begun again",
    RunAction.CANCEL: "nothing more is begun; what is being installed goes on to its end",
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
    """What was asked of the run, and what keeps it from being done."""
    said = "was asked already" if not asked.is_new else "is asked"
    yield f"Run {asked.run.id}: {action.value} {said}; {_ASKED[action]}."
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
        return f"No update has an outcome yet: the run {status_text(run.status)}."
    return f"{count_of(total, 'update')} on {count_of(len(machines), 'machine')}: {outcomes_text(machines)}."


def describe_standing(summary: RunSummary) -> str:
    """One line: how the run stands; by its note where it is over, else by its counts."""
    run = summary.run
    begin = f"Run {run.id} of {run.deployment.name} {status_text(run.status)}"
    if run.note:
        return f"{begin}: {run.note.rstrip('.')}."
    counts = f" {count_of(summary.machines, 'machine')}: {counts_text(summary.counts)}." if summary.machines else ""
    return f"{begin}.{counts}"
