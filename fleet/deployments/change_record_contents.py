"""What the change record of a run says, and in which order: the same for the same run, whenever it is written."""

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from datetime import datetime

from fleet.deployments.budget import budget_text
from fleet.deployments.change_record_blocks import Block, Facts, Grid, Heading, Points, Verbatim, Words
from fleet.deployments.masks import mask_text
from fleet.deployments.plan import MachinePlan, PackageChange, Plan
from fleet.deployments.runs import InstallationStatus, Intervention, MachineRun, MachineRunStatus, Run, UpdateOutcome
from fleet.deployments.selection import describe_exclusion
from fleet.deployments.waves import wave_text
from fleet.updates import Update

_LEFT_OUT = (InstallationStatus.NOT_INCLUDED, InstallationStatus.EXCLUDED)
_FAILED = (InstallationStatus.FAILED, InstallationStatus.INSTALL_FAILED)


def compose(
    run: Run,
    machines: Sequence[MachineRun],
    plan: Plan | None,
    interventions: Sequence[Intervention] = (),
    as_of: datetime | None = None,
) -> tuple[Block, ...]:
    """The whole record: the run, its settings and scripts, what was asked of it, its machines by status, then each.

    ``as_of`` is said where it is the run of an earlier time.
    """
    plans = {machine.machine_id: machine for machine in plan.machines} if plan else {}
    return (
        Heading(1, f"Change record: {run.deployment.name}"),
        _describe_run(run, as_of),
        Heading(2, "What was asked for"),
        _describe_settings(run),
        *_describe_scripts(run),
        *_describe_interventions(interventions),
        Heading(2, "Machines"),
        *_summarise(machines),
        *(block for machine in machines for block in _describe_machine(machine, plans.get(machine.machine_id))),
    )


def _describe_run(run: Run, as_of: datetime | None) -> Facts:
    requester = run.requester
    asked = f"{requester.user}{f' from {requester.ssh_client}' if requester.ssh_client else ''}"
    return Facts(
        (
            ("As of", _time(as_of)),
            ("Status", run.status.value),
            ("Note", run.note),
            ("Run", run.id),
            ("Description", run.deployment.description),
            ("Requested by", f"{asked}, {_time(run.requested_at)}"),
            ("Command", requester.command),
            ("Window", f"{_time(run.opens_at)} to {_time(run.closes_at)}, {run.deployment.window.minutes} minutes"),
            ("Started", _time(run.started_at)),
            ("Ended", _time(run.ended_at)),
            ("Plan", run.plan_hash),
            ("Required plan", run.required_plan),
            ("Approved by", "; ".join(run.approved_by)),
        )
    )


def _describe_settings(run: Run) -> Facts:
    deployment, rules, rollout = run.deployment, run.deployment.updates, run.deployment.rollout
    return Facts(
        (
            ("Targets", ", ".join(deployment.targets)),
            ("Classes", ", ".join(rules.classes)),
            ("Included", ", ".join(map(mask_text, rules.include))),
            ("Excluded", ", ".join(map(mask_text, rules.exclude))),
            ("Exclusions", "; ".join(map(describe_exclusion, rules.exclusions))),
            ("Minimum age", f"{rules.minimum_age_days} days" if rules.minimum_age_days else ""),
            ("New packages", "allowed" if rules.allow_new_packages else "not allowed"),
            ("Removals", "allowed" if rules.allow_removals else "not allowed"),
            ("Licences", "accepted" if rules.accept_licences else ""),
            ("Optional updates", "allowed" if rules.allow_optional else ""),
            ("Rounds", "" if rules.rounds is None else f"at most {rules.rounds}"),
            ("Reboot", deployment.reboot.policy.value),
            ("Waves", ", ".join(map(wave_text, rollout.waves))),
            ("Failure budget", budget_text(rollout.budget) if rollout.budget else ""),
        )
    )


def _describe_scripts(run: Run) -> Iterator[Block]:
    if not run.deployment.scripts:
        return
    yield Heading(2, "Scripts")
    headers = ("Stage", "Where", "Script", "Parameters", "If it fails")
    yield Grid(
        headers,
        tuple(
            # Values of parameters may be secrets, and a ticket is read by many.
            (s.stage.value, s.place.value, s.path, ", ".join(sorted(s.parameters)), s.on_failure.value)
            for s in run.deployment.scripts
        ),
    )


def _describe_interventions(interventions: Sequence[Intervention]) -> Iterator[Block]:
    if interventions:
        yield Heading(2, "What was asked of the run")
        rows = tuple((_time(each.at), each.deed, each.user, each.reason) for each in interventions)
        yield Grid(("When", "What", "By", "Reason"), rows)


def _summarise(machines: Sequence[MachineRun]) -> Iterator[Block]:
    if not machines:
        yield Words("No machine was in the run.")
        return
    counts = Counter(machine.status for machine in machines)
    total = len(machines)
    found = [status for status in MachineRunStatus if counts[status]]
    yield Grid(("Status", "Machines"), tuple((status.value, f"{counts[status]} of {total}") for status in found))
    headers = ("Machine", "Wave", "Status", "Succeeded", "Failed", "Not started", "Left out", "Rebooted", "Error")
    yield Grid(headers, tuple(map(_summarise_machine, machines)))


