"""Asking the service of a shared home for what this user may not do alone: the other end of `ops.service.door`."""

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any

from fleet.assessments import Assessment
from fleet.audit_masking import mask_command
from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import Plan
from fleet.deployments.runs import Run
from fleet.errors import NotPermitted, PatchdeckError, UnknownName
from fleet.machines import Machine
from fleet.roles import Deed
from fleet.scope import Outside
from ops.acting_login import acting_login
from ops.assess import BatchResult, FleetOptions
from ops.assess_events import AssessEvent, BatchCommitted, MachineFinished, MachineStarted
from ops.audit.origins import ssh_client_of
from ops.deployments.definitions import find_deployment
from ops.deployments.planning import MachinePlanned
from ops.deployments.preview import PlanNote, PreviewEvent
from ops.deployments.run_requests import Asked, AskOutcome
from ops.home import Home
from ops.service.answering import ALIVE_SECONDS, KINDS
from ops.service.knocking import connect_to_service
from ops.service.wire import Assessed, Reply, ReplyKind, Request, read_reply, write_request
from ops.state.audit import current_actor
from ops.state.database import opened
from ops.state.documents import Codec
from ops.state.runs import RunBook

_SILENT_SECONDS = 6 * ALIVE_SECONDS
_MOST_SAID = 1_900
_ENDS = (ReplyKind.ASSESSED, ReplyKind.PLAN, ReplyKind.ASKED, ReplyKind.REFUSED)


async def ask_assessment(
    home: Home,
    machines: Sequence[Machine],
    options: FleetOptions,
    on_event: Callable[[AssessEvent], None],
    stop: asyncio.Event,
) -> BatchResult:
    """As `ops.assess.assess_fleet`, done and stored by the service.

    Raises:
        PatchdeckError: it cannot be asked, or refuses.
    """
    by_id = {machine.id: machine for machine in machines if machine.enabled}
    assessments: list[Assessment] = []
    codec = Codec(Assessment)

    def take(reply: Reply) -> None:
        if reply.kind is ReplyKind.BEGUN:
            on_event(MachineStarted(by_id[reply.name]))
        elif reply.kind is ReplyKind.FINISHED:
            assessments.append(codec.load(reply.document))
            on_event(MachineFinished(by_id[reply.name], assessments[-1], reply.count, len(by_id)))

    request = Request(
        Deed.ASSESS,
        tuple(by_id),
        refresh=options.refresh,
        deadline_seconds=options.deadline_seconds,
        **_own_words(),
    )
    ended = Codec(Assessed).load((await _ask(home, request, take, stop)).document)
    on_event(BatchCommitted(ended.batch_id, len(assessments)))
    return BatchResult(
        ended.batch_id,
        ended.started_at,
        ended.ended_at,
        tuple(assessments),
        disabled=tuple(machine for machine in machines if not machine.enabled),
        not_assessed=tuple(by_id[machine_id] for machine_id in ended.not_assessed),
        evidence=ended.evidence,
        outside=tuple(Outside(by_id[each.machine_id], each.why) for each in ended.outside),
        scope_problems=ended.scope_problems,
    )


def is_defined(home: Home, deployment: Deployment) -> bool:
    """Whether ``deployment`` is all or a part of what is defined under its name: the service knows no other."""
    return _defined(home, deployment) is not None


async def ask_preview(
    home: Home, deployment: Deployment, on_event: Callable[[PreviewEvent], None], stop: asyncio.Event | None
) -> Plan:
    """As `ops.deployments.preview.preview_deployment`, done by the service, of the deployment as that has it.

    Raises:
        PatchdeckError: it cannot be asked, or refuses.
    """

    def take(reply: Reply) -> None:
        if reply.kind is ReplyKind.NOTE:
            on_event(PlanNote(reply.text))
        elif reply.kind is ReplyKind.PLANNED:
            updates, problem, total = json.loads(reply.text)
            on_event(MachinePlanned(reply.name, updates, problem, reply.count, total))

    request = Request(Deed.PREVIEW, **_narrowed(home, deployment), **_own_words())
    return Codec(Plan).load((await _ask(home, request, take, stop)).document)


