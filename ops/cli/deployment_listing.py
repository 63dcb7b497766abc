"""Deployments as rows: how each is defined, when it starts next, and what became of its last run."""

from collections.abc import Mapping, Sequence

from fleet.deployments.budget import budget_text
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.waves import wave_text
from ops.cli.listing import Column, Listing
from ops.cli.run_texts import format_seconds
from ops.deployments.overview import DeploymentOverview
from ops.state.scheduled import StartOutcome

_COLUMNS = (
    Column("name", "Name"),
    Column("targets", "Targets"),
    Column("machines", "Machines", is_number=True, is_extra=True),
    Column("next_start", "Next start"),
    Column("next_start_at", "in UTC", is_extra=True),
    Column("window_seconds", "Window", format_seconds, is_number=True),
    Column("last_run_at", "Last run", is_extra=True),
    Column("last_status", "Status"),
    Column("enabled", "Enabled"),
    Column("problem", "Problem", is_extra=True),
    Column("last_run"),
    Column("runs_in_progress"),
    Column("description"),
    Column("updates"),
    Column("schedule"),
    Column("window"),
    Column("reboot"),
    Column("scripts"),
    Column("rollout"),
    Column("predownload_minutes"),
    Column("needs_approval"),
    Column("channels"),
    Column("notice_hours"),
    Column("source_format"),
    Column("revision"),
    Column("changed_at"),
    Column("changed_by"),
    Column("last_start"),
)


def list_definitions(overviews: Sequence[DeploymentOverview]) -> Listing:
    """A row for each deployment, in the order given."""
    return Listing(_COLUMNS, [_row(overview) for overview in overviews])


def _row(overview: DeploymentOverview) -> tuple[object, ...]:
    stored, last = overview.stored, overview.last_run
    deployment = stored.deployment
    return (
        deployment.name,
        deployment.targets,
        overview.machines,
        overview.next_start.local if overview.next_start else None,
        overview.next_start.at if overview.next_start else None,
        deployment.window.minutes * 60,
        last.opens_at if last else None,
        last.status if last else None,
        deployment.enabled,
        overview.problem,
        last.id if last else None,
        tuple(run.id for run in overview.open_runs),
        *_definition(deployment),
        stored.source.format,
        stored.revision or None,
        stored.changed_at,
        stored.changed_by,
        _start(overview.last_start) if overview.last_start else None,
    )


def _start(start: StartOutcome) -> dict[str, object]:
    return {"due_at": start.due_at, "outcome": start.outcome, "run": start.run_id}


def _definition(deployment: Deployment) -> tuple[object, ...]:
    return (
        deployment.description,
        _rules(deployment.updates),
        _schedule(deployment.schedule) if deployment.schedule else None,
        deployment.window,
        deployment.reboot,
        deployment.scripts,
        {
            "waves": tuple(map(wave_text, deployment.rollout.waves)),
            "gate": deployment.rollout.gate,
            "budget": budget_text(deployment.rollout.budget) if deployment.rollout.budget else None,
            "cluster_tag": deployment.rollout.cluster_tag,
            "order_by_tag": deployment.rollout.order_by_tag,
            "concurrency": deployment.rollout.concurrency,
        },
        deployment.predownload_minutes,
        deployment.needs_approval,
        deployment.channels,
        deployment.notice_hours,
    )


def _rules(rules: UpdateRules) -> Mapping[str, object]:
    """The rules, masks as they are written."""
    return {
        "classes": rules.classes,
        "include": tuple(map(mask_text, rules.include)),
        "exclude": tuple(map(mask_text, rules.exclude)),
        "exclusions": tuple(
            {"mask": mask_text(each.mask), "reason": each.reason, "until": each.until, "by": each.by}
            for each in rules.exclusions
        ),
        "minimum_age_days": rules.minimum_age_days,
        "allow_new_packages": rules.allow_new_packages,
        "allow_removals": rules.allow_removals,
        "allow_optional": rules.allow_optional,
        "accept_licences": rules.accept_licences,
        "rounds": rules.rounds,
    }


def _schedule(schedule: Schedule) -> Mapping[str, object]:
    """The schedule; its first start is a wall-clock time, which must not be taken for UTC."""
    return {
        "first": schedule.first.isoformat(timespec="minutes"),
        "time_zone": schedule.time_zone,
        "rule": schedule.rule,
        "offset_days": schedule.offset_days,
        "last_day": schedule.last_day,
        "blackouts": schedule.blackouts,
        "missed": schedule.missed,
        "missed_within_hours": schedule.missed_within_hours,
    }
