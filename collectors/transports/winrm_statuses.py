"""What an HTTP status means that is no success, and that no fault of WinRM explains."""

from collectors.transports.winrm_faults import Told
from collectors.transports.winrm_journey import Stage, WinrmJourney
from collectors.transports.winrm_replies import describe
from collectors.transports.winrm_wire import BadStatus
from fleet.failures import FailureKind

LOOK_BETWEEN = "Check the address and the port: a web page, a proxy or a portal answers in the place of WinRM."
LOOK_AT_WINRM = "Look at the machine's WinRM (Get-Service WinRM; its event log), and try again."
_NOT_FOUND = 404


def tell_status(error: BadStatus, journey: WinrmJourney) -> Told:
    """What ``error`` stands for."""
    text = describe(error.body)
    came_back = f"HTTP {error.code} ({journey.message or 'login'}): {text}"
    match error.code:
        case 403:
            return FailureKind.ACCESS_DENIED, came_back, "Check that this user may use WinRM there."
        case 407:
            return FailureKind.BAD_CONFIGURATION, came_back, "The proxy wants a login: reach the machine without it."
        case 503:
            words = f"{came_back}; its WinRM is not running, or has too much to do."
            return FailureKind.CONNECTION_LOST, words, "Wait if it is starting; else: Restart-Service WinRM."
        case 400 if not journey.target.is_https and "https" in text.lower():
            words = f"HTTP was spoken, and the port speaks HTTPS: {came_back}"
            return FailureKind.NOT_WINRM, words, "Reach it over HTTPS, or name the port of its HTTP listener (5985)."
    if error.code == _NOT_FOUND or journey.stage < Stage.SESSION:
        return FailureKind.NOT_WINRM, f"what answered is not WinRM: {came_back}", LOOK_BETWEEN
    return FailureKind.CONNECTION_LOST, f"WinRM broke off: {came_back}", LOOK_AT_WINRM
