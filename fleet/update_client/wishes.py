"""What somebody wants of update clients, in the command line's words, and the values that this means on a machine."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from urllib.parse import urlsplit

from fleet.errors import BadInput
from fleet.update_client.held import MOST_CHARACTERS, Held, HeldKind, number, text
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import DAYS, MICROSOFT_UPDATE, find_settable

# Windows 10 1703 and newer; the first releases allowed 12.
MOST_ACTIVE_HOURS = 18
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f:.]{2,45}\]")
_PATH = re.compile(r"(/[A-Za-z0-9._~-]{0,100}){0,8}")
_MOST_GROUP = 255

Desired = Mapping[str, Held | None]


class AutomaticUpdates(StrEnum):
    """What the machine does by itself."""

    OFF = "off"
    NOTIFY = "notify"
    DOWNLOAD = "download"
    INSTALL = "install"
    LOCAL = "local"
    UNSET = "unset"


class Switch(StrEnum):
    """A setting that is on, off, or not set, so that Windows' own default holds."""

    YES = "yes"
    NO = "no"
    UNSET = "unset"


@dataclass(frozen=True, slots=True)
class ClientWish:
    """What is wanted; None leaves a thing as it is.

    ``install_day`` and ``install_hour`` are numbers of the registry. ``active_hours`` are (from, until), and (-1, -1)
    for none. ``wsus`` is the URL of the server, empty: none any more; so is ``wsus_group``. ``values`` are single
    settings by their names in `fleet.update_client.values`; None there takes the value away.
    """

    automatic: AutomaticUpdates | None = None
    install_day: int | None = None
    install_hour: int | None = None
    reboot_at_scheduled_time: Switch | None = None
    reboot_delay_minutes: int | None = None
    no_reboot_with_users: Switch | None = None
    active_hours: tuple[int, int] | None = None
    microsoft_update: bool | None = None
    wsus: str | None = None
    wsus_status: str | None = None
    wsus_group: str | None = None
    only_wsus: Switch | None = None
    values: Desired = field(default_factory=dict)

    def require_something(self) -> None:
        """Returns if anything is wished.

        Raises:
            BadInput: nothing is.
        """
        if self == ClientWish():
            raise BadInput("Say what to configure: see patchdeck windows configure --help. Nothing was changed.")


def desired_values(wish: ClientWish, snapshot: ClientSnapshot) -> Desired:
    """The values that ``wish`` means on the machine of ``snapshot``; None where one is to go.

    Raises:
        BadInput: a single value contradicts another wish.
    """
    wanted = {**_automatic(wish, snapshot), **_restarts(wish), **_source(wish)}
    for name, held in wish.values.items():
        if name in wanted and wanted[name] != held:
            raise BadInput(f"{name} is wanted in two ways: by --set or --unset, and by another option.")
        wanted[name] = held
    return wanted


def parse_value(said: str) -> tuple[str, Held]:
    """NAME=VALUE, as in ``AUOptions=3``.

    Raises:
        BadInput: there is no such setting, or it cannot have that value.
    """
    name, equals, content = said.partition("=")
    if not equals:
        raise BadInput(f"{said!r} cannot be used: write NAME=VALUE, as in AUOptions=3; --unset NAME takes it away.")
    value = find_settable(name.strip())
    if value.kind is HeldKind.TEXT:
        read = parse_server if value.name in _URLS else parse_group
        return value.name, text(read(content.strip()))
    if not re.fullmatch(r"[0-9]{1,3}", content.strip()) or not value.allows(int(content)):
        gaps = "".join(f", not {gap}" for gap in value.left_out)
        raise BadInput(f"{value.name} cannot be {content!r}: a number from {value.least} to {value.most}{gaps}.")
    return value.name, number(int(content))


def parse_server(said: str) -> str:
    """The URL of a WSUS server.

    Raises:
        BadInput: it is none, or holds a password: everybody on the machine can read it.
    """
    problem = _problem_of_url(said)
    if problem:
        raise BadInput(f"The URL of the WSUS server cannot be used: {problem}. Write http://wsus.example.com:8530.")
    return said.rstrip("/")


def parse_group(said: str) -> str:
    """The name of a group of computers in WSUS.

    Raises:
        BadInput: none can be called so.
    """
    if not said or len(said) > _MOST_GROUP or not said.isprintable():
        raise BadInput(f"The group {said[:40]!r} cannot be used: write the name that it has in WSUS.")
    return said


def parse_day(said: str) -> int:
    """A day of the week, or ``every-day``, as the registry counts them.

    Raises:
        BadInput: it is none.
    """
    days = {day.casefold().replace(" ", "-"): index for index, day in enumerate(DAYS)}
    if (index := days.get(said.casefold())) is None:
        raise BadInput(f"Day {said!r} cannot be used: one of {', '.join(days)}.")
    return index


def parse_active_hours(said: str) -> tuple[int, int]:
    """FROM-UNTIL in whole hours, as in ``8-18``, over midnight too; ``unset``: (-1, -1).

    Raises:
        BadInput: these are no such hours.
    """
    if said.casefold() == "unset":
        return (-1, -1)
    found = re.fullmatch(r"([0-9]{1,2})-([0-9]{1,2})", said)
    hours = (int(found[1]), int(found[2])) if found else (24, 24)
    if max(hours) > 23 or (why := problem_of_hours(*hours)):
        reason = f": {why}" if max(hours) <= 23 else ""
        raise BadInput(f"Active hours {said!r} cannot be used{reason}. Write FROM-UNTIL, as in 8-18, or unset.")
    return hours


