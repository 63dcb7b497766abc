"""What the script `assess`, and the task that it may start, say of a peer: the JSON that a real machine would write."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from tests.winrm_peer.machine import (
    AUTO_UPDATE_REBOOT,
    AUTOMATIC_UPDATES,
    CBS,
    SESSION_MANAGER,
    WINDOWS_UPDATE,
    PeerMachine,
)
from tests.winrm_peer.offers import PeerUpdate
from tests.winrm_peer.parts import PeerTask, TokenKind

TASK = "Patchdeck-assess-"
REFUSED = "0x80070005"
_NETWORK = ("0x8024402", "0x80072E", "0x80240438", "0x8024401", "0x80244022")
_SERVICES = ("wuauserv", "BITS", "TrustedInstaller", "CryptSvc", "UsoSvc")
_OWN = r"HKLM\SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update"
_SETTINGS = r"HKLM\SOFTWARE\Microsoft\WindowsUpdate\UX\Settings"
_FIELDS = (
    *("id", "title", "severity", "type", "deployment_action", "is_downloaded", "is_hidden", "is_mandatory"),
    *("is_present", "browse_only", "auto_select", "eula_accepted", "reboot_behavior", "can_request_user_input"),
    *("requires_network", "impact", "max_download_bytes", "min_download_bytes", "support_url"),
)


def is_administrator(machine: PeerMachine) -> bool:
    """Whether who runs the script that runs now is one, with all rights."""
    user = machine.find_user(machine.runs[-1].user) if machine.runs else None
    return user is None or user.token is TokenKind.ADMINISTRATOR


def error(stage: str, hresult: str, message: str = "") -> Mapping[str, object]:
    """One of ``errors``."""
    return {"stage": stage, "hresult": hresult, "message": message, "line": 1}


def computer(machine: PeerMachine) -> Mapping[str, object]:
    """The part ``computer``."""
    return {
        "name": machine.name,
        "fqdn": ".".join(filter(None, (machine.name.lower(), machine.domain))),
        "domain": machine.domain or "WORKGROUP",
        "is_in_domain": bool(machine.domain),
        "caption": machine.caption,
        "version": machine.version,
        "build": f"{machine.build}.{machine.ubr}",
        "display_version": machine.display_version,
        "edition": machine.edition,
        "installation_type": machine.installation_type,
        "product_type": machine.product_type,
        "language": machine.language,
        "last_boot_utc": write_time(machine.booted_at),
        "powershell": machine.powershell,
        "language_mode": machine.language_mode,
        "architecture": machine.architecture,
        "machine_guid": machine.machine_guid,
        "system_uuid": machine.system_uuid,
        "net_release": machine.net_release,
        "addresses": list(machine.ip_addresses),
        "system_drive": "C:",
        "free_bytes": machine.disk_free_bytes,
        "total_bytes": machine.disk_total_bytes,
    }


def _without_login(address: object) -> str:
    return re.sub(r"^([A-Za-z]+://)?.*@", r"\1", str(address))


def agent(machine: PeerMachine) -> Mapping[str, object]:
    """The part ``agent``."""
    services = [
        {"name": name, "state": machine.services[name].state, "start_type": machine.services[name].start_type}
        for name in _SERVICES
        if name in machine.services
    ]
    return {
        "wuapi_version": machine.agent_version,
        "services": services,
        "last_search_utc": write_time(machine.searched_at),
        "last_install_utc": write_time(machine.installed_at),
        "servicing_in_progress": 2 if machine.is_servicing else None,
    }


def source(machine: PeerMachine) -> Mapping[str, object]:
    """The part ``source``."""
    policy, auto = machine.registry.values(WINDOWS_UPDATE), machine.registry.values(AUTOMATIC_UPDATES)
    own, settings = machine.registry.values(_OWN), machine.registry.values(_SETTINGS)
    return {
        "wu_server": _without_login(policy.get("WUServer", "")),
        "wu_status_server": _without_login(policy.get("WUStatusServer", "")),
        "use_wu_server": auto.get("UseWUServer"),
        "target_group": policy.get("TargetGroup", ""),
        "disable_access": policy.get("DisableWindowsUpdateAccess"),
        "no_internet_locations": policy.get("DoNotConnectToWindowsUpdateInternetLocations"),
        "exclude_drivers": policy.get("ExcludeWUDriversInQualityUpdate"),
        "defer_quality_days": policy.get("DeferQualityUpdatesPeriodInDays"),
        "defer_feature_days": policy.get("DeferFeatureUpdatesPeriodInDays"),
        "pause_quality_until_utc": settings.get("PauseQualityUpdatesEndTime", ""),
        "pause_feature_until_utc": settings.get("PauseFeatureUpdatesEndTime", ""),
        "target_release": policy.get("TargetReleaseVersionInfo", ""),
        "au_options": auto.get("AUOptions"),
        "own_au_options": own.get("AUOptions"),
        "no_auto_update": auto.get("NoAutoUpdate"),
        "scheduled_install_day": auto.get("ScheduledInstallDay"),
        "scheduled_install_time": auto.get("ScheduledInstallTime"),
        "always_auto_reboot": auto.get("AlwaysAutoRebootAtScheduledTime"),
        "no_auto_reboot_with_users": auto.get("NoAutoRebootWithLoggedOnUsers"),
        "active_hours_start": settings.get("ActiveHoursStart"),
        "active_hours_end": settings.get("ActiveHoursEnd"),
        "service_id": "7971f918-a847-4430-9279-4a52d1efe18d",
        "service_name": "Microsoft Update",
    }


def reboot(machine: PeerMachine) -> Mapping[str, object]:
    """The part ``reboot``."""
    keys = {
        "windows_update": AUTO_UPDATE_REBOOT,
        "cbs": CBS + r"\RebootPending",
        "cbs_packages": CBS + r"\PackagesPending",
    }
    reasons = [reason for reason, key in keys.items() if machine.registry.has_key(key)]
    renames = machine.registry.read(SESSION_MANAGER, "PendingFileRenameOperations")
    return {
        "required": bool(reasons),
        "reasons": [*reasons, *(["file_rename"] if renames else [])],
        "wua_asked": False,
    }


def found(machine: PeerMachine, most: int, *, by_task: bool) -> Mapping[str, object]:
    """What a search gives. One that fails for the network is made again without it, as the script does."""
    fails_with = _take_failure(machine)
    errors = [error("search", fails_with)] if fails_with else []
    is_offline = bool(fails_with) and fails_with.startswith(_NETWORK)
    is_answered = not fails_with or is_offline
    if not fails_with:
        machine.searched_at = machine.now()
    offered = list(machine.offered()) if is_answered else []
    ids = {update.id for update in offered}
    return {
        "search": _search(machine, len(offered), is_online=not is_offline) if is_answered else None,
        "updates": [_update(machine, each, ids) for each in offered],
        "installed": [_installed(each) for each in machine.installed()],
        "history": _history(machine, most),
        "reboot_required": machine.reboot_asked if by_task else None,
        "wua_asked": by_task,
        "errors": errors,
    }


def write_time(at: datetime | None) -> str | None:
    """A time as the script writes it."""
    return None if at is None else f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def find_task(machine: PeerMachine, run_id: object) -> PeerTask | None:
    """The task of one search."""
    return machine.tasks.get(f"{TASK}{run_id}")


def _take_failure(machine: PeerMachine) -> str:
    """The HRESULT that the next search ends with, empty if it goes well; one that is used up is used up."""
    if machine.search_fails_times is None:
        return machine.search_fails_with
    if machine.search_fails_times <= 0:
        return ""
    machine.search_fails_times -= 1
    return machine.search_fails_with


def _search(machine: PeerMachine, count: int, *, is_online: bool) -> Mapping[str, object]:
    return {
        "criteria": "IsInstalled=0",
        "server_selection": 0,
        "service_id": "",
        "result_code": machine.search_result_code,
        "count": count,
        "warnings": list(machine.search_warnings),
        "online": is_online,
        "elapsed_ms": round(machine.search_seconds * 1000),
    }


def _update(machine: PeerMachine, update: PeerUpdate, ids: set[str]) -> Mapping[str, object]:
    categories = [{"id": each.id, "name": each.name, "type": each.type} for each in update.categories or ()]
    return {name: getattr(update, name) for name in _FIELDS} | {
        "revision": machine.revision_of(update),
        "kb": update.kb,
        "cve": update.cve,
        "bulletins": update.bulletins,
        "categories": categories,
        "last_deployment_change_utc": write_time(update.last_deployment_change),
        "deadline_utc": write_time(update.deadline),
        "superseded": [each for each in update.superseded or () if each in ids],
        "bundled": [{"id": each.id, "kb": each.kb} for each in update.bundled or ()],
    }


def _installed(update: PeerUpdate) -> Mapping[str, object]:
    changed = write_time(update.last_deployment_change)
    return {"id": update.id, "title": update.title, "kb": update.kb, "last_deployment_change_utc": changed}


def _history(machine: PeerMachine, most: int) -> list[Mapping[str, object]]:
    return [
        {
            "date_utc": write_time(entry.at),
            "operation": entry.operation,
            "result_code": entry.result_code,
            "hresult": entry.hresult,
            "title": entry.title,
            "update_id": entry.update_id,
        }
        for entry in machine.history[:most]
    ]