def _summarise_machine(machine: MachineRun) -> tuple[str, ...]:
    statuses = [outcome.status for outcome in machine.outcomes]
    failed = sum(status in _FAILED for status in statuses)
    left_out = sum(status in _LEFT_OUT for status in statuses)
    succeeded = statuses.count(InstallationStatus.SUCCEEDED)
    return (
        machine.machine_name,
        str(machine.wave + 1),
        machine.status.value,
        str(succeeded),
        str(failed),
        str(len(statuses) - succeeded - failed - left_out),
        str(left_out),
        "yes" if machine.rebooted else "no",
        _error_of(machine),
    )


def _describe_machine(machine: MachineRun, plan: MachinePlan | None) -> Iterator[Block]:
    yield Heading(2, f"{machine.machine_name}: {machine.status.value}")
    yield _describe_turn(machine, plan)
    wanted = [outcome for outcome in machine.outcomes if outcome.status not in _LEFT_OUT]
    planned = plan.selection.chosen if plan and not machine.outcomes and not machine.status.is_over else ()
    if wanted:
        yield Heading(3, "Updates")
        yield _updates_of(machine, wanted)
    elif planned:  # outcomes are there when the machine is over
        yield Heading(3, "Planned updates")
        yield Words("What became of them is not known yet.")
        yield Grid(("Package", "Architecture", "From", "To", "Class"), tuple(map(_planned_row, planned)))
    else:
        yield Words("No update was to be installed.")
    others = _other_changes(plan, {each.name for each in wanted} | {each.name for each in planned})
    if others:
        yield Heading(3, "Also in the transaction")
        yield Grid(("Package", "Architecture", "What", "From", "To"), tuple(map(_change_row, others)))
    yield from _describe_left_out(machine, plan)
    for outcome in wanted:
        if outcome.log_excerpt:
            yield Heading(3, f"Log: {outcome.name}")
            yield Verbatim(outcome.log_excerpt)
    if machine.findings:
        yield Heading(3, "Noticed")
        yield Points(tuple(f"{f.severity.value}: {f.describe()}" for f in machine.findings))


def _describe_turn(machine: MachineRun, plan: MachinePlan | None) -> Facts:
    before, after = machine.pulse_before, machine.pulse_after
    return Facts(
        (
            ("Error", _error_of(machine)),
            ("Machine id", machine.machine_id),
            ("Started", _time(machine.started_at)),
            ("Ended", _time(machine.ended_at)),
            ("Installing took", _seconds(machine.install_seconds)),
            ("Rounds", str(machine.rounds) if machine.rounds > 1 else ""),
            ("Reboot", _describe_reboot(machine)),
            ("Boot id before", before.boot_id if before else ""),
            ("Boot id after", after.boot_id if after else ""),
            ("Kernel before", before.kernel if before else ""),
            ("Kernel after", after.kernel if after else ""),
            ("Package manager", plan.package_manager if plan else ""),
            ("Job", machine.job_id),
            ("Not planned", plan.problem if plan else ""),
            ("Known before", " ".join(plan.warnings) if plan else ""),
        )
    )


def _describe_left_out(machine: MachineRun, plan: MachinePlan | None) -> Iterator[Block]:
    reasons = (
        {(entry.update.name, entry.update.architecture): entry.reason.value for entry in plan.selection.left_out}
        if plan
        else {}
    )
    rows = tuple(
        (o.name, o.offered_version, o.status.value, reasons.get((o.name, o.architecture), ""), o.error)
        for o in machine.outcomes
        if o.status in _LEFT_OUT
    )
    if rows:
        yield Heading(3, "Not done, and why")
        yield Grid(("Package", "Offered", "Result", "Reason", "Detail"), rows)


def _updates_of(machine: MachineRun, wanted: Sequence[UpdateOutcome]) -> Grid:
    headers = ("Package", "Architecture", "From", "To", "Class", "Result", "Error")
    if machine.rounds == 1:
        return Grid(headers, tuple(map(_row, wanted)))
    return Grid(("Round", *headers), tuple((str(outcome.round), *_row(outcome)) for outcome in wanted))


def _row(outcome: UpdateOutcome) -> tuple[str, ...]:
    result = outcome.status.value + (" on retry" if outcome.succeeded_on_retry else "")
    return (
        outcome.name,
        outcome.architecture,
        outcome.installed_version,
        outcome.offered_version,
        outcome.classification,
        result,
        outcome.error,
    )


def _planned_row(update: Update) -> tuple[str, ...]:
    return (
        update.name,
        update.architecture,
        update.installed_version,
        update.offered_version,
        update.classification.value,
    )


def _other_changes(plan: MachinePlan | None, names: Set[str]) -> list[PackageChange]:
    """Changes of the transaction that no update of the record, by ``names``, stands for."""
    if plan is None or plan.problem:
        return []
    return [change for change in plan.simulation.changes if change.name not in names]


def _change_row(change: PackageChange) -> tuple[str, ...]:
    return change.name, change.architecture, change.kind.value, change.from_version, change.to_version


def _error_of(machine: MachineRun) -> str:
    return machine.error or (machine.failure.describe() if machine.failure else "")


def _describe_reboot(machine: MachineRun) -> str:
    if not machine.rebooted:
        return "none"
    took = _seconds(machine.reboot_seconds)
    words = "yes" if machine.reboots < 2 else f"{machine.reboots} times"
    return f"{words}, back after {took}{' in all' if machine.reboots > 1 else ''}" if took else words


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.1f} s"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
