"""What a machine does by the script `configure_apply`: all changes or none, and Microsoft Update by a task."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from collectors.windows.script_call import script_text
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.scripts.configure_read import MICROSOFT_UPDATE, is_administrator, read_held

_DENIED = {"hresult": "0x80070005", "message": "Access to the registry key is denied."}


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Checks, compares, writes, and reads back."""
    allowed, changes = allowed_keys(), told["changes"] or []
    errors: list[dict[str, object]] = []
    before = {
        change["name"]: _read(machine, allowed, change["name"]) for change in changes if change["name"] in allowed
    }
    state = "applied"
    if any(change["name"] not in allowed for change in changes):
        state, errors = (
            "refused",
            [{"stage": "check", "hresult": "0x80131501", "message": "not one that may be written"}],
        )
    elif any(not _same(before[change["name"]], change["expected"]) for change in changes):
        state = "changed-meanwhile"
    elif changes and not is_administrator(machine):
        state, errors = "undone", [{"stage": "write", **_DENIED}]
    else:
        for change in changes:
            _write(machine, allowed[change["name"]], change["name"], change["wanted"])
    deed = str(told.get("service") or "")
    result = _service(machine, deed, errors) if state == "applied" and deed else ""
    after = [{"name": name, "before": was, "after": _read(machine, allowed, name)} for name, was in before.items()]
    say({"schema": 1, "state": state, "changes": after, "service_result": result, "errors": errors})


def allowed_keys() -> dict[str, str]:
    """The list in the script: the names that it writes, with their keys."""
    text = script_text("configure_apply").decode("ascii")
    keys = dict(re.findall(r"^\$(policy|automatic) = '([^']+)'", text, re.MULTILINE))
    table = text[text.index("$allowed = @{") : text.index("\n}\n", text.index("$allowed = @{"))]
    return {name: keys[key] for name, key in re.findall(r"^    (\w+) = \$(\w+)$", table, re.MULTILINE)}


def _read(machine: PeerMachine, allowed: Mapping[str, str], name: str) -> dict[str, object] | None:
    return read_held(machine, allowed[name], name)


def _same(one: Mapping[str, Any] | None, other: Mapping[str, Any] | None) -> bool:
    if one is None or other is None:
        return one is other
    key = "number" if one["kind"] == "dword" else "text"
    return one["kind"] == other["kind"] and one.get(key) == other.get(key)


def _write(machine: PeerMachine, key: str, name: str, wanted: Mapping[str, Any] | None) -> None:
    if wanted is None:
        machine.registry.remove_value(f"HKLM\\{key}", name)
    else:
        machine.registry.write(f"HKLM\\{key}", name, wanted["number"] if wanted["kind"] == "dword" else wanted["text"])


def _service(machine: PeerMachine, deed: str, errors: list[dict[str, object]]) -> str:
    if machine.are_tasks_refused:
        errors.append({"stage": "service", **_DENIED})
        return ""
    machine.spend(1.0)
    if deed == "add":
        machine.registry.add_key(MICROSOFT_UPDATE)
    elif deed == "remove":
        machine.registry.remove_key(MICROSOFT_UPDATE)
    return "0x00000015" if machine.registry.has_key(MICROSOFT_UPDATE) else "0x00000016"
