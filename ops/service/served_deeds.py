"""What the service does for those who may not write its home: each deed is the function that a verb calls too."""

import asyncio
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from fleet.assessments import Assessment
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Requester
from fleet.errors import BadInput
from fleet.machines import Machine
from fleet.roles import Deed
from ops.assess import FleetOptions, assess_fleet, note_assessment, options_of
from ops.assess_events import AssessEvent, MachineFinished, MachineStarted
from ops.config import load_settings
from ops.credentials.finding import HomeSecrets
from ops.deployments.definitions import find_deployment
from ops.deployments.planning import MachinePlanned
from ops.deployments.preview import PreviewEvent, preview_deployment
from ops.deployments.run_requests import FURTHEST_START, ask_run, narrow, request_run
from ops.service.duty import Post
from ops.service.wire import Assessed, LeftOut, Reply, ReplyKind, Request
from ops.state.audit import Actor, Audit
from ops.state.database import opened
from ops.state.documents import Codec
from ops.state.machines import MachineBook
from ops.state.runs import RunAction

_ASSESSMENTS = Codec(Assessment)
_ASSESSED = Codec(Assessed)
_PLANS = Codec(Plan)
_HASH = re.compile("[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Served:
    """A request that was let in: who asks, whom replies go to while it is done, and what ends it early."""

    post: Post
    request: Request
    requester: Requester
    say: Callable[[Reply], None]
    stop: asyncio.Event


async def serve_deed(served: Served) -> Reply:
    """Does what is asked, and gives the last reply.

    Raises:
        PatchdeckError: it cannot be done; says why.
    """
    match served.request.deed:
        case Deed.ASSESS:
            return await _assess(served)
        case Deed.PREVIEW:
            return await _preview(served)
        case Deed.RUN:
            return await asyncio.to_thread(_run, served)
        case Deed.PAUSE | Deed.RESUME | Deed.CANCEL:
            return await asyncio.to_thread(_ask, served)


async def _assess(served: Served) -> Reply:
    machines = await asyncio.to_thread(_machines, served)

    def tell(event: AssessEvent) -> None:
        match event:
            case MachineStarted(machine):
                served.say(Reply(ReplyKind.BEGUN, machine.id))
            case MachineFinished(machine, assessment, done):
                # Lists of all that is installed are for the tables, where they are by then.
                shown = replace(assessment, installed={}, sources={})
                served.say(Reply(ReplyKind.FINISHED, machine.id, document=_ASSESSMENTS.dump(shown), count=done))

    options = await asyncio.to_thread(_options, served)
    post = served.post
    result = await assess_fleet(post.home, machines, options, tell, stop=served.stop, clock=post.clock)
    left = tuple(machine.id for machine in result.not_assessed)
    outside = tuple(LeftOut(each.machine.id, each.why) for each in result.outside)
    ended = Assessed(
        result.batch_id, result.started_at, result.ended_at, left, result.evidence, outside, result.scope_problems
    )
    return Reply(ReplyKind.ASSESSED, document=_ASSESSED.dump(ended))


async def _preview(served: Served) -> Reply:
    deployment = await asyncio.to_thread(_deployment, served)
    await asyncio.to_thread(_note, served, "deployment.preview", deployment.name, {"targets": deployment.targets})

    def tell(event: PreviewEvent) -> None:
        if isinstance(event, MachinePlanned):
            text = json.dumps([event.updates, event.problem, event.total])
            served.say(Reply(ReplyKind.PLANNED, event.machine_name, text, count=event.done))
        else:
            served.say(Reply(ReplyKind.NOTE, text=event.text))

    options = await asyncio.to_thread(_options, served)
    plan = await preview_deployment(served.post.home, deployment, options, tell, stop=served.stop)
    return Reply(ReplyKind.PLAN, document=_PLANS.dump(plan))


def _run(served: Served) -> Reply:
    request, now = served.request, served.post.clock()
    if request.required_plan and not _HASH.fullmatch(request.required_plan):
        raise BadInput("The plan that is required is no hash.")
    opens_at = now if request.opens_at is None else max(now, request.opens_at)
    if opens_at > now + FURTHEST_START:
        raise BadInput("The window would not open within the year to come.")
    run = request_run(
        served.post.home, _deployment(served), opens_at, request.required_plan, requester=served.requester
    )
    return Reply(ReplyKind.ASKED, run.id, count=1)


def _ask(served: Served) -> Reply:
    action = RunAction(served.request.deed.value)
    asked = ask_run(served.post.home, served.request.run, action, requester=served.requester)
    return Reply(ReplyKind.ASKED, asked.run.id, asked.outcome.value)


def _deployment(served: Served) -> Deployment:
    """The deployment as it is defined, narrowed as is asked: whoever asks defines nothing."""
    request, home = served.request, served.post.home
    defined = find_deployment(home, request.deployment).deployment
    return narrow(home, defined, request.targets, window_minutes=request.window_minutes or None)


def _machines(served: Served) -> Sequence[Machine]:
    ids = served.request.machine_ids
    with opened(served.post.home.state_file) as connection:
        known = MachineBook(connection).with_ids(ids)
    if gone := [machine_id for machine_id in ids if machine_id not in known]:
        raise BadInput(f"{len(gone)} of these machines are not enrolled any more: look again.")
    machines = [known[machine_id] for machine_id in dict.fromkeys(ids)]
    note_assessment(served.post.home, machines, _actor(served))
    return machines


def _options(served: Served) -> FleetOptions:
    options = options_of(load_settings(served.post.home))
    request = served.request
    # One that is not that of the settings was asked for, and is meant for every machine.
    is_asked = request.deadline_seconds not in (None, options.deadline_seconds)
    return replace(
        options,
        windows_deadline_seconds=None if is_asked else options.windows_deadline_seconds,
        refresh=request.refresh or request.deed is Deed.PREVIEW,
        deadline_seconds=request.deadline_seconds or options.deadline_seconds,
        secrets=HomeSecrets(served.post.home),
    )


def _note(served: Served, action: str, target: str, after: object) -> None:
    """Audit what is done for somebody and leaves no other trace of who asked."""
    with opened(served.post.home.state_file) as connection:
        Audit(connection, _actor(served)).record(action, target, None, json.dumps(after))


def _actor(served: Served) -> Actor:
    who = served.requester
    return Actor(who.user, who.ssh_client, who.command, who.origin)
