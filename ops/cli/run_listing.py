"""Runs, their machines and their updates as rows."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from fleet.deployments.runs import InstallationStatus, MachineRun, MachineRunStatus
from fleet.errors import UnknownName
from ops.cli.listing import Column, Listing
from ops.cli.run_texts import counts_text, format_seconds, outcomes_text
from ops.deployments.history import MachineHistory, RunSummary


def _show_counts(value: object) -> str:
    counts = value if isinstance(value, Mapping) else {}
    return counts_text({MachineRunStatus(status): count for status, count in counts.items()})


_RUNS = (
    Column("run", "Run"),
    Column("deployment", "Deployment"),
    Column("status", "Status"),
    Column("counts", "Machines", _show_counts),
    Column("note", "What it says", is_extra=True),
    Column("opens_at", "Window opens", is_extra=True),
    Column("closes_at", "closes", is_extra=True),
    Column("requester", "By", is_extra=True),
    Column("machines"),
    Column("succeeded"),
    Column("failed"),
    Column("requested_at"),
    Column("started_at"),
    Column("ended_at"),
    Column("plan_hash"),
    Column("required_plan"),
    Column("ssh_client"),
    Column("command"),
    Column("reason"),
)
_MACHINES = (
    Column("machine", "Machine"),
    Column("wave", "Wave", is_number=True),
    Column("status", "Status"),
    Column("step", "Step"),
    Column("updates", "Updates"),
    Column("rebooted", "Rebooted", is_extra=True),
    Column("install_seconds", "Installing", format_seconds, is_number=True, is_extra=True),
    Column("reboot_seconds", "Rebooting", format_seconds, is_number=True, is_extra=True),
    Column("error", "What it says"),
    Column("assess_seconds"),
    Column("started_at"),
    Column("ended_at"),
    Column("attempts"),
    Column("rounds"),
    Column("reboots"),
    Column("job_id"),
    Column("log_bytes"),
    Column("failure_kind"),
    Column("findings"),
    Column("outcomes"),
    Column("machine_id"),
)
_SHOWN_OF_HISTORY = ("machine", "status", "updates", "error")
_HISTORY = (
    Column("machine", "Machine"),
    Column("run", "Run"),
    Column("status", "Status"),
    Column("updates", "Updates"),
    Column("error", "What it says"),
    Column("deployment", "Deployment", is_extra=True),
    Column("opens_at", "Window opened", is_extra=True),
    *(Column(column.name) for column in _MACHINES if column.name not in _SHOWN_OF_HISTORY),
    Column("run_status"),
)
_RESULTS = (
    Column("machine", "Machine"),
    Column("name", "Update"),
    Column("architecture", "Arch", is_extra=True),
    Column("installed_version", "From", is_extra=True),
    Column("offered_version", "To"),
    Column("classification", "Class", is_extra=True),
    Column("status", "Status"),
    Column("succeeded_on_retry", "Retried", is_extra=True),
    Column("error", "What it says"),
    Column("log_excerpt"),
    Column("started_at"),
    Column("ended_at"),
    Column("round"),
    Column("run"),
    Column("machine_id"),
)


def list_runs(summaries: Sequence[RunSummary]) -> Listing:
    """A row for each run; counts are None while its machines are not known."""
    return Listing(_RUNS, [_run_row(summary) for summary in summaries])


def list_machines(machines: Sequence[MachineRun]) -> Listing:
    """A row for each machine of a run, in the order of its waves; waves count from 1."""
    return Listing(_MACHINES, [_machine_row(machine) for machine in machines])


def list_history(entries: Sequence[MachineHistory]) -> Listing:
    """A row for each run of each machine, in the order given."""
    names = [column.name for column in _MACHINES]
    rows = []
    for entry in entries:
        values: dict[str, object] = dict(zip(names, _machine_row(entry.machine_run), strict=True))
        values |= {
            "run": entry.run.id,
            "deployment": entry.run.deployment.name,
            "opens_at": entry.run.opens_at,
            "run_status": entry.run.status,
        }
        rows.append(tuple(values[column.name] for column in _HISTORY))
    return Listing(_HISTORY, rows)


def list_results(machines: Sequence[MachineRun], statuses: Collection[InstallationStatus] = ()) -> Listing:
    """A row for each update of each of ``machines``, of those in ``statuses`` if any are given."""
    rows = [row for machine in machines for row in _result_rows(machine, statuses)]
    return Listing(_RESULTS, rows)


def parse_outcomes(texts: Sequence[str]) -> set[InstallationStatus]:
    """The statuses of updates called ``texts``, whatever the case.

    Raises:
        UnknownName: there is no such status.
    """
    by_name = {status.value.casefold(): status for status in InstallationStatus}
    for text in texts:
        if text.casefold() not in by_name:
            raise UnknownName("status of an update", text, [status.value for status in InstallationStatus])
    return {by_name[text.casefold()] for text in texts}


def _run_row(summary: RunSummary) -> tuple[object, ...]:
    run, counts = summary.run, summary.counts
    known = summary.machines > 0
    failed = sum(count for status, count in counts.items() if status.counts_as_failure)
    return (
        run.id,
        run.deployment.name,
        run.status,
        {status.value: count for status, count in counts.items()},
        run.note,
        run.opens_at,
        run.closes_at,
        run.requester.user,
        summary.machines if known else None,
        counts.get(MachineRunStatus.SUCCEEDED, 0) if known else None,
        failed if known else None,
        run.requested_at,
        run.started_at,
        run.ended_at,
        run.plan_hash,
        run.required_plan,
        run.requester.ssh_client,
        run.requester.command,
        run.requester.reason,
    )


def _machine_row(machine: MachineRun) -> tuple[object, ...]:
    return (
        machine.machine_name,
        machine.wave + 1,
        machine.status,
        machine.step,
        outcomes_text([machine]),
        machine.rebooted,
        machine.install_seconds,
        machine.reboot_seconds,
        machine.error or (machine.failure.describe() if machine.failure else ""),
        machine.assess_seconds,
        machine.started_at,
        machine.ended_at,
        machine.attempts,
        machine.rounds,
        machine.reboots,
        machine.job_id,
        machine.log_bytes,
        machine.failure.kind if machine.failure else None,
        machine.findings,
        machine.outcomes,
        machine.machine_id,
    )


def _result_rows(machine: MachineRun, statuses: Collection[InstallationStatus]) -> Iterator[tuple[object, ...]]:
    names = [column.name for column in _RESULTS[1:-2]]
    for outcome in machine.outcomes:
        if not statuses or outcome.status in statuses:
            # A list: cleaned as one text, the excerpt would be one line.
            values = {name: getattr(outcome, name) for name in names}
            values["log_excerpt"] = outcome.log_excerpt.splitlines()
            yield (machine.machine_name, *values.values(), machine.run_id, machine.machine_id)
