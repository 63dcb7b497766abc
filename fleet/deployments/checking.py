"""Whether a deployment makes sense as a whole: what cannot work is refused before anybody waits for it."""

import math
import re

from fleet.channels import check_channel_name
from fleet.deployments.budget import budget_text, parse_budget
from fleet.deployments.deployment import Deployment
from fleet.deployments.masks import mask_text, parse_mask
from fleet.deployments.names import check_deployment_name
from fleet.deployments.reboot_rules import RebootPolicy, RebootRules
from fleet.deployments.reboot_times import parse_clock_time
from fleet.deployments.rollout import FailureBudget, HealthGate, Rollout, WaveKind
from fleet.deployments.rounds import MOST_ROUNDS
from fleet.deployments.schedule_checks import check_schedule_form
from fleet.deployments.scripts import Script
from fleet.deployments.update_rules import UpdateRules
from fleet.deployments.waves import parse_wave, wave_text
from fleet.deployments.window import LONGEST_MINUTES, check_window
from fleet.errors import BadInput, UnknownName
from fleet.hostile import scrub
from fleet.machines import check_port, parse_tag
from fleet.targets import select_machines

_PARAMETER = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,62}")
_MOST_TARGETS = 10_000
_MOST_CHARACTERS = 4_000
_A_DAY_OF_MINUTES = 24 * 60
_TEN_YEARS_OF_DAYS = 3_650
_LONGEST_NOTICE_HOURS = 31 * 24
# Nobody has more admins for one home; a number that nobody can reach would end every run unbegun.
MOST_APPROVALS = 20


def check_deployment(deployment: Deployment) -> Deployment:
    """The deployment, if it can be used; whether its starts are over is for `check_schedule` to say.

    Raises:
        BadInput: the first thing that cannot work, in a sentence.
    """
    check_deployment_name(deployment.name)
    _check_text("The description", deployment.description, lines=True)
    _check_targets(deployment.targets)
    _check_updates(deployment.updates)
    _check_something_to_do(deployment)
    if deployment.schedule is not None:
        check_schedule_form(deployment.schedule)
        _check_path("The calendar of blackouts", deployment.schedule.blackouts, may_be_empty=True)
    check_window(deployment.window)
    _check_reboot(deployment.reboot, deployment.window.minutes)
    for script in deployment.scripts:
        _check_script(script)
    _check_rollout(deployment.rollout, deployment.window.minutes)
    _check_range("Pre-download before the window", deployment.predownload_minutes, 0, LONGEST_MINUTES, "minutes")
    _check_range("The number of approvals", deployment.needs_approval, 0, MOST_APPROVALS, "people")
    _check_telling(deployment)
    return deployment


def _check_telling(deployment: Deployment) -> None:
    names = [check_channel_name(name).casefold() for name in deployment.channels]
    if len(set(names)) < len(names):
        raise BadInput("A channel is given twice.")
    if deployment.notice_hours is not None:
        _check_range("The notice before a start", deployment.notice_hours, 0.1, _LONGEST_NOTICE_HOURS, "hours")
        if not names:
            raise BadInput("Notice is given to channels: name those that are told.")


def _check_targets(targets: tuple[str, ...]) -> None:
    if not targets:
        raise BadInput("There are no targets: name machines, tag:key=value, os:linux or all.")
    if len(targets) > _MOST_TARGETS:
        raise BadInput(f"There are {len(targets):,} targets, and at most {_MOST_TARGETS:,} are taken: use a tag.")
    for target in targets:
        _check_text("A target", target)
        if not target.strip():
            raise BadInput("A target is empty.")
        try:
            select_machines((target,), ())
        except UnknownName as error:
            if error.kind == "operating system":
                raise


def _check_updates(rules: UpdateRules) -> None:
    _check_range("The minimum age", rules.minimum_age_days, 0, _TEN_YEARS_OF_DAYS, "days")
    if rules.rounds is not None:
        _check_range("The number of rounds", rules.rounds, 1, MOST_ROUNDS, "rounds")
    if len(set(rules.classes)) < len(rules.classes):
        raise BadInput("A class of updates is given twice.")
    for mask in (*rules.include, *rules.exclude, *(exclusion.mask for exclusion in rules.exclusions)):
        if parse_mask(mask_text(mask)) != mask:
            raise BadInput(f"Mask {mask_text(mask)!r} is not usable: it would be read as another one.")
    for exclusion in rules.exclusions:
        _check_text("The reason of an exclusion", exclusion.reason)
        _check_text("The name behind an exclusion", exclusion.by)
        if not exclusion.reason.strip():
            raise BadInput(f"The exclusion of {mask_text(exclusion.mask)!r} has no reason: say why, others will ask.")


