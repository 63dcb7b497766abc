"""What a machine says to the script `dump`, part by part: in the shapes of Windows, of what the model holds."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.machine import AUTO_UPDATE_REBOOT, AUTOMATIC_UPDATES, CBS, WINDOWS_UPDATE, PeerMachine
from tests.winrm_peer.offers import PeerUpdate
from tests.winrm_peer.scripts.configure_read import MANAGED, as_held

_KEYS = (WINDOWS_UPDATE, AUTOMATIC_UPDATES, AUTO_UPDATE_REBOOT, CBS, CBS + r"\RebootPending", MANAGED)
_REFUSED = {"stage": "search", "hresult": "0x80070005", "message": "Access is denied."}


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Says one part; the agent's own only where this login may ask it."""
    part = told["part"]
    is_refused = part in ("search", "history") and machine.refuses_search
    found = None if is_refused else _PARTS[part](machine, told)
    errors = [_REFUSED] if is_refused else []
    if part == "search" and not is_refused:
        machine.spend(machine.search_seconds)
    say({"schema": 1, "part": part, "ok": not is_refused, "found": found, "elapsed_ms": 40, "errors": errors})


def _echo(machine: PeerMachine, told: Mapping[str, Any]) -> object:
    return {
        "text": told["text"],
        "code_points": [ord(character) for character in told["text"]],
        "input_code_page": 65001,
        "powershell": machine.powershell,
        "language_mode": machine.language_mode,
    }


def _system(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    system = {"Caption": machine.caption, "BuildNumber": str(machine.build), "ProductType": str(machine.product_type)}
    return {"Win32_OperatingSystem": [system], "Win32_ComputerSystem": [{"PartOfDomain": str(bool(machine.domain))}]}


def _services(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    return [
        {"name": name, "state": service.state, "start_type": service.start_type}
        for name, service in machine.services.items()
    ]


def _registry(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    return [
        {
            "key": path.removeprefix("HKLM\\"),
            "exists": machine.registry.has_key(path),
            "values": [{"name": name, "held": as_held(value)} for name, value in machine.registry.values(path).items()],
        }
        for path in _KEYS
    ]


def _probes(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    denied = "0x80070005" if machine.refuses_search else "0x00000000"
    calls = {"CreateUpdateSearcher": denied, "CreateUpdateInstaller": "0x80070005"}
    return [{"call": call, "hresult": code, "said": "", "elapsed_ms": 3} for call, code in calls.items()]


def _search(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    offered = [*machine.offered(), *machine.superseded()]
    return {"result_code": 2, "updates": {"items": [_update(machine, update) for update in offered]}}


def _update(machine: PeerMachine, update: PeerUpdate) -> object:
    return {
        "Title": update.title,
        "Identity": {"UpdateID": update.id, "RevisionNumber": machine.revision_of(update)},
        "KBArticleIDs": {"items": update.kb or []},
        "EulaAccepted": update.eula_accepted,
        "Categories": {"items": [dataclasses.asdict(category) for category in update.categories or []]},
        "SupportUrl": update.support_url,
    }


def _history(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    return {"items": [{"Title": entry.title, "ResultCode": entry.result_code} for entry in machine.history]}


def _winrm(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    return {"get winrm/config": ["Config", f"    MaxShellsPerUser = {machine.limits.most_shells}"]}


def _tasks(_machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    rights = "O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)"
    return {"rights": rights, "registered_ms": 60, "ended_ms": 900, "result": "0x00000015"}


def _names(machine: PeerMachine, _told: Mapping[str, Any]) -> object:
    return {
        "host": [machine.name],
        "domain": [machine.domain],
        "user": [user.name for user in machine.users] + machine.logged_in_users,
        "organisation": [],
        "serial": [machine.system_uuid, machine.machine_guid],
    }


_PARTS: Mapping[str, Callable[[PeerMachine, Mapping[str, Any]], object]] = {
    "echo": _echo,
    "system": _system,
    "services": _services,
    "registry": _registry,
    "probes": _probes,
    "search": _search,
    "history": _history,
    "winrm": _winrm,
    "tasks": _tasks,
    "names": _names,
}
