"""A first word with a Windows machine: who is logged in there, with which rights, and what it is."""

import time
from dataclasses import dataclass

from collectors.transports.base import Transport
from collectors.windows.asking import ask
from collectors.windows.loose_json import read_record
from collectors.windows.script_call import call_script

_MOST_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class WindowsGreeting:
    """The answer of `greet.ps1`, field by field. ``is_admin``: whether the login has the rights of an administrator."""

    schema: int
    user: str
    host: str
    caption: str
    version: str
    revision: str
    powershell: str
    is_admin: bool | None

    @property
    def system(self) -> str:
        """``Microsoft Windows Server 2022 Standard 10.0.20348.2700``."""
        version = f"{self.version}.{self.revision}" if self.revision else self.version
        return f"{self.caption} {version}".strip()


async def greet_windows(transport: Transport, *, deadline_seconds: float) -> tuple[WindowsGreeting, float]:
    """Logs in and asks who is there, and how many seconds that took.

    Raises:
        TransportFailed: nobody was let in, or no PowerShell answered.
        UnreadableOutput: the answer is none of the script's.
    """
    begun = time.monotonic()
    answer = await ask(transport, call_script("greet"), deadline_seconds=deadline_seconds, max_output_bytes=_MOST_BYTES)
    return read_record(WindowsGreeting, answer, "greet"), time.monotonic() - begun