def _check_something_to_do(deployment: Deployment) -> None:
    chooses = bool(deployment.updates.classes or deployment.updates.include)
    reboots_only = deployment.reboot.policy is RebootPolicy.ONLY
    if reboots_only and chooses:
        raise BadInput("The reboot policy is only, which installs nothing: leave out classes and include.")
    if not reboots_only and not chooses:
        raise BadInput("Nothing would be installed: give classes of updates, or masks to include.")


def _check_reboot(rules: RebootRules, window_minutes: int) -> None:
    if rules.at:
        parse_clock_time(rules.at)
    _check_text("The message before a reboot", rules.message)
    _check_range(
        "The notice before a reboot", rules.notice_minutes, 0, min(_A_DAY_OF_MINUTES, window_minutes), "minutes"
    )
    if rules.return_minutes is not None:
        _check_range("The time to return after a reboot", rules.return_minutes, 1, _A_DAY_OF_MINUTES, "minutes")


def _check_script(script: Script) -> None:
    _check_path("A script", script.path)
    _check_range(f"The time limit of {script.path}", script.timeout_seconds, 1, 86_400, "seconds")
    for name, value in script.parameters.items():
        if not _PARAMETER.fullmatch(name):
            raise BadInput(
                f"Parameter {name[:80]!r} of {script.path} is not usable: letters, digits and '_', "
                "not beginning with a digit, at most 63."
            )
        if "\0" in value or len(value) > _MOST_CHARACTERS:
            raise BadInput(f"Parameter {name!r} of {script.path} has a value that no environment holds.")


def _check_rollout(rollout: Rollout, window_minutes: int) -> None:
    for wave in rollout.waves:
        if parse_wave(wave_text(wave)) != wave:
            raise BadInput(f"Wave {wave_text(wave)!r} is not usable: it would be read as another one.")
    if any(wave.kind is WaveKind.REST for wave in rollout.waves[:-1]):
        raise BadInput("Behind the wave 'rest' no machine is left for another wave.")
    for what, tag in (("cluster", rollout.cluster_tag), ("order", rollout.order_by_tag)):
        if tag and parse_tag(f"{tag}=x")[0] != tag:
            raise BadInput(f"The tag for the {what} is not usable: {tag[:80]!r}.")
    if rollout.concurrency is not None:
        _check_range("Machines at once", rollout.concurrency, 1, 10_000, "machines")
    if rollout.budget is not None:
        _check_budget(rollout.budget)
    _check_gate(rollout.gate, window_minutes)


def _check_budget(budget: FailureBudget) -> None:
    if (budget.machines is None) == (budget.percent is None):
        raise BadInput("A failure budget is a number of machines or a percentage, one of the two.")
    if parse_budget(budget_text(budget)) != budget:
        raise BadInput(f"Failure budget {budget_text(budget)!r} is not usable: it has too many digits.")


def _check_gate(gate: HealthGate, window_minutes: int) -> None:
    _check_range("The success of a wave", gate.success_percent, 0, 100, "percent")
    _check_range(
        "The soak time between waves", gate.soak_minutes, 0, window_minutes, "minutes, the length of the window"
    )
    _check_text("The command of the health gate", gate.command, lines=True)
    if len(set(gate.tcp_ports)) < len(gate.tcp_ports):
        raise BadInput("A TCP port of the health gate is given twice.")
    for port in gate.tcp_ports:
        check_port(port)


def _check_range(what: str, value: float, least: float, most: float, unit: str) -> None:
    if not (math.isfinite(value) and least <= value <= most):
        raise BadInput(f"{what} is {value:,}, and must be from {least:,} to {most:,} {unit}.")


def _check_path(what: str, path: str, *, may_be_empty: bool = False) -> None:
    if may_be_empty and not path:
        return
    _check_text(what, path)
    if not path.startswith("/"):
        raise BadInput(f"{what} needs a whole path, beginning with '/': {path[:200]!r} depends on where it is read.")


def _check_text(what: str, text: str, *, lines: bool = False) -> None:
    shown = re.sub(r"[\n\t]", " ", text) if lines else text
    if scrub(shown) != shown:
        raise BadInput(f"{what} has characters that cannot be shown, such as control characters.")
    if len(text) > _MOST_CHARACTERS:
        raise BadInput(f"{what} is longer than {_MOST_CHARACTERS:,} characters.")
