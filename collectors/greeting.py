"""A first word with a machine: whether it lets us in, and who it says that it is. Nothing is read or changed there."""

from dataclasses import dataclass

from collectors.transports.base import Transport, TransportFailed, clean_failure
from fleet.failures import FailureKind
from fleet.hostile import clean, decode

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
    """Who answered: each a clean text that may be empty, as the machine says it."""

    user: str
    host: str
    system: str
    elapsed_seconds: float


async def greet(transport: Transport, *, deadline_seconds: float) -> Greeting:
    """Logs in and asks who is there.

    Raises:
        TransportFailed: nobody was let in, or no shell answered.
    """
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
