"""A raw dump of a real machine (`patchdeck windows dump-raw`) as a machine of the peer, that answers as it did."""

import base64
import gzip
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from fleet.raw_dump.sanitizing import encode_again
from fleet.update_client.values import VALUES
from tests.winrm_peer.machine import AUTO_UPDATE_REBOOT, CBS, SESSION_MANAGER, PeerMachine
from tests.winrm_peer.offers import PeerBundled, PeerCategory, PeerHistoryEntry, PeerUpdate
from tests.winrm_peer.parts import PeerService
from tests.winrm_peer.scenario import BadScenario
from tests.winrm_peer.scripts.configure_read import MANAGED, MICROSOFT_UPDATE

_KIND, _SCHEMA = "patchdeck-windows-dump", 1
_REASONS = {
    "windows_update": AUTO_UPDATE_REBOOT,
    "cbs": CBS + r"\RebootPending",
    "cbs_packages": CBS + r"\PackagesPending",
}
_DENIED = "0x80070005"
_MOST_BYTES = 256 * 1024 * 1024
_MISSHAPEN = (TypeError, ValueError, AttributeError, LookupError, ArithmeticError, AssertionError)


def load_dump(path: Path) -> PeerMachine:
    """The machine of the dump in the file, which may be packed.

    Raises:
        BadScenario: it is no dump, or lacks an assessment's answer.
    """
    try:
        document = json.loads(_unpacked(path))
        return machine_of(document)
    except BadScenario as error:
        raise BadScenario(f"{path}: {error}") from error
    # Somebody sent it: whatever in it has another shape than dumps have is one and the same fault.
    except (*_MISSHAPEN, OSError, EOFError, zlib.error, RecursionError) as error:
        raise BadScenario(f"{path}: {type(error).__name__}: {str(error)[:200]}") from error


def _unpacked(path: Path) -> bytes:
    """What the file holds, unpacked; no more than a dump may have."""
    with path.open("rb") as file:
        is_packed = file.read(2) == b"\x1f\x8b"
    with gzip.open(path) if is_packed else path.open("rb") as file:
        content: bytes = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise BadScenario(f"{path}: it is bigger than {_MOST_BYTES} bytes")
    return content


def machine_of(document: Mapping[str, Any]) -> PeerMachine:
    """The machine that a dump describes.

    Raises:
        BadScenario: it is none, or lacks an assessment's answer.
    """
    if (document.get("kind"), document.get("schema")) != (_KIND, _SCHEMA):
        raise BadScenario(f"it is no dump of schema {_SCHEMA}")
    answers = list(_answers(document))
    told = next((answer for name, answer in answers if name == "assess"), None)
    if told is None:
        raise BadScenario("the dump has no answer of an assessment")
    machine = _machine(told)
    _take_found(machine, _found(told, answers))
    for name, answer in answers:
        if name == "configure_read":
            _take_settings(machine, answer)
        if name == "dump":
            _take_part(machine, str(answer.get("part")), answer.get("found"))
    return machine


