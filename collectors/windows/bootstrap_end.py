"""What the bootstrap says when no script could run: the same over WinRM and over OpenSSH on Windows."""

import re

from collectors.windows.answer import language_mode
from fleet.failures import FailureKind
from fleet.hostile import clean, decode

_CUT = b"patchdeck-input-cut"
_QUOTED_BYTES = 300
# cmd.exe: 9009 is "not recognized"; 1 is what it ends with where a command line could not be begun.
_NOT_BEGUN = (1, 5, 9009)
_HEAD_BYTES = 200
# cmd.exe quotes what it cannot run, in whatever language; PowerShell's own errors come as CLIXML or with a category.
_NAMES_POWERSHELL = re.compile(rb"powershell\.exe", re.IGNORECASE)
_OF_POWERSHELL = re.compile(rb"#< CLIXML|CategoryInfo")

Told = tuple[FailureKind, str, str]


def head_of(stdout: bytes) -> bytes:
    """What of standard output has to be kept for `refusal_of_bootstrap`."""
    return stdout[:_HEAD_BYTES]


def refusal_of_bootstrap(head: bytes, stderr: bytes, exit_status: int | None) -> Told | None:
    """Why the script did not run, by the `head_of` what was printed; None where it ran, as far as that shows."""
    mode = language_mode(head)
    if mode is not None:
        came_back = (
            f"PowerShell runs in the language mode {mode} for this user, in which scripts can do next to nothing."
        )
        remedy = (
            "Let this user's scripts run in FullLanguage: allow them in the AppLocker or App Control (WDAC) policy, or "
            "remove __PSLockdownPolicy."
        )
        return FailureKind.LANGUAGE_CONSTRAINED, came_back, remedy
    if _CUT in head:
        came_back = "the script did not reach PowerShell whole."
        return (
            FailureKind.CONNECTION_LOST,
            came_back,
            "Try again; if it stays, look at what reads standard input there.",
        )
    if exit_status in _NOT_BEGUN and not head.strip() and _is_of_cmd(stderr):
        came_back = f"powershell.exe did not start: {clean(decode(stderr[:_QUOTED_BYTES]))}"
        remedy = "Check that Windows PowerShell 5.1 is there, and that policies (AppLocker) let this user run it."
        return FailureKind.NO_SHELL, came_back, remedy
    return None


def _is_of_cmd(stderr: bytes) -> bool:
    return _NAMES_POWERSHELL.search(stderr) is not None and _OF_POWERSHELL.search(stderr) is None
