"""What the settings of an update client come to, in sentences; and each value with what it means."""

from collections.abc import Iterator
from types import MappingProxyType

from fleet.update_client.held import Held, HeldKind
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import DAYS, ClientValue

_RESTARTING = (4,)
_OPTIONS = MappingProxyType(
    {
        1: "off",
        2: "tells of updates and downloads none",
        3: "downloads updates, and a person installs them",
        5: "as an administrator of the machine chooses",
        7: "downloads updates, and a person installs them and restarts",
    }
)


def describe_client(snapshot: ClientSnapshot) -> Iterator[tuple[str, str]]:
    """What holds, topic by topic: (topic, sentence)."""
    yield "automatic updates", _automatic(snapshot)
    yield "source", _source(snapshot)
    yield "other products", _other_products(snapshot)
    for sentence in _restarts(snapshot):
        yield "restarts", sentence
    for sentence in _limits(snapshot):
        yield "limits", sentence
    yield "group policy", _policy(snapshot)


def meaning_of(value: ClientValue, held: Held) -> str:
    """What ``held`` means as ``value``, as far as there are words for it."""
    if held.kind is not HeldKind.NUMBER:
        return "" if held.kind is not HeldKind.OTHER else "of a type that Windows Update does not read"
    if value.kind is not HeldKind.NUMBER:
        return "of a type that Windows Update does not read"
    return value.words.get(held.number, "")


def _automatic(snapshot: ClientSnapshot) -> str:
    if snapshot.number_of("NoAutoUpdate") == 1:
        return "off, by policy: it neither looks for updates nor installs any by itself."
    option, origin = snapshot.number_of("AUOptions"), "by policy"
    if option is None:
        option, origin = snapshot.number_of("Agent.AUOptions"), "chosen on the machine"
    if option is None:
        return "not set: Windows' own default holds, on workstations to install and restart by itself."
    if option in _RESTARTING:
        return f"installs by itself {_schedule(snapshot)}, {origin}."
    return f"{_OPTIONS.get(option, f'set to {option}, which means nothing that is known')}, {origin}."


def _schedule(snapshot: ClientSnapshot) -> str:
    day, hour = snapshot.number_of("ScheduledInstallDay") or 0, snapshot.number_of("ScheduledInstallTime")
    when = DAYS[day] if day < len(DAYS) else f"on day {day}"
    return f"{when} at {3 if hour is None else hour:02d}:00"


def _source(snapshot: ClientSnapshot) -> str:
    server = snapshot.text_of("WUServer")
    if snapshot.number_of("DisableWindowsUpdateAccess") == 1:
        return "closed by policy: nobody may look for updates."
    if snapshot.number_of("UseWUServer") != 1:
        unused = f" A WSUS server is named ({server}) and not in use." if server else ""
        return f"Windows Update.{unused}"
    if not server:
        return "a WSUS server that is in use and not named: it finds no updates."
    group = snapshot.text_of("TargetGroup") if snapshot.number_of("TargetGroupEnabled") == 1 else ""
    alone = snapshot.number_of("DoNotConnectToWindowsUpdateInternetLocations") == 1
    return f"WSUS at {server}{f', group {group}' if group else ''}{', and nothing else' if alone else ''}."


def _other_products(snapshot: ClientSnapshot) -> str:
    match snapshot.is_microsoft_update_registered:
        case True:
            return "updated, too: Microsoft Update is registered."
        case False:
            return "not updated: Microsoft Update is not registered."
    return "unknown: whether Microsoft Update is registered could not be found out."


def _restarts(snapshot: ClientSnapshot) -> Iterator[str]:
    """What restarts it whatever a deployment says, first."""
    stays_up = snapshot.number_of("NoAutoRebootWithLoggedOnUsers") == 1
    installs = snapshot.number_of("NoAutoUpdate") != 1 and snapshot.number_of("AUOptions") in _RESTARTING
    if snapshot.number_of("AlwaysAutoRebootAtScheduledTime") == 1 and not stays_up:
        minutes = snapshot.number_of("AlwaysAutoRebootAtScheduledTimeMinutes") or 15
        yield f"{minutes} min after it installed something, whoever is logged on: also where deployments never reboot."
    elif installs and stays_up:
        yield "after scheduled installations, unless somebody is logged on: also where deployments never reboot."
    elif installs:
        yield "after scheduled installations: also where deployments never reboot."
    if 1 in (snapshot.number_of("SetComplianceDeadline"), snapshot.number_of("SetAutoRestartDeadline")):
        yield "by a deadline that a policy sets: also where deployments never reboot."
    start, end = _active_hours(snapshot)
    if start is not None and end is not None:
        yield f"none by itself from {start:02d}:00 to {end:02d}:00."


def _active_hours(snapshot: ClientSnapshot) -> tuple[int | None, int | None]:
    prefix = "" if snapshot.number_of("SetActiveHours") == 1 else "Own."
    return snapshot.number_of(f"{prefix}ActiveHoursStart"), snapshot.number_of(f"{prefix}ActiveHoursEnd")


def _limits(snapshot: ClientSnapshot) -> Iterator[str]:
    for name, word in (("Quality", "quality"), ("Feature", "feature")):
        days = snapshot.number_of(f"Defer{name}UpdatesPeriodInDays")
        if snapshot.number_of(f"Defer{name}Updates") == 1 and days:
            yield f"{word} updates are offered {days} days late."
        if since := snapshot.text_of(f"Pause{name}UpdatesStartTime"):
            yield f"{word} updates are paused since {since}."
    if until := snapshot.text_of("Own.PauseUpdatesExpiryTime"):
        yield f"paused on the machine until {until}."
    if snapshot.number_of("TargetReleaseVersion") == 1 and (release := snapshot.text_of("TargetReleaseVersionInfo")):
        yield f"it stays at release {release}."


def _policy(snapshot: ClientSnapshot) -> str:
    where = f"member of {snapshot.domain}" if snapshot.is_domain_member else "in a workgroup"
    if snapshot.is_domain_member is None:
        where = "whether it is in a domain is unknown"
    if snapshot.policies is None:
        return f"{where}; what Group Policy sets could not be read."
    names = sorted({entry.name for entry in snapshot.policies})
    return f"{where}; Group Policy sets {', '.join(names) or 'none of these'}."