def problem_of_hours(start: int, end: int) -> str:
    """What stands against these active hours; empty where nothing does."""
    length = (end - start) % 24
    if not length:
        return "they begin when they end"
    return f"they are {length} hours, and Windows takes {MOST_ACTIVE_HOURS}" if length > MOST_ACTIVE_HOURS else ""


def _problem_of_url(said: str) -> str:
    if not said.isascii() or not said.isprintable() or len(said) > MOST_CHARACTERS:
        return "it has characters that no URL has, or is too long"
    try:
        parts = urlsplit(said)
        port = parts.port
    except ValueError:
        return "it is no URL"
    if "@" in said:
        return "it holds a name or a password, which everybody on the machine could read"
    if parts.scheme not in ("http", "https"):
        return "it begins with neither http:// nor https://"
    host = parts.netloc.removesuffix(f":{port}") if port is not None else parts.netloc
    if not _HOST.fullmatch(host) or port == 0:
        return "it names no server"
    return "" if not (parts.query or parts.fragment) and _PATH.fullmatch(parts.path) else "it has more than a path"


def _automatic(wish: ClientWish, snapshot: ClientSnapshot) -> dict[str, Held | None]:
    wanted: dict[str, Held | None] = {}
    match wish.automatic:
        case None:
            pass
        case AutomaticUpdates.OFF:
            wanted["NoAutoUpdate"] = number(1)
        case AutomaticUpdates.UNSET:
            wanted |= dict.fromkeys(("NoAutoUpdate", "AUOptions", "ScheduledInstallDay", "ScheduledInstallTime"))
        case chosen:
            wanted |= {"NoAutoUpdate": number(0), "AUOptions": number(_option(chosen, snapshot))}
    if wish.install_day is not None:
        wanted["ScheduledInstallDay"] = number(wish.install_day)
    if wish.install_hour is not None:
        wanted["ScheduledInstallTime"] = number(wish.install_hour)
    if wish.microsoft_update is not None:
        wanted[MICROSOFT_UPDATE] = number(1) if wish.microsoft_update else None
    return wanted


def _option(chosen: AutomaticUpdates, snapshot: ClientSnapshot) -> int:
    if chosen is AutomaticUpdates.DOWNLOAD:
        # From Windows Server 2016 on, 3 lets the machine restart by itself after a person installed; 7 does not.
        return 7 if snapshot.is_server_2016 else 3
    return _OPTIONS[chosen]


def _restarts(wish: ClientWish) -> dict[str, Held | None]:
    wanted: dict[str, Held | None] = {}
    _switch(wanted, "AlwaysAutoRebootAtScheduledTime", wish.reboot_at_scheduled_time)
    if wish.reboot_at_scheduled_time is Switch.UNSET:
        wanted["AlwaysAutoRebootAtScheduledTimeMinutes"] = None
    if wish.reboot_delay_minutes is not None:
        wanted["AlwaysAutoRebootAtScheduledTimeMinutes"] = number(wish.reboot_delay_minutes)
    _switch(wanted, "NoAutoRebootWithLoggedOnUsers", wish.no_reboot_with_users)
    if wish.active_hours == (-1, -1):
        wanted |= dict.fromkeys(("SetActiveHours", "ActiveHoursStart", "ActiveHoursEnd"))
    elif wish.active_hours is not None:
        start, end = wish.active_hours
        wanted |= {"ActiveHoursStart": number(start), "ActiveHoursEnd": number(end), "SetActiveHours": number(1)}
    return wanted


def _source(wish: ClientWish) -> dict[str, Held | None]:
    wanted: dict[str, Held | None] = {}
    if wish.wsus == "":
        wanted |= dict.fromkeys(_OF_WSUS)
    elif wish.wsus is not None:
        status = wish.wsus_status or wish.wsus
        wanted |= {"WUServer": text(wish.wsus), "WUStatusServer": text(status), "UseWUServer": number(1)}
    elif wish.wsus_status is not None:
        wanted["WUStatusServer"] = text(wish.wsus_status)
    if wish.wsus_group == "":
        wanted |= {"TargetGroup": None, "TargetGroupEnabled": None}
    elif wish.wsus_group is not None:
        wanted |= {"TargetGroup": text(wish.wsus_group), "TargetGroupEnabled": number(1)}
    _switch(wanted, "DoNotConnectToWindowsUpdateInternetLocations", wish.only_wsus)
    return wanted


def _switch(wanted: dict[str, Held | None], name: str, switch: Switch | None) -> None:
    if switch is not None:
        wanted[name] = None if switch is Switch.UNSET else number(int(switch is Switch.YES))


_OPTIONS = MappingProxyType({AutomaticUpdates.NOTIFY: 2, AutomaticUpdates.INSTALL: 4, AutomaticUpdates.LOCAL: 5})
_URLS = frozenset({"WUServer", "WUStatusServer", "UpdateServiceUrlAlternate"})
_OF_WSUS = (
    *("UseWUServer", "WUServer", "WUStatusServer", "UpdateServiceUrlAlternate", "TargetGroup", "TargetGroupEnabled"),
    "DoNotConnectToWindowsUpdateInternetLocations",
)
