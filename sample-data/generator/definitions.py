"""The sample's deployments as an administrator has defined them, with their schedules."""

from datetime import datetime, timedelta

from fleet.deployments.deployment import Deployment as Definition
from fleet.deployments.masks import ONLY_BY_NAME, parse_mask
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.schedule import Schedule
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.window import Window
from fleet.updates import Classification
from generator.deployments import AFTER_PATCH_TUESDAY, ONCE, WEEKLY, Deployment
from generator.era import PATCH_TUESDAYS, START
from generator.roster import members

_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ZONE = "UTC"


def define(deployment: Deployment) -> Definition:
    """What Patchdeck would be told of ``deployment``."""
    every = () if deployment.include else tuple(each for each in Classification if each not in ONLY_BY_NAME)
    return Definition(
        name=deployment.name,
        targets=_targets(deployment),
        updates=UpdateRules(
            classes=tuple(sorted(deployment.classes)) or every,
            include=tuple(map(parse_mask, deployment.include)),
            exclude=tuple(map(parse_mask, deployment.exclude)),
        ),
        schedule=_schedule(deployment),
        window=Window(minutes=deployment.window_minutes),
        reboot=RebootRules(RebootPolicy(deployment.reboot_policy)),
    )


def _targets(deployment: Deployment) -> tuple[str, ...]:
    """A tag where that names exactly its machines, else the machines."""
    names = frozenset(member.name for member in members() if deployment.targets(member))
    by_tag: dict[str, set[str]] = {}
    for member in members():
        for key, value in member.machine.tags.items():
            by_tag.setdefault(f"tag:{key}={value}", set()).add(member.name)
    tags = [tag for tag, tagged in sorted(by_tag.items()) if tagged == names]
    return tuple(tags[:1] or sorted(names))


def _schedule(deployment: Deployment) -> Schedule:
    """The schedule whose starts are the sample's runs."""
    if deployment is ONCE[0]:
        return Schedule(_wall_clock(ONCE[1]), _ZONE)
    for weekly, weekday, hour in WEEKLY:
        if weekly is deployment:
            first = (START + timedelta(days=1)).replace(hour=hour)
            first += timedelta(days=(weekday - first.weekday()) % 7)
            return Schedule(_wall_clock(first), _ZONE, f"FREQ=WEEKLY;BYDAY={_WEEKDAYS[weekday]}")
    days, hour = next((delay, hour) for monthly, delay, hour in AFTER_PATCH_TUESDAY if monthly is deployment)
    first = PATCH_TUESDAYS[0].replace(hour=hour)
    return Schedule(_wall_clock(first), _ZONE, "FREQ=MONTHLY;BYDAY=2TU", offset_days=days)


def _wall_clock(moment: datetime) -> datetime:
    return moment.replace(tzinfo=None)
