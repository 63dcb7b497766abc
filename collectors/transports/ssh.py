"""A machine over SSH: one connection and one command for each run."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

from collectors.secrets import Secret
from collectors.transports.base import CommandResult, TransportFailed, clean_failure
from collectors.transports.gate import admit
from collectors.transports.output import CappedOutput
from collectors.transports.ssh_config import SshTarget
from collectors.transports.ssh_connection import AskedSecrets
from collectors.transports.ssh_context import SshContext
from collectors.transports.ssh_failures import failure_of
from collectors.transports.ssh_journey import Journey
from collectors.transports.ssh_powershell import PowershellRun
from collectors.transports.ssh_session import ScriptRun
from fleet.failures import FailureKind
from fleet.hostile import decode
from fleet.machines import Machine
from fleet.profiles import Credentials, own_credentials

_QUOTED_BYTES = 300
# How sshd of Windows introduces itself.
_WINDOWS = "OpenSSH_for_Windows"
_SAY_WINDOWS = "Say that it is one: patchdeck machines edit MACHINE --os Windows."

_Told = tuple[FailureKind, str, str]


class SshTransport:
    """Runs scripts on ``machine``; each run connects, logs in and leaves."""

    def __init__(self, machine: Machine, context: SshContext) -> None:
        self._machine = machine
        self._context = context
        self._asked = AskedSecrets(self._ask_password, self._ask_passphrase)

    async def run(
        self,
        script: bytes,
        *,
        deadline_seconds: float,
        max_output_bytes: int,
        on_output: Callable[[bytes], None] | None = None,
    ) -> CommandResult:
        """See `collectors.transports.base.Transport.run`."""
        run = (PowershellRun if self._machine.speaks_powershell else ScriptRun)(
            script, CappedOutput(max_output_bytes), on_output
        )
        name = self._machine.address or self._machine.name
        journey = Journey(f"SSH to {name}", self._machine.name, deadline_seconds, output=run.output)
        try:
            reach = await self._context.reach()
        except Exception as error:
            raise TransportFailed(failure_of(error, journey)) from error

        async def attempt(journey: Journey) -> CommandResult:
            await admit(self._machine, self._context.gate)
            async with journey.on_time(), AsyncExitStack() as stack:
                credentials = await self._context.secrets.credentials(self._machine)
                target = target_of(self._machine, credentials)
                connection = await reach.open_connection(target, journey, self._asked, stack)
                await run.go(connection)
            return _result(run, journey)

        try:
            return await reach.starts.connect(journey, attempt)
        except TransportFailed as error:
            raise TransportFailed(error.failure, error.partial or run.stdout) from error.__cause__

    async def close(self) -> None:
        """Nothing stays open between runs."""

    async def _ask_password(self) -> Secret | None:
        return await asyncio.to_thread(self._context.secrets.password, self._machine)

    async def _ask_passphrase(self) -> Secret | None:
        return await asyncio.to_thread(self._context.secrets.passphrase, self._machine)


def target_of(machine: Machine, credentials: Credentials | None = None) -> SshTarget:
    """What to ask SSH for: the machine's address, or its name where the configuration knows that.

    Without ``credentials`` it is what the machine says itself.
    """
    credentials = credentials or own_credentials(machine)
    opener = credentials.passphrase_profile
    return SshTarget(
        name=machine.address or machine.name,
        port=machine.port,
        user=credentials.user,
        key_file=credentials.key_file,
        proxy_jump=machine.proxy_jump,
        certificate_file=credentials.certificate_file,
        agent=credentials.agent,
        key_owner=opener.id if opener is not None and opener.passphrase is not None else "",
        login_by=credentials.login_by,
    )


def _result(run: ScriptRun, journey: Journey) -> CommandResult:
    told = _tell(run)
    if told is None:
        return CommandResult(run.stdout, run.output.stderr, run.exit_status, journey.elapsed_seconds, journey.host_key)
    kind, came_back, remedy = told
    remedy = remedy.replace("MACHINE", journey.machine_name or "MACHINE")
    raise TransportFailed(clean_failure(kind, journey.tried, came_back, remedy, journey.elapsed_seconds), run.stdout)


def _tell(run: ScriptRun) -> _Told | None:
    """What is wrong with a run that is over, or None."""
    size = f"{run.output.size_bytes:,} bytes"
    if run.output.is_full:
        came_back = f"more than {run.output.max_bytes:,} bytes of output; the connection was closed."
        return FailureKind.OUTPUT_TOO_LARGE, came_back, "See the kept output for what floods it."
    if run.signal is not None:
        came_back = f"the shell was ended by SIG{run.signal} after {size} of output."
        return FailureKind.CONNECTION_LOST, came_back, "Look into the machine's log for what ended it."
    if run.exit_status is None:
        came_back = f"the connection was lost after {size} of output{_reason(run.error)}."
        return (
            FailureKind.CONNECTION_LOST,
            came_back,
            "Look at the machine again before anything else: it may be at work.",
        )
    if isinstance(run, PowershellRun):
        return run.refusal
    if not run.has_begun:
        said = decode((run.output.stdout + run.output.stderr)[:_QUOTED_BYTES]).strip()
        came_back = f"logged in, but sh did not start (exit status {run.exit_status}): {said or 'nothing was said'}"
        if _WINDOWS in run.server_version:
            return FailureKind.NO_SHELL, f"logged in to a Windows, which has no sh: {said}", _SAY_WINDOWS
        remedy = "Check this user's login shell, its password's age, and a ForceCommand in sshd."
        return FailureKind.NO_SHELL, came_back, remedy
    return None


def _reason(error: Exception | None) -> str:
    return f": {str(error).rstrip('.')}" if error is not None and str(error) else ""
