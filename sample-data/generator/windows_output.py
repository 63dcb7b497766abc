"""What the scripts on a Windows machine of the sample answer: for each scan, and for its transcript."""

import base64
import json
from dataclasses import fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any
from uuid import UUID

from collectors.transports.transcripts import MARKER_PLACEHOLDER
from collectors.windows.answer import begin_of, end_of
from collectors.windows.assess_answer import (
    SCHEMA,
    AgentAnswer,
    ComputerAnswer,
    ErrorAnswer,
    FollowAnswer,
    MachineAnswer,
    RebootAnswer,
    ServiceAnswer,
    TaskAnswer,
)
from generator.conditions import clock_skew_seconds, is_agent_broken
from generator.era import identity
from generator.identities import fqdn_of, machine_id_of
from generator.windows_box import WindowsBox
from generator.windows_updates import revision

_LINE = 960
# Each answer names the search that it is about; in a transcript, one stands for all.
_RUN_ID = "5a3d1e004c1b4b6e"
# From this build on a login from elsewhere may not search: windows.md, section 0.
_FIRST_BUILD_BY_TASK = 26100
_RELEASES = {"17763": "1809", "20348": "21H2", "26100": "24H2", "26200": "25H2"}
_BROKEN = tuple(
    ErrorAnswer(stage, "0x80240001", "Exception from HRESULT: 0x80240001", line)
    for stage, line in (("search", 181), ("search_offline", 188))
)
_NET_48, _NET_481 = 528449, 533325
_WORKSTATION, _DOMAIN_CONTROLLER, _SERVER = 1, 2, 3


def machine_answer(box: WindowsBox, at: datetime) -> MachineAnswer:
    """What `assess` answers at ``at``, with what was found, whoever searched."""
    is_broken = is_agent_broken(box.member, at)
    told_at = at + timedelta(seconds=clock_skew_seconds(box.member))
    return MachineAnswer(
        schema=SCHEMA,
        ok=not is_broken,
        method="task" if is_by_task(box) else "direct",
        collected_utc=told_at.replace(microsecond=0),
        elapsed_ms=9_400,
        is_admin=True,
        logon_type="network",
        computer=_computer(box),
        agent=_agent(box, at, is_broken=is_broken),
        source=box.source,
        reboot=_reboot(box),
        found=None if is_broken else box.found(at),
        errors=_BROKEN if is_broken else (),
    )


def is_by_task(box: WindowsBox) -> bool:
    """Whether SYSTEM has to search there."""
    return int(_build(box)) >= _FIRST_BUILD_BY_TASK


def outputs_of(box: WindowsBox, at: datetime) -> list[bytes]:
    """Standard output of each script that an assessment at ``at`` runs there, in order, with the marker's place."""
    answer = flat_answer(box, at)
    if not is_by_task(box):
        return [_print(answer)]
    result = _encode(found_answer(box, at))
    done = FollowAnswer(SCHEMA, _RUN_ID, "done", task_result="0x00000000", result=result)
    return [_print(answer), _print(json_of(done))]


def flat_answer(box: WindowsBox, at: datetime) -> dict[str, Any]:
    """What `assess` answers at ``at``, as JSON; what the login found, where it searched, stands beside the rest."""
    if is_by_task(box):
        begun = replace(machine_answer(box, at), task=TaskAnswer("started", _RUN_ID), found=None)
        return {name: value for name, value in json_of(begun).items() if name != "found"}
    flat: dict[str, Any] = json_of(machine_answer(box, at))
    found = flat.pop("found") or {"search": None, "errors": []}
    return flat | found | {"errors": [*flat["errors"], *found["errors"]]}


def found_answer(box: WindowsBox, at: datetime) -> dict[str, Any]:
    """What a search by SYSTEM finds at ``at``, as JSON."""
    found: dict[str, Any] = json_of(machine_answer(box, at).found)
    return found


def json_of(value: object) -> Any:  # Any: what JSON can hold
    """A dataclass of answers as what JSON holds of it."""
    if is_dataclass(value):
        return {each.name: json_of(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [json_of(each) for each in value]
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return value.value if isinstance(value, Enum) else value


def _build(box: WindowsBox) -> str:
    return box.member.system.os_version.rpartition(".")[2]


def _computer(box: WindowsBox) -> ComputerAnswer:
    member, system, build = box.member, box.member.system, _build(box)
    is_workstation = member.role == "workstation"
    return ComputerAnswer(
        name=member.name.upper(),
        fqdn=fqdn_of(member),
        domain="corp.example.com",
        is_in_domain=True,
        caption=system.os_full_name,
        version=system.os_version,
        build=box.kernel.removeprefix("10.0."),
        display_version=_RELEASES[build],
        edition="Professional" if is_workstation else "ServerStandard",
        installation_type=_installation_type(box),
        product_type=_product_type(box),
        language="en-US",
        last_boot_utc=box.booted_at.replace(microsecond=0),
        powershell=f"5.1.{build}.{revision(0)}",
        language_mode="FullLanguage",
        architecture="AMD64",
        machine_guid=str(UUID(machine_id_of(member))),
        system_uuid=identity("system", member.name).upper(),
        net_release=_NET_481 if int(build) >= _FIRST_BUILD_BY_TASK else _NET_48,
        addresses=(member.address,),
        system_drive="C:",
        free_bytes=38_000_000_000,
        total_bytes=127_000_000_000,
    )


def _installation_type(box: WindowsBox) -> str:
    if box.member.role == "workstation":
        return "Client"
    return "Server Core" if box.member.role in {"dc", "hypervisor"} else "Server"


def _product_type(box: WindowsBox) -> int:
    return {"workstation": _WORKSTATION, "dc": _DOMAIN_CONTROLLER}.get(box.member.role, _SERVER)


def _agent(box: WindowsBox, at: datetime, *, is_broken: bool) -> AgentAnswer:
    state, start = ("Stopped", "Disabled") if is_broken else ("Running", "Manual")
    services = (
        ServiceAnswer("wuauserv", state, start),
        ServiceAnswer("BITS", "Stopped", "Manual"),
        ServiceAnswer("TrustedInstaller", "Stopped", "Manual"),
        ServiceAnswer("CryptSvc", "Running", "Automatic"),
    )
    return AgentAnswer(
        wuapi_version=f"{box.member.system.os_version}.{revision(0)}",
        services=services,
        last_search_utc=(at - timedelta(hours=5)).replace(minute=17, second=0, microsecond=0),
        last_install_utc=max(box.applied).replace(microsecond=0) if box.applied else None,
    )


def _reboot(box: WindowsBox) -> RebootAnswer:
    return RebootAnswer(bool(box.reboot_reasons), ("windows_update",) if box.reboot_reasons else (), wua_asked=False)


def _print(answer: object) -> bytes:
    text = _encode(answer)
    lines = (text[start : start + _LINE].encode() for start in range(0, len(text), _LINE))
    marker = MARKER_PLACEHOLDER.decode()
    return b"\r\n".join([begin_of(marker), *lines, end_of(marker), b""])


def _encode(answer: object) -> str:
    return base64.b64encode(json.dumps(answer, separators=(",", ":")).encode()).decode("ascii")
