"""Runs an administrator's script: one that says ``exit N`` ends so, and one that says ``sleep N`` takes so long."""

import base64
import re
from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.machine import PeerMachine

_EXIT = re.compile(r"^\s*exit (?:/b )?(\d+)", re.MULTILINE)
_SLEEP = re.compile(r"\bsleep (\d+)", re.IGNORECASE)


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `run_script.ps1` does; the output names the shell, what it was given and its variables."""
    text = base64.b64decode(told["text"]).decode("utf-8-sig")
    slept = _SLEEP.search(text)
    seconds = float(slept[1]) if slept else 0.0
    is_late = seconds > told["timeout_seconds"]
    machine.spend(min(seconds, told["timeout_seconds"]))
    exits = _EXIT.search(text)
    words = f"{told['kind']}: {base64.b64decode(told['stdin']).decode()} {sorted(told['environment'].items())}"
    say(
        {
            "schema": 1,
            "exit": None if is_late else int(exits[1]) if exits else 0,
            "late": is_late,
            "output": base64.b64encode(words.encode()).decode("ascii"),
            "elapsed_seconds": min(seconds, told["timeout_seconds"]),
            "message": "",
        }
    )
