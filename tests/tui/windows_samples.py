"""A Windows machine and what it misses, as the screens are given them."""

from datetime import UTC, datetime, timedelta

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.facts import MachineFacts, SearchWay, WindowsFacts
from fleet.machines import Machine, OSType, TransportKind
from fleet.updates import Blocker, Classification, RebootBehavior, Update, WindowsUpdate
from fleet.winrm import WinrmScheme, WinrmWay

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TITLE = "2026-11 Cumulative Update for Microsoft server operating system version 21H2 for x64-based Systems (KB5044284)"


def make_windows(name: str = "dc-01", *, scheme: WinrmScheme = WinrmScheme.HTTPS) -> Machine:
    """A machine that is reached by WinRM."""
    return Machine(
        id=f"00000000-0000-4000-8000-0000000000{len(name):02d}",
        name=name,
        transport=TransportKind.WINRM,
        created_at=NOW - timedelta(days=30),
        address="192.0.2.9",
        user="CORP\\patchdeck",
        os_type=OSType.WINDOWS,
        winrm=WinrmWay(scheme),
    )


def make_cumulative() -> Update:
    """A security update that restarts the machine."""
    known = WindowsUpdate(
        update_id="11111111-2222-4333-8444-555555555555",
        revision="200",
        kb=("5044284", "5044285"),
        product="Windows Server 2022",
        approval_source="WSUS",
        severity="Critical",
        reboot_behavior=RebootBehavior.ALWAYS,
    )
    return Update(
        TITLE,
        "",
        "",
        "KB5044284",
        Classification.SECURITY,
        "the category of the update",
        "WSUS",
        size_bytes=700_000_000,
        severity="Critical",
        advisories=("KB5044284", "KB5044285"),
        windows=known,
    )


def make_driver() -> Update:
    """A driver, which has no article and is optional."""
    known = WindowsUpdate("99999999-2222-4333-8444-555555555555", "3", product="Drivers", is_optional=True)
    name = "Intel - Net - 30.4.7.2 [99999999]"
    return Update(
        name,
        "",
        "",
        "rev 3",
        Classification.DRIVERS,
        "the type of the update",
        "WSUS",
        blocker=Blocker.OPTIONAL,
        blocker_detail="a driver, which is installed only where it is asked for",
        windows=known,
    )


def make_answer(machine: Machine, *updates: Update) -> Assessment:
    """What it answered."""
    windows = WindowsFacts(
        build="20348.2700",
        edition="ServerStandard",
        installation_type="Server Core",
        domain="corp.example.com",
        agent_version="10.0.20348.2700",
        search_way=SearchWay.TASK,
        update_setting="Notify before installation",
        update_source="WSUS",
        wsus_server="http://wsus.example.com:8530",
        wsus_group="Servers",
        searched_at=NOW - timedelta(hours=3),
    )
    facts = MachineFacts(
        host_name=machine.name,
        os_type=OSType.WINDOWS,
        os_id="windows",
        os_name="Microsoft Windows Server 2022 Standard",
        os_version="10.0.20348",
        kernel="10.0.20348.2700",
        package_manager="windows-update",
        windows=windows,
    )
    ended_at = NOW - timedelta(hours=1)
    return Assessment(machine.id, machine.name, ended_at, ended_at, Coverage.COMPLETE, facts, updates)
