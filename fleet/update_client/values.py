"""The values of the registry that steer the Windows Update client, each declared once: where it is and what it means.

Source: Microsoft's WindowsUpdate.admx and "Manage additional Windows Update settings"; not tried on a Windows by us.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from fleet.errors import UnknownName
from fleet.update_client.held import MOST_NUMBER, HeldKind

POLICY_KEY = r"SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate"
AUTOMATIC_KEY = POLICY_KEY + r"\AU"
OWN_KEY = r"SOFTWARE\Microsoft\WindowsUpdate\UX\Settings"
AGENT_KEY = r"SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update"

# Not of the registry: whether the service of other Microsoft products is registered with the agent.
MICROSOFT_UPDATE = "MicrosoftUpdate"
MICROSOFT_UPDATE_ID = "7971f918-a847-4430-9279-4a52d1efe18d"

DAYS = ("every day", "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")


class Topic(StrEnum):
    """What a value is about, in the order shown."""

    AUTOMATIC = "automatic updates"
    RESTARTS = "restarts"
    SOURCE = "source of updates"
    LIMITS = "deferrals and limits"


@dataclass(frozen=True, slots=True)
class ClientValue:
    """One value of HKEY_LOCAL_MACHINE below ``key``. ``words`` say what a number means.

    ``least`` and ``most`` bound numbers that we set; ``left_out`` are those in between that mean nothing.
    ``is_settable``: we write it when asked; all others are only read.
    """

    name: str
    key: str
    topic: Topic
    meaning: str
    kind: HeldKind = HeldKind.NUMBER
    least: int = 0
    most: int = 1
    words: Mapping[int, str] = field(default_factory=dict)
    left_out: tuple[int, ...] = ()
    is_settable: bool = False

    @property
    def registry_name(self) -> str:
        """What it is called in its key; our own name says the key too where two keys have one of that name."""
        return self.name.rpartition(".")[2]

    def allows(self, value: int) -> bool:
        """Whether the number means something."""
        return self.least <= value <= self.most and value not in self.left_out


def _switch(name: str, key: str, topic: Topic, meaning: str, *, settable: bool = False) -> ClientValue:
    return ClientValue(name, key, topic, meaning, words=_SWITCH, is_settable=settable)


def _number(name: str, key: str, topic: Topic, meaning: str, most: int = MOST_NUMBER) -> ClientValue:
    return ClientValue(name, key, topic, meaning, most=most)


def _text(name: str, key: str, topic: Topic, meaning: str, *, settable: bool = False) -> ClientValue:
    return ClientValue(name, key, topic, meaning, HeldKind.TEXT, is_settable=settable)


_SWITCH = MappingProxyType({0: "no", 1: "yes"})
_OPTIONS = MappingProxyType(
    {
        1: "off",
        2: "tells of updates, and downloads none",
        3: "downloads updates, and lets a person install them",
        4: "downloads and installs updates on a schedule",
        5: "lets an administrator of the machine choose",
        7: "downloads updates, and lets a person install them and restart (Windows Server 2016 and newer)",
    }
)
_HOURS = MappingProxyType({hour: f"{hour:02d}:00" for hour in range(24)})
_AU, _POLICY = AUTOMATIC_KEY, POLICY_KEY
_AUTOMATIC, _RESTARTS, _SOURCE, _LIMITS = Topic.AUTOMATIC, Topic.RESTARTS, Topic.SOURCE, Topic.LIMITS

VALUES: tuple[ClientValue, ...] = (
    _switch("NoAutoUpdate", _AU, _AUTOMATIC, "Automatic updates are off", settable=True),
    ClientValue("AUOptions", _AU, _AUTOMATIC, "What automatic updates do", HeldKind.NUMBER, 2, 7, _OPTIONS, (6,), True),
    ClientValue(
        *("ScheduledInstallDay", _AU, _AUTOMATIC, "The day of scheduled installations", HeldKind.NUMBER, 0, 7),
        words=MappingProxyType(dict(enumerate(DAYS))),
        is_settable=True,
    ),
    ClientValue(
        *("ScheduledInstallTime", _AU, _AUTOMATIC, "The hour of scheduled installations", HeldKind.NUMBER, 0, 23),
        words=_HOURS,
        is_settable=True,
    ),
    _switch("DetectionFrequencyEnabled", _AU, _AUTOMATIC, "Updates are looked for every so many hours", settable=True),
    ClientValue(
        *("DetectionFrequency", _AU, _AUTOMATIC, "Hours between two looks for updates", HeldKind.NUMBER, 1, 22),
        is_settable=True,
    ),
    _switch("AllowMUUpdateService", _AU, _AUTOMATIC, "Other Microsoft products are updated, too", settable=True),
    _switch("AutoInstallMinorUpdates", _AU, _AUTOMATIC, "Updates that need no restart are installed at once"),
    _switch("AutomaticMaintenanceEnabled", _AU, _AUTOMATIC, "Updates are installed during automatic maintenance"),
    _number("Agent.AUOptions", AGENT_KEY, _AUTOMATIC, "What automatic updates do where no policy says so", 7),
    _switch(
        *("NoAutoRebootWithLoggedOnUsers", _AU, _RESTARTS, "Scheduled installations restart nobody who is logged on"),
        settable=True,
    ),
    _switch(
        *("AlwaysAutoRebootAtScheduledTime", _AU, _RESTARTS, "Restarts after installing, whoever is logged on"),
        settable=True,
    ),
    ClientValue(
        *("AlwaysAutoRebootAtScheduledTimeMinutes", _AU, _RESTARTS, "Minutes until that restart"),
        *(HeldKind.NUMBER, 15, 180),
        is_settable=True,
    ),
    _switch("SetActiveHours", _POLICY, _RESTARTS, "Active hours are set by policy", settable=True),
    ClientValue(
        *("ActiveHoursStart", _POLICY, _RESTARTS, "From when on it does not restart by itself", HeldKind.NUMBER, 0, 23),
        words=_HOURS,
        is_settable=True,
    ),
    ClientValue(
        *("ActiveHoursEnd", _POLICY, _RESTARTS, "Until when it does not restart by itself", HeldKind.NUMBER, 0, 23),
        words=_HOURS,
        is_settable=True,
    ),
    ClientValue("Own.ActiveHoursStart", OWN_KEY, _RESTARTS, "Chosen on the machine: active hours begin", words=_HOURS),
    ClientValue("Own.ActiveHoursEnd", OWN_KEY, _RESTARTS, "Chosen on the machine: active hours end", words=_HOURS),
    _switch("SetComplianceDeadline", _POLICY, _RESTARTS, "Updates are installed by a deadline, with a restart"),
    _number("ConfigureDeadlineForQualityUpdates", _POLICY, _RESTARTS, "Days until quality updates must be in"),
    _number("ConfigureDeadlineForFeatureUpdates", _POLICY, _RESTARTS, "Days until feature updates must be in"),
    _number("ConfigureDeadlineGracePeriod", _POLICY, _RESTARTS, "Days until the restart after a deadline"),
    _switch("ConfigureDeadlineNoAutoReboot", _POLICY, _RESTARTS, "No restart before the deadline and its grace"),
    _switch("SetAutoRestartDeadline", _POLICY, _RESTARTS, "A pending restart is made by a deadline"),
    _number("AutoRestartDeadlinePeriodInDays", _POLICY, _RESTARTS, "Days until a pending restart is made"),
    _text("WUServer", _POLICY, _SOURCE, "The WSUS server", settable=True),
    _text("WUStatusServer", _POLICY, _SOURCE, "Where the machine reports to", settable=True),
    _text("UpdateServiceUrlAlternate", _POLICY, _SOURCE, "Another server to download from", settable=True),
    _switch("UseWUServer", _AU, _SOURCE, "The WSUS server is in use", settable=True),
    _switch("TargetGroupEnabled", _POLICY, _SOURCE, "The machine tells WSUS its group", settable=True),
    _text("TargetGroup", _POLICY, _SOURCE, "Its group in WSUS", settable=True),
    _switch(
        *("DoNotConnectToWindowsUpdateInternetLocations", _POLICY, _SOURCE, "Nothing but WSUS is asked"), settable=True
    ),
    _switch("DisableWindowsUpdateAccess", _POLICY, _SOURCE, "Windows Update is closed to everybody"),
    _switch("DisableDualScan", _POLICY, _SOURCE, "Deferrals do not make it ask Windows Update beside WSUS"),
    _number("SetPolicyDrivenUpdateSourceForQualityUpdates", _POLICY, _SOURCE, "Source of quality updates (1: WSUS)"),
    _number("SetPolicyDrivenUpdateSourceForFeatureUpdates", _POLICY, _SOURCE, "Source of feature updates (1: WSUS)"),
    _number("SetPolicyDrivenUpdateSourceForDriverUpdates", _POLICY, _SOURCE, "Source of drivers (1: WSUS)"),
    _number("SetPolicyDrivenUpdateSourceForOtherUpdates", _POLICY, _SOURCE, "Source of other updates (1: WSUS)"),
    _switch("UseUpdateClassPolicySource", _AU, _SOURCE, "The four sources above are in use"),
    _switch("DeferQualityUpdates", _POLICY, _LIMITS, "Quality updates are deferred"),
    _number("DeferQualityUpdatesPeriodInDays", _POLICY, _LIMITS, "Days by which quality updates are deferred"),
    _switch("DeferFeatureUpdates", _POLICY, _LIMITS, "Feature updates are deferred"),
    _number("DeferFeatureUpdatesPeriodInDays", _POLICY, _LIMITS, "Days by which feature updates are deferred"),
    _text("PauseQualityUpdatesStartTime", _POLICY, _LIMITS, "Quality updates are paused since"),
    _text("PauseFeatureUpdatesStartTime", _POLICY, _LIMITS, "Feature updates are paused since"),
    _text("Own.PauseUpdatesExpiryTime", OWN_KEY, _LIMITS, "Paused on the machine until"),
    _switch("TargetReleaseVersion", _POLICY, _LIMITS, "The machine stays at one release"),
    _text("TargetReleaseVersionInfo", _POLICY, _LIMITS, "The release that it stays at"),
    _switch("ExcludeWUDriversInQualityUpdate", _POLICY, _LIMITS, "Drivers are left out"),
)


def find_settable(name: str) -> ClientValue:
    """The value of that name, whatever the case, that may be set.

    Raises:
        UnknownName: there is none.
    """
    by_name = {value.name.casefold(): value for value in VALUES if value.is_settable}
    if (found := by_name.get(name.casefold())) is None:
        raise UnknownName("setting of the Windows Update client", name, [value.name for value in by_name.values()])
    return found
