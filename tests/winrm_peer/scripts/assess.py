"""What a machine is and misses; a task of SYSTEM searches where its build refuses that to the login."""

from collections.abc import Callable, Mapping

from tests.winrm_peer import assess_parts as parts
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, object], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `assess.ps1` does."""
    errors: list[Mapping[str, object]] = []
    said: dict[str, object] = {
        "schema": 1,
        "ok": False,
        "method": "direct",
        "collected_utc": parts.write_time(machine.now()),
        "elapsed_ms": 900,
        "script_sha": told.get("script_sha", ""),
        "is_admin": parts.is_administrator(machine),
        "logon_type": "network",
        "computer": parts.computer(machine),
        "agent": parts.agent(machine),
        "source": parts.source(machine),
        "reboot": parts.reboot(machine),
        "task": None,
        "search": None,
        "updates": [],
        "installed": None,
        "history": [],
    }
    is_task_first = told["search"] == "task" or (told["search"] == "auto" and machine.build >= 26100)
    for way in ("task", "direct") if is_task_first else ("direct", "task"):
        said["method"] = way
        refusal = _start_task(machine, told, said) if way == "task" else _search(machine, told, said, errors)
        if not refusal:
            break
        errors.append(parts.error(way, refusal, "Access is denied."))
    say(said | {"errors": errors, "ok": said["search"] is not None or is_started(said)})


def is_started(said: Mapping[str, object]) -> bool:
    """Whether a task was started."""
    task = said["task"]
    return isinstance(task, Mapping) and task["state"] == "started"


def _search(
    machine: PeerMachine, told: Mapping[str, object], said: dict[str, object], errors: list[Mapping[str, object]]
) -> str:
    if machine.refuses_search or not parts.is_administrator(machine):
        return parts.REFUSED
    machine.spend(machine.search_seconds)
    found = parts.found(machine, _most(told), by_task=False)
    said.update({name: found[name] for name in ("search", "updates", "installed", "history")})
    errors.extend(found["errors"])  # type: ignore[arg-type] # a list, as it is written there
    return ""


def _start_task(machine: PeerMachine, told: Mapping[str, object], said: dict[str, object]) -> str:
    run_id = str(told["run_id"])
    is_refused = machine.are_tasks_refused or not parts.is_administrator(machine)
    said["task"] = {"state": "refused" if is_refused else "started", "run_id": run_id}
    if is_refused:
        return parts.REFUSED
    machine.begin_task(f"{parts.TASK}{run_id}", machine.search_seconds, most=_most(told))
    return ""


def _most(told: Mapping[str, object]) -> int:
    inner = told["told"]
    return int(str(inner["history"])) if isinstance(inner, Mapping) else 0
