"""Whether, when and with what notice a deployment reboots machines."""

from dataclasses import dataclass
from enum import StrEnum


class RebootPolicy(StrEnum):
    """When machines are rebooted, spelt as in the record tables. ONLY: reboot, install nothing."""

    IF_REQUIRED = "IfRequired"
    ALWAYS = "Always"
    NEVER = "Never"
    ONLY = "Only"


@dataclass(frozen=True, slots=True)
class RebootRules:
    """``at`` is a time of day, HH:MM in the schedule's zone, at which reboots are made; empty: at once.

    ``notice_minutes`` is how long before it logged-in users are told ``message``. ``return_minutes`` is how long a
    machine may take until it answers again, with a new boot id.
    """

    policy: RebootPolicy = RebootPolicy.IF_REQUIRED
    at: str = ""
    notice_minutes: int = 0
    message: str = ""
    return_minutes: int = 15
