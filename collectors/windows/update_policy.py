"""How automatic updates are set on a Windows machine, and what of it acts against whoever patches it."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from collectors.windows.assess_answer import ComputerAnswer, SourceAnswer
from collectors.windows.updates import is_wsus_used
from fleet.failures import Finding, FindingKind, Severity

DISABLED = "Disabled"
NOTIFY = "Notify before installation"
SCHEDULED = "Scheduled installation"
UNHEALTHY = "Error returned from unhealthy WUA agent"
_SCHEDULED_OPTION = 4
# 2 asks before downloads, 3 before installations, 7 before installations and restarts; 5 leaves it to the machine.
_BY_OPTION: Mapping[int, str] = {1: DISABLED, 2: NOTIFY, 3: NOTIFY, _SCHEDULED_OPTION: SCHEDULED, 7: NOTIFY}
_WORKSTATION = 1
# Since Windows 10 a workstation that nobody manages installs by itself.
_FIRST_AUTOMATIC_BUILD = 10240


def describe_setting(source: SourceAnswer, computer: ComputerAnswer) -> str:
    """The automatic-update setting in Update Management's words; empty where nothing tells."""
    if source.no_auto_update == 1:
        return DISABLED
    for option in (source.au_options, source.own_au_options):
        if option is not None and option in _BY_OPTION:
            return _BY_OPTION[option]
    build = computer.build.partition(".")[0]
    is_automatic = build.isdecimal() and int(build) >= _FIRST_AUTOMATIC_BUILD
    return SCHEDULED if computer.product_type == _WORKSTATION and is_automatic else ""


def server_address(text: str) -> str:
    """An address without the login that somebody may have put into it."""
    scheme, mark, rest = text.partition("://")
    # Up to the last mark, not within the host's part alone: a password may have a slash in it.
    return scheme.rpartition("@")[2] + mark + rest.rpartition("@")[2]


def find_policy_troubles(source: SourceAnswer, computer: ComputerAnswer, now: datetime) -> Iterator[Finding]:
    """What policies do that a deployment, or its reboot policy, does not say."""
    yield from _find_reboots(source, describe_setting(source, computer))
    yield from _find_updates(source, now)


def _find_reboots(source: SourceAnswer, setting: str) -> Iterator[Finding]:
    if source.always_auto_reboot == 1:
        text = "AlwaysAutoRebootAtScheduledTime is set: it reboots by itself after an installation, whoever began that."
        yield _reboots(text, "Remove it, or expect reboots in spite of the reboot policy never.")
    if setting == SCHEDULED and source.no_auto_reboot_with_users != 1 and source.au_options == _SCHEDULED_OPTION:
        text = (
            "AUOptions is 4 and NoAutoRebootWithLoggedOnUsers is not set: after a scheduled installation it reboots "
            "although somebody is logged in."
        )
        yield _reboots(text, "Set NoAutoRebootWithLoggedOnUsers to 1, or AUOptions to 3 or 7.")
    elif setting == SCHEDULED:
        text = "It installs updates by itself, and reboots by itself where they ask for it."
        yield _reboots(text, "To patch it from here alone, set AUOptions to 2, 3 or 7, or NoAutoUpdate to 1.")


def _find_updates(source: SourceAnswer, now: datetime) -> Iterator[Finding]:
    if source.disable_access == 1:
        text = "DisableWindowsUpdateAccess is set: users, and some of what asks in their name, are kept from updates."
        yield _updates(text, "Remove it where this machine is to be patched.")
    if source.wu_server and source.use_wu_server != 1:
        text = f"WUServer names {server_address(source.wu_server)}, but UseWUServer is not 1: that server is not asked."
        yield _updates(text, "Set UseWUServer to 1, or remove WUServer.")
    if source.use_wu_server == 1 and not source.wu_server:
        yield _updates("UseWUServer is 1, but WUServer names no server.", "Set WUServer, or remove UseWUServer.")
    if source.no_internet_locations == 1 and not is_wsus_used(source):
        text = "DoNotConnectToWindowsUpdateInternetLocations is set, and no WSUS is in use: nobody can be asked."
        yield _updates(text, "Set WUServer and UseWUServer, or remove it.", Severity.ERROR)
    if source.defer_quality_days:
        yield _updates(f"Updates are offered {source.defer_quality_days} days late, by policy.", "", Severity.INFO)
    if source.pause_quality_until_utc is not None and source.pause_quality_until_utc > now:
        text = f"Updates are paused until {source.pause_quality_until_utc:%Y-%m-%d}: none is offered until then."
        yield _updates(text, "Resume updates in the machine's settings.")
    if source.target_release:
        text = f"Its policy keeps it at the release {source.target_release}."
        yield _updates(text, "", Severity.INFO)


def _reboots(text: str, remedy: str) -> Finding:
    return Finding(FindingKind.REBOOT_POLICY, Severity.WARNING, text, remedy)


def _updates(text: str, remedy: str, severity: Severity = Severity.WARNING) -> Finding:
    return Finding(FindingKind.UPDATE_POLICY, severity, text, remedy)