def ask_for_run(home: Home, deployment: Deployment, opens_at: datetime, required_plan: str) -> Run:
    """As `ops.deployments.run_requests.request_run`, done by the service. Blocking; not where an event loop runs.

    Raises:
        PatchdeckError: it cannot be asked, or refuses.
    """
    request = Request(
        Deed.RUN, **_narrowed(home, deployment), opens_at=opens_at, required_plan=required_plan, **_own_words()
    )
    return _find_run(home, asyncio.run(_ask(home, request)).name)


def ask_of_run(home: Home, run: Run, deed: Deed, reason: str) -> Asked:
    """As `ops.deployments.run_requests.ask_run`, done by the service. Blocking; not where an event loop runs.

    Raises:
        PatchdeckError: it cannot be asked, or refuses.
    """
    request = Request(deed, run=run.id, reason=reason[:_MOST_SAID], **_own_words())
    reply = asyncio.run(_ask(home, request))
    return Asked(_find_run(home, reply.name), AskOutcome(reply.text))


async def _ask(
    home: Home,
    request: Request,
    take: Callable[[Reply], None] = lambda _reply: None,
    stop: asyncio.Event | None = None,
) -> Reply:
    reader, writer = await connect_to_service(home)
    ending = asyncio.create_task(_end_at(stop, writer)) if stop is not None else None
    try:
        writer.write(write_request(request))
        await writer.drain()
        while (reply := await _next_reply(reader)).kind not in _ENDS:
            take(reply)
    except OSError as error:
        raise PatchdeckError(f"The service of {home.path} is gone: {error.strerror or error}.") from error
    finally:
        if ending is not None:
            ending.cancel()
        writer.close()
    if reply.kind is ReplyKind.REFUSED:
        raise KINDS.get(reply.name, PatchdeckError)(reply.text)
    return reply


async def _next_reply(reader: asyncio.StreamReader) -> Reply:
    try:
        async with asyncio.timeout(_SILENT_SECONDS):
            line = await reader.readuntil(b"\n")
    except TimeoutError as error:
        raise PatchdeckError(f"The service has said nothing for {_SILENT_SECONDS:g} s.") from error
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
        raise PatchdeckError("The service ended in the middle of its answer.") from error
    return read_reply(line)


async def _end_at(stop: asyncio.Event, writer: asyncio.StreamWriter) -> None:
    await stop.wait()
    with suppress(OSError):
        writer.write(b"\n")
        writer.write_eof()  # the service stores what has come in, and says how it ended


def _narrowed(home: Home, deployment: Deployment) -> dict[str, Any]:  # Any: values of fields of a request
    """What of the deployment of that name is meant: the machines and the window, where they are not as defined."""
    if (defined := _defined(home, deployment)) is None:
        raise NotPermitted(
            f"{deployment.name} is not as an admin has defined it: the service of {home.path} works on what is defined."
        )
    return {
        "deployment": defined.name,
        "targets": () if deployment.targets == defined.targets else deployment.targets,
        "window_minutes": 0 if deployment.window == defined.window else deployment.window.minutes,
    }


def _defined(home: Home, deployment: Deployment) -> Deployment | None:
    """The definition of which ``deployment`` is all or a part."""
    try:
        defined = find_deployment(home, deployment.name).deployment
    except UnknownName:
        return None
    whole = replace(deployment, targets=defined.targets, window=defined.window)
    narrowed = replace(defined.window, minutes=deployment.window.minutes) == deployment.window
    return defined if whole == defined and narrowed else None


def _own_words() -> dict[str, Any]:  # Any: as above
    """What we say of ourselves for the audit."""
    if (login := acting_login()) is not None:
        command = current_actor().command
        return {"command": command, "ssh_client": login.client, "login": login.name, "goes_on": True}
    said = {"command": mask_command(["patchdeck", *sys.argv[1:]]), "ssh_client": ssh_client_of(os.environ)}
    return {name: "".join(filter(str.isprintable, text))[:_MOST_SAID] for name, text in said.items()}


def _find_run(home: Home, run_id: str) -> Run:
    with opened(home.state_file) as connection:
        return RunBook(connection).find(run_id)
