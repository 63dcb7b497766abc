"""What faults of WS-Management mean: the machine answered, and says why it will not.

Codes are those of wsmerror.h and winerror.h; what `../shared` measured is marked in docs/winrm.md.
"""

from winrm.exceptions import WSManFaultError

from collectors.transports.winrm_journey import Stage, WinrmJourney
from fleet.failures import FailureKind
from fleet.hostile import clean

Told = tuple[FailureKind, str, str]

ALLOW_ADMINISTRATORS = (
    "Use an account that is an administrator there. A local one other than the built-in Administrator is filtered "
    "over the network unless HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System "
    "LocalAccountTokenFilterPolicy is 1."
)
_RAISE_QUOTA = (
    "Try again when the shells that are open there are gone, or raise the limit: "
    "Set-Item WSMan:\\localhost\\Shell\\MaxShellsPerUser 50."
)
_RAISE_ENVELOPE = "Raise the limit: Set-Item WSMan:\\localhost\\MaxEnvelopeSizekb 500."
_ACCESS_DENIED = (5, 0x80070005)
# Too many shells, operations, of this user, of the system: each is over only when something ends there.
_QUOTAS = (0x803381A5, 0x803381A6, 0x803381A7, 0x803381A8)
# The shell, or what ran in it, is gone; and an operation that was aborted.
_GONE = (2150858843, 995)
_NOT_FOUND = (2, 0x80070002)
_TEXT_CHARACTERS = 300


def tell_fault(error: WSManFaultError, journey: WinrmJourney) -> Told:
    """What ``error`` stands for."""
    code = error.wsman_fault_code
    subcode = str(error.fault_subcode or "").rpartition(":")[2]
    came_back = f"{_said(error)} ({journey.message}{f', fault {code}' if code is not None else ''})"
    if code in _ACCESS_DENIED or subcode == "AccessDenied":
        return FailureKind.ACCESS_DENIED, f"logged in, and access is denied: {came_back}", ALLOW_ADMINISTRATORS
    if code in _QUOTAS or subcode == "QuotaLimit":
        return FailureKind.QUOTA_EXCEEDED, f"a limit of its WinRM is reached: {came_back}", _RAISE_QUOTA
    if subcode == "EncodingLimit":
        return FailureKind.QUOTA_EXCEEDED, f"a message was too large for it: {came_back}", _RAISE_ENVELOPE
    if code in _GONE:
        words = f"the shell on the machine is gone: {came_back}"
        return FailureKind.CONNECTION_LOST, words, "Look whether it rebooted, or WinRM was restarted there; try again."
    if code in _NOT_FOUND:
        words = f"powershell.exe was not found: {came_back}"
        return FailureKind.NO_SHELL, words, "Check that Windows PowerShell 5.1 is there and on the path."
    return _tell_other(came_back, journey)


def _tell_other(came_back: str, journey: WinrmJourney) -> Told:
    if journey.message in ("Create", "Command") or journey.stage < Stage.SESSION:
        words = f"WinRM answered, and started nothing: {came_back}"
        return (
            FailureKind.NO_SHELL,
            words,
            "Look at winrm get winrm/config/winrs there: AllowRemoteShellAccess, limits.",
        )
    words = f"WinRM gave the script up: {came_back}"
    return FailureKind.CONNECTION_LOST, words, "Look at the machine's event log Microsoft-Windows-WinRM, and try again."


def _said(error: WSManFaultError) -> str:
    return clean(str(error.reason), _TEXT_CHARACTERS).rstrip(".") or "no reason given"
