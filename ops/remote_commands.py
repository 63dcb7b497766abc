"""The commands that Patchdeck runs on a machine: what an assessment would run now, what runs of deployments did run.

Nothing here connects to anything, and no password is in any text: where one would go stands ``‹hidden›``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from fleet.machines import Become, Machine, TransportKind
from fleet.winrm import WinrmScheme
from ops.enrolment import find_machine
from ops.home import Home

_MOST_RUNS = 5
HIDDEN = "‹hidden›"
_MARKER = re.compile(r"^marker=.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RemoteCommand:
    """A command: for what (``assessment``, the id of a run), when it ended, how long it took, how it ended, itself.

    ``at`` is empty where it was not run but would be. ``script`` is all that goes to it on its standard input, where
    that is known; a run notes its command lines only.
    """

    occasion: str
    at: str
    seconds: float | None
    ended: str
    command: str
    script: str = ""


def commands_of_machine(home: Home, name: str, run_id: str | None = None) -> list[RemoteCommand]:
    """What would be run on the machine called ``name`` to assess it, then what its last runs ran, the latest run first.

    With ``run_id`` what that run ran on it, and nothing else. Blocking.

    Raises:
        UnknownName: there is no such machine, no such run, or the machine was not in it.
    """
    if run_id is not None:
        return list(_of_run(home, run_id, name))
    from ops.deployments.history import history_of_machines

    machine = find_machine(home, name)
    ran = history_of_machines(home, [machine.name], limit=_MOST_RUNS)
    commands = [assessment_command(machine)]
    for each in ran:
        commands += _noted(home, each.run.id, each.machine_run.machine_name)
    return commands


def assessment_command(machine: Machine) -> RemoteCommand:
    """What an assessment of ``machine`` runs there: one command, its script on the standard input."""
    if machine.speaks_powershell:
        from collectors.windows.script_call import script_text

        script = script_text("assess").decode("ascii", "replace").replace("\r\n", "\n")
        return RemoteCommand("assessment", "", None, "", f"{_way(machine)} powershell.exe -EncodedCommand …", script)
    from collectors.managers import MANAGERS
    from collectors.probe import build_probe

    text = build_probe([manager.name for manager in MANAGERS], become=machine.become).script.decode()
    # The marker is another one each time; a password stands there only while the script is sent.
    script = _MARKER.sub("marker=patchdeck-…", text, count=1)
    if machine.become is Become.SUDO:
        script = re.sub(r"(?m)^sudo_password=.*$", lambda _: f"sudo_password={HIDDEN}", script, count=1)
    return RemoteCommand("assessment", "", None, "", f"{_way(machine)} sh".strip(), script)


def _way(machine: Machine) -> str:
    """How the machine is reached, as a command line would say it; the rest is in ssh's own configuration."""
    if machine.transport is TransportKind.LOCAL:
        return ""
    where = machine.address or machine.name
    if machine.transport is TransportKind.WINRM:
        scheme = (machine.winrm.scheme if machine.winrm is not None else WinrmScheme.HTTPS).value
        return f"winrm {scheme}://{where}{f':{machine.port}' if machine.port else ''}"
    port = f" -p {machine.port}" if machine.port else ""
    return f"ssh{port} {f'{machine.user}@' if machine.user else ''}{where}"


def _of_run(home: Home, run_id: str, name: str) -> Iterator[RemoteCommand]:
    from ops.deployments.history import machine_called, view_run

    view = view_run(home, run_id)
    yield from _noted(home, view.run.id, machine_called(view, name).machine_name)


def _noted(home: Home, run_id: str, machine_name: str) -> Iterator[RemoteCommand]:
    from ops.deployments.run_logs import command_lines

    for line in command_lines(home, run_id, machine_name):
        yield RemoteCommand(run_id, line.at, line.seconds, line.ended, line.command)
