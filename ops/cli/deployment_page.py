"""One deployment in full, a name and a value a line; what is as by default and says nothing is left out."""

from collections.abc import Iterator, Sequence

from fleet.deployments.budget import budget_text
from fleet.deployments.masks import mask_text
from fleet.deployments.reboot_rules import USUAL_RETURN_MINUTES, USUAL_RETURN_MINUTES_WINDOWS, RebootPolicy, RebootRules
from fleet.deployments.rollout import HealthGate, Rollout
from fleet.deployments.schedule import MissedStart, Schedule
from fleet.deployments.scripts import Script
from fleet.deployments.update_rules import Exclusion, UpdateRules
from fleet.deployments.waves import wave_text
from fleet.deployments.window import Window
from fleet.hostile import clean
from ops.cli.run_texts import format_seconds, status_text
from ops.cli.values import as_text, count_of
from ops.deployments.overview import DeploymentOverview

_WIDTH = 22


def page_lines(overview: DeploymentOverview) -> Iterator[str]:
    """The deployment as text, each line clean."""
    for name, text in page_facts(overview):
        yield f"{name:<{_WIDTH}} {text}"


def page_facts(overview: DeploymentOverview) -> Iterator[tuple[str, str]]:
    """The name and the clean value of each fact that says something."""
    for name, text in _facts(overview):
        if text:
            yield name, clean(text)


def _facts(overview: DeploymentOverview) -> Iterator[tuple[str, str]]:
    stored = overview.stored
    deployment = stored.deployment
    yield "name", deployment.name
    yield "description", deployment.description
    yield "enabled", as_text(deployment.enabled)
    yield "targets", f"{as_text(deployment.targets)} ({overview.reach} now)"
    yield "problem", overview.problem
    yield from _update_facts(deployment.updates)
    yield from _schedule_facts(deployment.schedule) if deployment.schedule else (("starts", "when asked"),)
    if overview.next_start:
        yield "next start", f"{overview.next_start.local}, {as_text(overview.next_start.at)}"
    if overview.last_start:
        yield "last start", f"{as_text(overview.last_start.due_at)}, {overview.last_start.outcome}"
    yield "window", _window(deployment.window)
    yield "pre-download", _minutes(deployment.predownload_minutes, " before the window opens")
    yield "approvals", f"by {deployment.needs_approval} of others" if deployment.needs_approval else ""
    yield "told", _listed(deployment.channels)
    yield "notice", f"{deployment.notice_hours:g} h before a start" if deployment.notice_hours else ""
    yield "reboot", _reboot(deployment.reboot, deployment.schedule.time_zone if deployment.schedule else "UTC")
    for script in deployment.scripts:
        yield f"{script.stage.value}-script", _script(script)
    yield from _rollout_facts(deployment.rollout)
    revision = f", revision {stored.revision}" if stored.revision else ""
    yield "defined", f"{as_text(stored.changed_at)} by {stored.changed_by or 'nobody known'}{revision}"
    yield "source", f"kept, {stored.source.format}" if stored.source.text else ""
    if overview.last_run:
        yield "last run", f"{overview.last_run.id} {status_text(overview.last_run.status)}"


def _update_facts(rules: UpdateRules) -> Iterator[tuple[str, str]]:
    yield "classes", as_text(rules.classes)
    yield "include", _listed(map(mask_text, rules.include))
    yield "exclude", _listed(map(mask_text, rules.exclude))
    for exclusion in rules.exclusions:
        yield "exclusion", _exclusion(exclusion)
    yield "minimum age", count_of(rules.minimum_age_days, "day") if rules.minimum_age_days else ""
    yield "new packages", "" if rules.allow_new_packages else "none"
    yield "removals", "allowed" if rules.allow_removals else ""
    yield "optional updates", "installed too" if rules.allow_optional else ""
    yield "licences", "accepted" if rules.accept_licences else ""
    yield "rounds", f"up to {rules.rounds}" if rules.rounds is not None else ""


def _schedule_facts(schedule: Schedule) -> Iterator[tuple[str, str]]:
    yield "starts", f"by {schedule.rule}" if schedule.rule else "once"
    yield "first", f"{schedule.first:%Y-%m-%d %H:%M} {schedule.time_zone}"
    yield "offset", f"{schedule.offset_days:+} days" if schedule.offset_days else ""
    yield "last day", as_text(schedule.last_day)
    yield "blackouts", schedule.blackouts
    hours = schedule.missed_within_hours
    yield "missed starts", f"run up to {hours:g} h late" if schedule.missed is MissedStart.RUN_WITHIN else "are skipped"


def _rollout_facts(rollout: Rollout) -> Iterator[tuple[str, str]]:
    yield "waves", _listed(map(wave_text, rollout.waves))
    yield "gate", _gate(rollout.gate)
    yield "failure budget", f"{budget_text(rollout.budget)} may fail" if rollout.budget else ""
    yield "clusters by tag", rollout.cluster_tag
    yield "order by tag", rollout.order_by_tag
    yield "at once", as_text(rollout.concurrency)


def _window(window: Window) -> str:
    text = format_seconds(window.minutes * 60)
    text += f"; no installation starts in the last {window.stop_starting_minutes} min"
    text += f", no reboot in the last {window.reboot_minutes} min"
    return f"{text}; hard stop at its end" if window.hard_stop else text


def _reboot(rules: RebootRules, time_zone: str) -> str:
    if rules.policy is RebootPolicy.NEVER:
        return rules.policy.value
    at = f" at {rules.at} {time_zone}" if rules.at else ""
    told = f", users are told {rules.notice_minutes} min before" if rules.notice_minutes else ""
    said = f": {rules.message}" if rules.message else ""
    usual = f"{USUAL_RETURN_MINUTES} min, a Windows within {USUAL_RETURN_MINUTES_WINDOWS} min"
    back = usual if rules.return_minutes is None else f"{rules.return_minutes} min"
    return f"{rules.policy.value}{at}{told}{said}; back within {back}"


def _script(script: Script) -> str:
    given = "".join(f" {key}={value}" for key, value in script.parameters.items())
    limits = f"{format_seconds(script.timeout_seconds)} at most, on failure {script.on_failure.value}"
    return f"{script.path}{given} on {'the console' if script.place.value == 'console' else 'each machine'}; {limits}"


def _gate(gate: HealthGate) -> str:
    parts = (
        f"{gate.success_percent:g}% succeeded" if gate.success_percent else "",
        "no unit newly failed" if gate.check_units else "",
        f"`{gate.command}` ends with 0" if gate.command else "",
        f"ports {as_text(gate.tcp_ports)} open" if gate.tcp_ports else "",
        f"after {gate.soak_minutes:g} min" if gate.soak_minutes else "",
    )
    return ", ".join(part for part in parts if part)


def _exclusion(exclusion: Exclusion) -> str:
    until = f", until {exclusion.until}" if exclusion.until else ""
    by = f", by {exclusion.by}" if exclusion.by else ""
    return f"{mask_text(exclusion.mask)}: {exclusion.reason}{until}{by}"


def _minutes(minutes: int, what: str) -> str:
    return f"{format_seconds(minutes * 60)}{what}" if minutes else ""


def _listed(texts: Sequence[str] | Iterator[str]) -> str:
    return ", ".join(texts)
