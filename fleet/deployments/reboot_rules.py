"""Whether, when and with what notice a deployment reboots machines."""

from dataclasses import dataclass
from enum import StrEnum

USUAL_RETURN_MINUTES = 15
USUAL_RETURN_MINUTES_WINDOWS = 60


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
    machine may take until it answers again, with a new boot id; None: as long as is usual for its system.
    """

    policy: RebootPolicy = RebootPolicy.IF_REQUIRED
    at: str = ""
    notice_minutes: int = 0
    message: str = ""
    return_minutes: int | None = None

    def minutes_to_return(self, *, is_windows: bool) -> int:
        """How long a machine may take to come back; Windows installs much of what it was given while it restarts."""
        if self.return_minutes is not None:
            return self.return_minutes
        return USUAL_RETURN_MINUTES_WINDOWS if is_windows else USUAL_RETURN_MINUTES
