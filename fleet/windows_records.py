"""Columns of the record tables that only Windows fills, or otherwise than packages do."""

from datetime import datetime

from fleet.facts import WindowsFacts
from fleet.updates import Update, WindowsUpdate

WindowsValue = str | bool | datetime | None


def update_columns(update: Update, known: WindowsUpdate) -> dict[str, WindowsValue]:
    """What Windows says in other columns than packages, or alone; advisories and versions are its articles there."""
    return {
        "Title": update.name,
        "Product": known.product,
        "ProductVersion": "",
        "PackageRepository": "",
        "BulletinID": "",
        "PackageSeverity": "",
        "UpdateID": known.update_id,
        "RevisionNumber": known.revision,
        "KBID": ";".join(known.kb),
        "Optional": known.is_optional,
        "Approved": known.is_approved,
        "ApprovalSource": known.approval_source,
        "MSRCSeverity": known.severity or "Unspecified",
        "MSRCBulletinID": ";".join(known.bulletins),
        "RebootBehavior": known.reboot_behavior.value if known.reboot_behavior else "",
        "InstallTimeAvailable": False,
        "CVESource": update.cve_source or (known.approval_source if update.cves else ""),
        "Hidden": known.is_hidden,
        "Downloaded": known.is_downloaded,
        "Exclusive": known.is_exclusive,
        "LicenceAccepted": known.is_licence_accepted,
    }


def agent_columns(windows: WindowsFacts | None) -> dict[str, WindowsValue]:
    """The columns of Update Management about the agent; nothing where there is none."""
    if windows is None:
        return {}
    return {
        "WindowsUpdateSetting": windows.update_setting,
        "WindowsUpdateAgentVersion": windows.agent_version,
        "WSUSServer": windows.wsus_server,
        "NETRuntimeVersion": windows.net_version,
    }


def machine_columns(windows: WindowsFacts | None) -> dict[str, WindowsValue]:
    """The columns of Machine that only a Windows has; nothing for others."""
    if windows is None:
        return {}
    return agent_columns(windows) | {
        "UpdateSource": windows.update_source,
        "WSUSGroup": windows.wsus_group,
        "SearchWay": windows.search_way.value if windows.search_way else "",
        "Domain": windows.domain,
        "Edition": windows.edition,
        "InstallationType": windows.installation_type,
        "PowerShellVersion": windows.powershell,
        "LastSearched": windows.searched_at,
        "LastUpdateApplied": windows.installed_at,
    }
