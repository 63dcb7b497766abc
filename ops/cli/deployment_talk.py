"""What is said beside deployments: what became of a definition, whom it reaches, which runs go on."""

from collections.abc import Iterator, Sequence

from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import chosen_text, mask_text
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.runs import Run
from fleet.deployments.schedule_checks import check_schedule
from fleet.deployments.selection import is_active
from fleet.errors import BadInput
from fleet.name_lists import some_of
from ops.cli.run_texts import format_seconds
from ops.cli.values import as_text, count_of
from ops.deployments.definitions import Outcome, differences
from ops.deployments.overview import DeploymentOverview, coming_starts
from ops.state.audit import utc_now
from ops.state.deployments import StoredDeployment

_OUTCOMES = {
    Outcome.ADDED: "is defined.",
    Outcome.REPLACED: "is defined anew.",
    Outcome.UNCHANGED: "was defined like that already.",
}


def describe_outcome(name: str, outcome: Outcome) -> str:
    """One line: what became of the definition."""
    return f"{name} {_OUTCOMES[outcome]}"


def describe_reach(overview: DeploymentOverview) -> Iterator[str]:
    """Which machines it means now, when it starts next, and what there is to be told of it, a line each."""
    deployment = overview.stored.deployment
    if overview.problem:
        yield f"Mind: {overview.problem}"
    yield f"Its targets are {overview.reach} now."
    yield describe_choice(deployment)
    yield _next_start(overview)
    if deployment.schedule is not None:
        try:
            yield from check_schedule(deployment.schedule, utc_now())
            yield from _overlap(deployment)
        except BadInput as error:
            yield f"Mind: {error}"
    yield f"See what it would do: patchdeck deployments preview {deployment.name}"


def describe_choice(deployment: Deployment) -> str:
    """One line: what its rules choose on machines, before these are asked, and what they leave out."""
    if deployment.reboot.policy is RebootPolicy.ONLY:
        return "It installs nothing: it only reboots."
    rules, today = deployment.updates, utc_now().date()
    reasoned = (each.mask for each in rules.exclusions if is_active(each, today))
    masks = [mask_text(mask) for mask in (*rules.exclude, *reasoned)]
    return f"It installs {chosen_text(rules)}{f'; never {some_of(masks)}' if masks else ''}."


def _overlap(deployment: Deployment) -> Iterator[str]:
    """That a run may not be over when the next one starts."""
    starts = coming_starts(deployment, utc_now(), 2)
    if len(starts) < 2:
        return
    apart = (starts[1].at - starts[0].at).total_seconds()
    if apart < deployment.window.minutes * 60:
        yield (
            f"Mind: its window of {format_seconds(deployment.window.minutes * 60)} is longer than the "
            f"{format_seconds(apart)} between two starts: a run waits for machines that the one before still has."
        )


def describe_change(before: StoredDeployment, overview: DeploymentOverview) -> Iterator[str]:
    """What an edit changed, a line each."""
    after = overview.stored
    changed = differences(before.deployment, after.deployment)
    name = after.deployment.name
    if not changed:
        yield f"{name}: {'nothing to change.' if after.source == before.source else 'only its text changed.'}"
        return
    yield f"{name}: changed {', '.join(changed)}."
    if before.source.text and not after.source.text:
        yield "The file that it was read from is not kept any more, since it says otherwise."
    yield from describe_reach(overview)


def describe_runs(runs: Sequence[Run], deed: str) -> Iterator[str]:
    """Of each run that waits or is in progress, that ``deed`` (``removing``) does not end it, and how to."""
    for run in runs if deed else ():
        yield (
            f"Run {run.id} goes on ({run.status.value}), {deed} does not end it. "
            f"To cancel it: patchdeck deployments cancel {run.id}"
        )


def describe_all(overviews: Sequence[DeploymentOverview]) -> Iterator[str]:
    """How many there are, and what stands in the way of each."""
    if not overviews:
        yield "No deployments are defined: patchdeck deployments add --help says how."
        return
    enabled = sum(overview.stored.deployment.enabled for overview in overviews)
    in_progress = sum(len(overview.open_runs) for overview in overviews)
    going_on = f"; {count_of(in_progress, 'run')} waiting or in progress" if in_progress else ""
    yield f"{count_of(len(overviews), 'deployment')}, {enabled} enabled{going_on}."
    for overview in overviews:
        if overview.problem:
            yield f"{overview.stored.deployment.name}: {overview.problem}"


def _next_start(overview: DeploymentOverview) -> str:
    deployment, start = overview.stored.deployment, overview.next_start
    if deployment.schedule is None:
        return "It has no schedule: it runs when asked."
    if not deployment.enabled:
        return "It is disabled: its schedule starts nothing."
    if start is None:
        return "It has no start any more."
    moved = f" ({start.moved_from})" if start.moved_from else ""
    return f"It starts next at {start.local}, {as_text(start.at)}{moved}."
