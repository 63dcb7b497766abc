"""Removes what there is of a search by SYSTEM."""

from collections.abc import Callable, Mapping

from tests.winrm_peer import assess_parts as parts
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, object], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `assess_forget.ps1` does."""
    machine.tasks.pop(f"{parts.TASK}{told['run_id']}", None)
    say({"schema": 1, "run_id": told["run_id"], "errors": []})
