"""Has the machine restarted."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.winrm_peer.job_answers import is_administrator
from tests.winrm_peer.machine import PeerMachine
from tests.winrm_peer.parts import PeerTask


def answer(machine: PeerMachine, told: Mapping[str, Any], say: Callable[[Mapping[str, object]], None]) -> None:
    """Answers as `reboot.ps1` does, with what shutdown.exe says."""
    ordered = machine.tasks.get("shutdown")
    if not is_administrator(machine):
        say({"schema": 1, "exit": 5, "message": "Access is denied.(5)"})
    elif ordered is not None and ordered.boot == machine.boots:
        say({"schema": 1, "exit": 1190, "message": "A system shutdown has already been scheduled.(1190)"})
    else:
        # Kept beside the tasks: not one that a script registered, and no trigger of `reboots_itself_after`.
        machine.after(told["seconds"], machine.reboot)
        machine.tasks["shutdown"] = PeerTask("shutdown", told, boot=machine.boots)
        say({"schema": 1, "exit": 0, "message": ""})