def _answers(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for call in document.get("calls", ()):
        for answer in call.get("answers", ()):
            yield str(call["script"]), encode_again(answer)


def _found(told: Mapping[str, Any], answers: list[tuple[str, Mapping[str, Any]]]) -> Mapping[str, Any]:
    """What the search gave: beside the rest, or by the task."""
    for name, answer in answers:
        if name == "assess_follow" and answer.get("result"):
            read = json.loads(base64.b64decode(answer["result"]))
            assert isinstance(read, dict)
            return read
    return told


def _machine(told: Mapping[str, Any]) -> PeerMachine:
    computer, agent = told["computer"] or {}, told["agent"] or {}
    names = ("name", "caption", "display_version", "edition", "installation_type", "product_type", "language")
    more = ("powershell", "language_mode", "architecture", "machine_guid", "system_uuid", "net_release")
    made: dict[str, Any] = {name: computer[name] for name in (*names, *more) if computer.get(name) is not None}
    build, _, ubr = str(computer.get("build") or "0.0").partition(".")
    machine = PeerMachine(**made, build=int(build), ubr=int(ubr or 0))
    machine.domain = str(computer.get("domain") or "") if computer.get("is_in_domain") else ""
    machine.ip_addresses = list(computer.get("addresses") or ())
    machine.disk_free_bytes = computer.get("free_bytes") or machine.disk_free_bytes
    machine.disk_total_bytes = computer.get("total_bytes") or machine.disk_total_bytes
    machine.agent_version = str(agent.get("wuapi_version") or machine.agent_version)
    machine.searched_at, machine.installed_at = (_time(agent.get(n)) for n in ("last_search_utc", "last_install_utc"))
    for service in agent.get("services") or ():
        machine.services[service["name"]] = PeerService(service["state"], service["start_type"])
    for reason in (told["reboot"] or {}).get("reasons") or ():
        if reason in _REASONS:
            machine.registry.add_key(_REASONS[reason])
        elif reason == "file_rename":
            machine.registry.write(SESSION_MANAGER, "PendingFileRenameOperations", ["renamed"])
    machine.is_search_refused = any(error.get("hresult") == _DENIED for error in told["errors"] or ()) or None
    return machine


def _take_found(machine: PeerMachine, found: Mapping[str, Any]) -> None:
    search = found.get("search") or {}
    machine.search_result_code = search.get("result_code") or 2
    machine.search_warnings = list(search.get("warnings") or ())
    machine.search_seconds = (search.get("elapsed_ms") or 0) / 1000
    machine.updates = [_update(update) for update in found.get("updates") or ()]
    for update in found.get("installed") or ():
        changed = _time(update.get("last_deployment_change_utc"))
        machine.updates.append(
            PeerUpdate(
                *(update["id"], update["title"]),
                kb=update["kb"],
                last_deployment_change=changed,
                is_needed=False,
                is_installed=True,
            )
        )
    for entry in found.get("history") or ():
        at = _time(entry["date_utc"])
        if at is not None:
            said = (entry["title"], entry["update_id"], entry["operation"], entry["result_code"], entry["hresult"])
            machine.history.append(PeerHistoryEntry(at, *said))


def _update(said: Mapping[str, Any]) -> PeerUpdate:
    plain = {name: value for name, value in said.items() if name in PeerUpdate.__dataclass_fields__}
    plain |= {
        "categories": [PeerCategory(each["id"], each["name"], each["type"]) for each in said["categories"] or ()],
        "bundled": [PeerBundled(each["id"], each["kb"]) for each in said["bundled"] or ()],
        "last_deployment_change": _time(said["last_deployment_change_utc"]),
        "deadline": _time(said["deadline_utc"]),
    }
    return PeerUpdate(**plain)


def _take_settings(machine: PeerMachine, answer: Mapping[str, Any]) -> None:
    places = {value.name: value for value in VALUES}
    for said in answer.get("values") or ():
        place = places[said["name"]]
        machine.registry.write(f"HKLM\\{place.key}", place.registry_name, _content(said["held"]))
    if (answer.get("services") or {}).get("is_microsoft_update_registered"):
        machine.registry.add_key(MICROSOFT_UPDATE)
    for name in answer.get("managed") or ():
        machine.registry.write(MANAGED, name, 1)


def _content(held: Mapping[str, Any]) -> int | str | list[str]:
    if held["kind"] == "dword":
        return int(held["number"])
    return [held["text"]] if held["kind"] == "other" else str(held["text"])


def _take_part(machine: PeerMachine, part: str, found: Any) -> None:
    if part == "probes" and found:
        searcher: Mapping[str, Any] = next((each for each in found if each["call"] == "CreateUpdateSearcher"), {})
        machine.is_search_refused = searcher.get("hresult") == _DENIED
    if part == "winrm" and found:
        lines = [line for listed in found.values() for line in listed]
        shells = next((int(read[1]) for line in lines if (read := re.search(r"MaxShellsPerUser = (\d+)", line))), None)
        machine.limits.most_shells = shells or machine.limits.most_shells


def _time(said: object) -> datetime | None:
    return datetime.fromisoformat(said) if isinstance(said, str) and said else None
