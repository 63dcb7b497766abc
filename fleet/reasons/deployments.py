"""What deployments make of an update: which one will install it and when, and why the others do not."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from fleet.answers import Answer
from fleet.deployments.masks import chosen_text
from fleet.deployments.occurrences import Start
from fleet.deployments.plan import LeftOutReason
from fleet.deployments.prediction import fits
from fleet.deployments.reboot_rules import RebootPolicy
from fleet.deployments.runs import RunStatus
from fleet.hostile import clean
from fleet.machines import Machine
from fleet.name_lists import some_of
from fleet.reasons.commands import edited, patchdeck
from fleet.reasons.facts import DeploymentSight, HomeSight, OpenRun, UpdateCase
from fleet.reasons.nearest import find_nearest, why_not_named
from fleet.reasons.reason import Reason, ReasonKind, Weight
from fleet.reasons.rules import judge_by_rules, rule_reason


def deployment_reasons(case: UpdateCase, home: HomeSight, covering: Sequence[DeploymentSight]) -> Iterator[Reason]:
    """What each of ``covering``, whose targets name the machine, does about the update; else which one nearly does.

    What keeps one deployment from installing it is only a note where another one takes care of it.
    """
    if case.status is None:
        return
    if not covering:
        yield _uncovered(case, case.status.machine, home)
        return
    found = [reason for sight in covering for reason in _of_one(case, sight, home)]
    if any(reason.weight is Weight.UNDER_WAY for reason in found):
        found = [replace(each, weight=Weight.NOTE) if each.stops else each for each in found]
        if home.service_stopped and not any(each.kind is ReasonKind.RUN_IN_PROGRESS for each in found):
            yield _service_stopped(home)
    yield from found


def _of_one(case: UpdateCase, sight: DeploymentSight, home: HomeSight) -> Iterator[Reason]:
    deployment = sight.deployment
    if deployment.reboot.policy is RebootPolicy.ONLY:
        words = f"{deployment.name} only restarts machines."
        about = {"about": deployment.name}
        remedy = "Let another deployment install it, or let this one install updates too."
        command = patchdeck("deployments", "edit", deployment.name, "--reboot", "if-required")
        yield Reason(
            ReasonKind.RESTARTS_ONLY, Weight.STOPS, words, "its reboot policy is only", remedy, command, **about
        )
    elif left := judge_by_rules(case, deployment, home):
        # What keeps it back on the machine is a reason of its own.
        yield rule_reason(deployment, left, Weight.NOTE if left.reason is LeftOutReason.BLOCKED else Weight.STOPS)
    else:
        runs = [reason for each in sight.open_runs for reason in _of_run(case, each)]
        yield from runs
        yield from _coming(sight, has_run=bool(runs))
        yield from _predicted(case, sight)


def _coming(sight: DeploymentSight, *, has_run: bool) -> Iterator[Reason]:
    """When it starts next, or why it does not; a run that is open already makes up for a start that is not."""
    deployment = sight.deployment
    name, run = deployment.name, patchdeck("deployments", "run", deployment.name)

    def stopping(kind: ReasonKind, why: str, evidence: str, remedy: str, command: str) -> Reason:
        return Reason(kind, Weight.STOPS, f"{name} would install it, but {why}.", evidence, remedy, command, name)

    if sight.skipped:
        words, remedy = (
            f"The last start of {name} was not made.",
            "Nothing, if the next one is soon enough; else run it.",
        )
        yield Reason(ReasonKind.START_SKIPPED, Weight.NOTE, words, sight.skipped, remedy, run, name)
    if not deployment.enabled:
        enable = patchdeck("deployments", "enable", name)
        why = "is disabled"
        yield stopping(ReasonKind.DEPLOYMENT_DISABLED, why, _takes(sight), "Enable it, or run it once.", enable)
    elif sight.problem:
        why, show = "cannot run as it is defined", patchdeck("deployments", "show", name)
        yield stopping(ReasonKind.DEPLOYMENT_BROKEN, why, clean(sight.problem), "Mend it.", show)
    elif sight.next_start is not None:
        yield _will_be_installed(sight, sight.next_start)
    elif not has_run and deployment.schedule is None:
        why = "has no schedule: it runs when somebody asks for it"
        yield stopping(ReasonKind.NO_SCHEDULE, why, _takes(sight), "Run it.", run)
    elif not has_run:
        why, remedy = "its schedule has no start any more", "Run it now, or give it new starts."
        yield stopping(ReasonKind.NO_MORE_STARTS, why, _takes(sight), remedy, run)


def _will_be_installed(sight: DeploymentSight, start: Start) -> Reason:
    deployment = sight.deployment
    approval = f"; {deployment.needs_approval} must approve its plan" if deployment.needs_approval else ""
    return Reason(
        ReasonKind.WILL_BE_INSTALLED,
        Weight.UNDER_WAY,
        f"{deployment.name} takes it at its next start, {start.at:%Y-%m-%d %H:%M} UTC.",
        f"{start.local}{approval}; {_takes(sight)}",
        "Nothing; to have it sooner, run it now.",
        patchdeck("deployments", "run", deployment.name),
        deployment.name,
    )


def _takes(sight: DeploymentSight) -> str:
    """By what the deployment chooses the machine and the update."""
    deployment = sight.deployment
    return f"its targets ({some_of(deployment.targets, 3)}) name it; it takes {chosen_text(deployment.updates)}"


def _of_run(case: UpdateCase, open_run: OpenRun) -> Iterator[Reason]:
    """What an open run does about it; nothing where the machine is not in the run, or is done with."""
    run = open_run.run
    mine = next((each for each in case.tries if each.run.id == run.id), None)
    if mine is None and run.plan_hash and not run.waits_for_approval and run.status is not RunStatus.WAITING:
        return
    if mine is not None and mine.status.is_over:
        return
    name, about = run.deployment.name, {"about": run.deployment.name, "run_id": run.id}
    note = clean(run.note)
    match run.status:
        case RunStatus.WAITING if open_run.approval:
            words = f"The run {run.id} of {name} waits for approval."
            command = patchdeck("deployments", "approve", name, "--plan", run.plan_hash[:12] or run.required_plan[:12])
            yield Reason(
                ReasonKind.WAITS_FOR_APPROVAL,
                Weight.STOPS,
                words,
                clean(open_run.approval),
                "Somebody else approves its plan.",
                command if run.plan_hash or run.required_plan else patchdeck("deployments", "status", run.id),
                **about,
            )
        case RunStatus.WAITING:
            words = f"The run {run.id} of {name} takes it once its window opens, {run.opens_at:%Y-%m-%d %H:%M} UTC."
            yield Reason(ReasonKind.WAITS_FOR_WINDOW, Weight.UNDER_WAY, words, note or "it waits", "Nothing.", **about)
        case RunStatus.PAUSED:
            words = f"The run {run.id} of {name} is paused, and its window does not wait."
            command = patchdeck("deployments", "resume", run.id)
            yield Reason(
                ReasonKind.RUN_PAUSED, Weight.STOPS, words, note or "it is paused", "Resume it.", command, **about
            )
        case RunStatus.IN_PROGRESS:
            stands = f"the machine is {mine.status.value}" if mine else "its plan is being made"
            words = f"The run {run.id} of {name} is at work, until {run.closes_at:%Y-%m-%d %H:%M} UTC."
            command = patchdeck("deployments", "logs", run.id)
            yield Reason(ReasonKind.RUN_IN_PROGRESS, Weight.UNDER_WAY, words, stands, "Nothing.", command, **about)


def _predicted(case: UpdateCase, sight: DeploymentSight) -> Iterator[Reason]:
    prediction, window = case.predictions.get(sight.deployment.name), sight.deployment.window
    if prediction is None or fits(prediction, window) is not Answer.NO:
        return
    name, minutes = sight.deployment.name, round(prediction.careful_install_seconds / 60)
    source = "the machine's own" if prediction.is_own else "the fleet's"
    yield Reason(
        ReasonKind.WINDOW_TOO_SHORT,
        Weight.MAY_STOP,
        f"The window of {name} may be too short for all that the machine misses.",
        f"by {prediction.installs} of {source} installations it takes about {minutes} minutes, and a restart where one "
        f"follows; the window has {window.minutes}",
        "Make the window longer, or let machines download before it opens (--predownload).",
        patchdeck("deployments", "edit", name, "--window", str(max(window.minutes * 2, minutes * 2))),
        name,
    )


def _uncovered(case: UpdateCase, machine: Machine, home: HomeSight) -> Reason:
    all_ = [each.deployment for each in home.deployments]
    takes = [judge_by_rules(case, each, home) is None for each in all_]
    nearest = find_nearest(all_, machine, takes)
    if nearest is None:
        words = "No deployment is defined: nothing installs updates by itself."
        command = patchdeck(
            "deployments", "add", "security", "--target", machine.name, "--class", "security", "--class", "critical"
        )
        evidence = "deployments list is empty"
        return Reason(ReasonKind.NO_DEPLOYMENT, Weight.STOPS, words, evidence, "Define one.", command)
    wants = "wants the update" if takes[all_.index(nearest)] else "does not want the update either"
    return Reason(
        ReasonKind.NOT_TARGETED,
        Weight.STOPS,
        f"No deployment names the machine; {nearest.name} is the nearest of {len(all_)}, and {wants}.",
        f"{nearest.name} is for {why_not_named(nearest.targets, machine)}",
        "Let a deployment name the machine, or give the machine what its targets ask for.",
        edited(nearest, "--target", nearest.targets, machine.name),
        nearest.name,
    )


def _service_stopped(home: HomeSight) -> Reason:
    words = "The service does not run: nothing starts by its schedule."
    command = patchdeck("service", "start")
    return Reason(ReasonKind.SERVICE_STOPPED, Weight.STOPS, words, home.service_stopped, "Start it.", command)
