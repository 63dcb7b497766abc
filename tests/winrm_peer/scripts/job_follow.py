"""Reports on a job. What is told to wait for a change answers at once here: tests push the clock."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.job_answers import describe, find_trouble, refuse
from tests.winrm_peer.machine import PeerMachine


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `job_follow.ps1` does."""
    trouble = find_trouble(machine, told["id"])
    if trouble:
        say(refuse(told["id"], "folder", trouble))
    else:
        say(describe(machine, told["id"], told["log_from"], told["most_bytes"]))
