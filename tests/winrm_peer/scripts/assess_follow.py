"""How far a search by SYSTEM is, and what it gave."""

import base64
import json
from collections.abc import Callable, Mapping

from tests.winrm_peer import assess_parts as parts
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, object], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `assess_follow.ps1` does."""
    task = parts.find_task(machine, told["run_id"])
    said: dict[str, object] = {
        "schema": 1,
        "run_id": told["run_id"],
        "state": "gone",
        "task_state": None,
        "task_result": "",
        "result": "",
        "errors": [],
    }
    if task is not None:
        has_ended = task.has_ended(machine.clock.seconds())
        said |= {"state": "running", "task_state": 3 if has_ended else 4, "task_result": "0x00041301"}
        if task.boot != machine.boots:
            said |= {"state": "failed", "task_state": 3, "task_result": "0x40010004"}
        elif has_ended:
            found = task.state.setdefault("found", parts.found(machine, int(str(task.told["most"])), by_task=True))
            text = json.dumps(found).encode("utf-8")
            said |= {"state": "done", "task_result": "0x00000000", "result": base64.b64encode(text).decode("ascii")}
    say(said)
