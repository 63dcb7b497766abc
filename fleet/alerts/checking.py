"""Whether a rule can be used: what is refused before it is kept, each with what to do instead."""

import math
import re
from collections.abc import Callable, Sequence

from fleet.alerts.rule import AlertRule, RuleKind
from fleet.alerts.severity import Severity
from fleet.deployments.runs import MachineRunStatus, RunStatus
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}")
# What would be taken for the id of an alert where either can be named.
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f-]*)?")
_MASK = re.compile(r"[^\x00-\x1f\x7f]{1,256}")
DIMENSIONS = {
    RuleKind.DEPLOYMENT_RUNS: ("deployment", "status"),
    RuleKind.MACHINE_RUNS: ("deployment", "status", "machine", "run"),
}
STATUSES = {
    RuleKind.DEPLOYMENT_RUNS: tuple(status.value for status in RunStatus),
    RuleKind.MACHINE_RUNS: tuple(status.value for status in MachineRunStatus),
}
LONGEST_MINUTES = 366 * 24 * 60
_MOST_TEXT = 1_000


def check_rule(rule: AlertRule) -> AlertRule:
    """``rule``, if it can be used. Whether its query and its channels are there is asked elsewhere.

    Raises:
        BadInput: what is wrong with it; an `UnknownName` offers the nearest.
    """
    for check in _CHECKS:
        check(rule)
    return rule


def spelt(kind: str, given: str, known: Sequence[str]) -> str:
    """The one of ``known`` that ``given`` is, whatever the case.

    Raises:
        UnknownName: it is none.
    """
    for name in known:
        if name.casefold() == given.casefold():
            return name
    raise UnknownName(kind, given[:100], known)


def _check_name(rule: AlertRule) -> None:
    if not _NAME.fullmatch(rule.name) or rule.name == "all" or _ID.fullmatch(rule.name):
        raise BadInput(
            f"Rule name {clean(rule.name, 140)!r} is not usable: up to 128 letters, digits, '.', '-' and '_', "
            "starting with a letter or digit, not 'all', and not like the id of an alert."
        )
    if len(rule.description) > _MOST_TEXT:
        raise BadInput(f"A description of {len(rule.description)} characters is too long: {_MOST_TEXT} at most.")


def _check_source(rule: AlertRule) -> None:
    if rule.kind is RuleKind.QUERY and rule.measure is None:
        raise BadInput("A rule over a query names one: --query NAME.")
    if rule.kind is not RuleKind.QUERY and rule.measure is not None:
        raise BadInput("A rule counts runs or measures a query, not both.")


def _check_signal(rule: AlertRule) -> None:
    if rule.kind is RuleKind.QUERY:
        return
    for status in rule.signal.statuses:
        if status not in STATUSES[rule.kind]:
            raise UnknownName("status", status[:100], STATUSES[rule.kind])
    for dimension in rule.split_by:
        if dimension not in DIMENSIONS[rule.kind]:
            raise UnknownName("dimension", dimension[:100], DIMENSIONS[rule.kind])


def _check_masks(rule: AlertRule) -> None:
    for mask in (rule.signal.deployment, rule.signal.machine, rule.signal.run):
        if not _MASK.fullmatch(mask):
            raise BadInput(f"Mask {clean(mask, 80)!r} is not usable: a name, with * and ? for other characters.")
    if rule.kind is RuleKind.DEPLOYMENT_RUNS and (rule.signal.machine, rule.signal.run) != ("*", "*"):
        raise BadInput("Runs of deployments are counted by name and status: --machine and --run are for machine runs.")


def _check_threshold(rule: AlertRule) -> None:
    if not math.isfinite(rule.threshold):
        raise BadInput(f"{rule.threshold} is no threshold: give a number.")
    is_count = rule.measure is None or not rule.measure.column
    if is_count and rule.split_by and rule.finds(0.0):
        raise BadInput(
            f"A rule that fires at none ({rule.comparison} {rule.threshold:g}) cannot be split: what is missing has no "
            "row. Name what is to be counted, one rule for each."
        )


def _check_times(rule: AlertRule) -> None:
    if rule.measure is None and rule.window_minutes < 1:
        raise BadInput("A rule over runs counts those of a time window: --window 1h.")
    bounds = (
        ("window", rule.window_minutes),
        ("time until it is resolved", rule.resolve_minutes),
        ("time until it is repeated", rule.repeat_minutes),
        ("time for which messages are grouped", rule.group_minutes),
    )
    for what, minutes in bounds:
        if not 0 <= minutes <= LONGEST_MINUTES:
            raise BadInput(f"A {what} of {minutes} minutes is not usable: up to {LONGEST_MINUTES} (366 days).")
    if not 1 <= rule.evaluations <= 1_000:
        raise BadInput(f"{rule.evaluations} evaluations are not usable: 1 to 1000.")


def _check_quiet(rule: AlertRule) -> None:
    find_zone(rule.quiet.zone)
    if rule.breaks_quiet and rule.severity is not Severity.CRITICAL:
        raise BadInput(f"Only a Critical rule breaks through quiet hours, and this one is {rule.severity}.")


_CHECKS: tuple[Callable[[AlertRule], None], ...] = (
    _check_name,
    _check_source,
    _check_signal,
    _check_masks,
    _check_threshold,
    _check_times,
    _check_quiet,
)
