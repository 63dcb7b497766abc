"""What a machine says to the script `configure_read`: the settings of its update client."""

import base64
from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import TokenKind
from tests.winrm_peer.registry import RegistryValue

SERVICES = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Services"
MICROSOFT_UPDATE = SERVICES + r"\7971f918-a847-4430-9279-4a52d1efe18d"
MANAGED = r"HKLM\SOFTWARE\Microsoft\PolicyManager\current\device\Update"
POLICY_FILES = {
    "applied": r"C:\ProgramData\ntuser.pol",
    "local": r"C:\Windows\System32\GroupPolicy\Machine\Registry.pol",
}


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Says everything at once; of its services nothing where a login may not ask the agent."""
    errors: list[dict[str, object]] = []
    services = {
        "asked": True,
        "is_microsoft_update_registered": machine.registry.has_key(MICROSOFT_UPDATE),
        "known": [],
    }
    if machine.refuses_search:
        services |= {"asked": False, "is_microsoft_update_registered": None}
        errors.append({"stage": "services", "hresult": "0x80070005", "message": "Access is denied."})
    values = [
        {"name": wanted["name"], "held": held}
        for wanted in told["values"]
        if (held := read_held(machine, wanted["key"], wanted["value"])) is not None
    ]
    say(
        {
            "schema": 1,
            "computer": {
                "domain": machine.domain or "WORKGROUP",
                "is_domain_member": bool(machine.domain),
                "caption": machine.caption,
                "build": machine.build,
                "product_type": machine.product_type,
                "is_administrator": is_administrator(machine),
            },
            "values": values,
            "services": services,
            "managed": [name for name in machine.registry.values(MANAGED) if "_" not in name],
            "policy_files": [_file(machine, source, path) for source, path in POLICY_FILES.items()],
            "errors": errors,
        }
    )


def is_administrator(machine: PeerMachine) -> bool:
    """Whether whoever runs the script is one."""
    user = machine.find_user(machine.runs[-1].user) if machine.runs and machine.runs[-1].user else None
    return user is None or user.token is TokenKind.ADMINISTRATOR


def read_held(machine: PeerMachine, key: str, name: str) -> dict[str, object] | None:
    """A value with its type, as Read-PatchdeckValue gives it."""
    return as_held(machine.registry.read(f"HKLM\\{key}", name))


def as_held(value: RegistryValue | None) -> dict[str, object] | None:
    """A value of the registry with its type."""
    if value is None:
        return None
    if isinstance(value, int):
        return {"kind": "dword", "number": value}
    return {"kind": "string", "text": value} if isinstance(value, str) else {"kind": "other", "text": "MultiString"}


def _file(machine: PeerMachine, source: str, path: str) -> dict[str, object]:
    file = machine.files.get(path)
    content = file.content if file is not None else None
    return {
        "source": source,
        "exists": content is not None,
        "content": base64.b64encode(content).decode("ascii") if content is not None else None,
    }
