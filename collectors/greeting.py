"""A first word with a machine: whether it lets us in, and who it says that it is. Nothing is read or changed there."""

from dataclasses import dataclass

from collectors.transports.base import Transport, TransportFailed, clean_failure
from collectors.windows.greeting import greet_windows
from fleet.errors import UnreadableOutput
from fleet.failures import FailureKind
from fleet.hostile import clean, decode
from fleet.machines import Machine

_SCRIPT = b"""\
printf 'user=%s\\n' "$(id -un 2>/dev/null)"
printf 'host=%s\\n' "$(uname -n 2>/dev/null)"
printf 'kernel=%s\\n' "$(uname -sr 2>/dev/null)"
sed -n 's/^PRETTY_NAME=/system=/p' /etc/os-release 2>/dev/null
"""
_MOST_BYTES = 16 * 1024
_MOST_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class Greeting:
    """Who answered: each a clean text that may be empty, as the machine says it.

    ``is_admin`` is whether the login may do what an administrator of Windows may; None elsewhere.
    """

    user: str
    host: str
    system: str
    elapsed_seconds: float
    is_admin: bool | None = None

    @property
    def doubt(self) -> str:
        """What hinders this login later on, and what to do; empty where nothing is seen."""
        if self.is_admin is not False:
            return ""
        return (
            f"{self.user} is no administrator there, or has a filtered token: it cannot install updates. Take an "
            "account of the group Administrators; for a local one other than the built-in one, set "
            "LocalAccountTokenFilterPolicy to 1."
        )


async def greet(machine: Machine, transport: Transport, *, deadline_seconds: float) -> Greeting:
    """Logs in to ``machine`` by ``transport`` and asks who is there.

    Raises:
        TransportFailed: nobody was let in, or no shell answered.
    """
    if not machine.speaks_powershell:
        return await _greet_shell(transport, deadline_seconds)
    try:
        said, seconds = await greet_windows(transport, deadline_seconds=deadline_seconds)
    except UnreadableOutput as error:
        unreadable = clean_failure(FailureKind.OUTPUT_UNREADABLE, "asking who is there", str(error), "", 0.0)
        raise TransportFailed(unreadable) from error
    user, host, system = (clean(text, _MOST_CHARACTERS) for text in (said.user, said.host, said.system))
    return Greeting(user, host, system, seconds, said.is_admin)


async def _greet_shell(transport: Transport, deadline_seconds: float) -> Greeting:
    result = await transport.run(_SCRIPT, deadline_seconds=deadline_seconds, max_output_bytes=_MOST_BYTES)
    said = dict(line.split("=", 1) for line in decode(result.stdout).splitlines() if "=" in line)
    if "user" not in said:
        came_back = f"logged in, but no shell answered (exit status {result.exit_status})."
        remedy = "Check this user's login shell, and a ForceCommand in sshd."
        tried = "asking who is there"
        raise TransportFailed(
            clean_failure(FailureKind.NO_SHELL, tried, came_back, remedy, result.elapsed_seconds), result.stdout
        )
    system = said.get("system", "").strip().strip("\"'") or said.get("kernel", "")
    user, host, system = (clean(text, _MOST_CHARACTERS) for text in (said["user"], said.get("host", ""), system))
    return Greeting(user, host, system, result.elapsed_seconds)
