"""Updates as Windows Update really describes them: one for each trap that readers fall into.

Shapes follow the public recordings of such answers; titles and numbers are as those look, ids are made up.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

from tests.winrm_peer.offers import (
    CRITICAL,
    DEFINITIONS,
    DRIVERS,
    FEATURE_PACKS,
    SECURITY,
    SERVICE_PACKS,
    TOOLS,
    UPDATE_ROLLUPS,
    UPDATES,
    UPGRADES,
    PeerBundled,
    PeerCategory,
    PeerUpdate,
    classified,
)

SERVER = "Microsoft Server operating system-21H2"
SYSTEM = "Microsoft server operating system version 21H2"
DEFENDER = "Microsoft Defender Antivirus"


def update_id(number: int) -> str:
    """A GUID for the update ``number`` of a scenario."""
    return f"{number:08x}-5a0b-4c1d-9e2f-{number * 7919:012x}"


def cumulative(
    number: int = 1, kb: str = "5044281", month: str = "2026-10", build: str = "20348.2762", system: str = SYSTEM
) -> PeerUpdate:
    """The monthly cumulative update: critical by the MSRC, absurd in size, its children have other articles."""
    title = f"{month} Cumulative Update for {system} for x64-based Systems"
    return PeerUpdate(
        id=update_id(number),
        title=f"{title} (KB{kb}) ({build})",
        kb=[kb],
        cve=["CVE-2026-43572", "CVE-2026-43573"],
        severity="Critical",
        categories=classified(SECURITY, SERVER),
        max_download_bytes=98_784_247_808,
        real_download_bytes=683_671_552,
        bundled=[PeerBundled(update_id(number + 1000), [str(int(kb) + 1)])],
        raises_ubr_to=int(build.rpartition(".")[2]),
        last_deployment_change=datetime(2026, 10, 13, 17, 0, tzinfo=UTC),
    )


def servicing_stack(number: int = 2, system: str = SYSTEM) -> PeerUpdate:
    """Exclusive: installed alone; the cumulative update of some systems is offered only after it."""
    return PeerUpdate(
        id=update_id(number),
        title=f"2026-10 Servicing Stack Update for {system} for x64-based Systems (KB5043124)",
        kb=["5043124"],
        severity="Critical",
        categories=classified(SECURITY, SERVER),
        impact=2,
        reboot_behavior=0,
        asks_for_reboot=False,
        max_download_bytes=12_582_912,
    )


def framework(number: int = 3) -> PeerUpdate:
    """Several articles on one update, and an important severity."""
    return PeerUpdate(
        id=update_id(number),
        title="2026-10 Cumulative Update for .NET Framework 3.5, 4.8 and 4.8.1 (KB5044099)",
        kb=["5044099", "5044028", "5044033"],
        severity="Important",
        categories=classified(SECURITY, SERVER),
        max_download_bytes=74_448_896,
    )


def definitions(number: int = 4) -> PeerUpdate:
    """Changes several times a day, and is listed with hundreds of megabytes of which one is downloaded."""
    return PeerUpdate(
        id=update_id(number),
        title="Security Intelligence Update for Microsoft Defender Antivirus - KB2267602 (Version 1.421.300.0)",
        kb=["2267602"],
        categories=classified(DEFINITIONS, DEFENDER),
        reboot_behavior=0,
        asks_for_reboot=False,
        max_download_bytes=1_098_907_648,
        real_download_bytes=1_363_149,
        changes_every_seconds=4 * 3600.0,
        last_deployment_change=datetime(2026, 11, 23, 4, 0, tzinfo=UTC),
    )


def driver(number: int = 5) -> PeerUpdate:
    """No article, null lists, optional, of type 2."""
    return PeerUpdate(
        id=update_id(number),
        title="Intel - net - 12.19.2.60",
        kb=[],
        cve=None,
        bulletins=None,
        categories=classified(DRIVERS, "Windows Server Drivers"),
        type=2,
        browse_only=True,
        auto_select=False,
        deployment_action=3,
        max_download_bytes=1_310_720,
    )


def preview(number: int = 6) -> PeerUpdate:
    """Optional: offered to who looks for it."""
    return PeerUpdate(
        id=update_id(number),
        title="2026-10 Cumulative Update Preview for Microsoft server operating system version 21H2 (KB5044380)",
        kb=["5044380"],
        categories=classified(UPDATES, SERVER),
        browse_only=True,
        auto_select=False,
        deployment_action=3,
    )


def licensed(number: int = 7) -> PeerUpdate:
    """Its licence has to be accepted first."""
    return PeerUpdate(
        id=update_id(number),
        title="Microsoft .NET Framework 4.8.1 for Windows Server 2022 for x64 (KB5011048)",
        kb=["5011048"],
        categories=classified(FEATURE_PACKS, SERVER),
        eula_accepted=False,
        max_download_bytes=71_303_168,
    )


def hidden(number: int = 8) -> PeerUpdate:
    """A person hid it."""
    return PeerUpdate(
        id=update_id(number),
        title="Update for Windows Server 2022 (KB5012170)",
        kb=["5012170"],
        severity="Important",
        categories=classified(SECURITY, SERVER),
        is_hidden=True,
        auto_select=False,
    )


def interactive(number: int = 9) -> PeerUpdate:
    """May ask a person something."""
    return PeerUpdate(
        id=update_id(number),
        title="Microsoft Silverlight (KB4481252)",
        kb=["4481252"],
        categories=classified(FEATURE_PACKS, "Silverlight"),
        can_request_user_input=True,
    )


def service_pack(number: int = 10) -> PeerUpdate:
    """A service pack: large, and installed alone."""
    return PeerUpdate(
        id=update_id(number),
        title="Service Pack 3 for Microsoft SQL Server 2016 (KB5003279)",
        kb=["5003279"],
        categories=classified(SERVICE_PACKS, "Microsoft SQL Server 2016"),
        impact=2,
        max_download_bytes=734_003_200,
    )


def upgrade(number: int = 11) -> PeerUpdate:
    """Another release of Windows: no patch."""
    return PeerUpdate(
        id=update_id(number),
        title="Windows 11, version 25H2",
        categories=classified(UPGRADES, "Windows 11"),
        reboot_behavior=1,
        eula_accepted=False,
        deployment_action=3,
        max_download_bytes=6_442_450_944,
    )


def odd_article(number: int = 12) -> PeerUpdate:
    """Its article is no number, and its classification stands alone, without a product."""
    return PeerUpdate(
        id=update_id(number),
        title="Update for Microsoft Office 2016 (KBOFF16-A)",
        kb=["OFF16-A"],
        categories=[PeerCategory(CRITICAL, "Wichtige Updates")],
    )


def nameless(number: int = 13) -> PeerUpdate:
    """No category at all, and null wherever COM allows it."""
    return PeerUpdate(
        id=update_id(number),
        title="Realtek Semiconductor Corp. - MEDIA - 6.0.9500.1",
        kb=None,
        cve=None,
        bulletins=None,
        categories=None,
        type=None,
        deployment_action=None,
        is_hidden=None,
        is_mandatory=None,
        is_present=None,
        browse_only=None,
        auto_select=None,
        eula_accepted=None,
        reboot_behavior=None,
        can_request_user_input=None,
        requires_network=None,
        impact=None,
        max_download_bytes=None,
        min_download_bytes=None,
        last_deployment_change=None,
        superseded=None,
        bundled=None,
        support_url=None,
    )


def removal_tool(number: int = 14) -> PeerUpdate:
    """Of the class of update rollups; needs no reboot."""
    return PeerUpdate(
        id=update_id(number),
        title="Windows Malicious Software Removal Tool x64 - v5.129 (KB890830)",
        kb=["890830"],
        categories=classified(UPDATE_ROLLUPS, SERVER, "Windows Server 2019", "Windows Server 2016"),
        reboot_behavior=0,
        asks_for_reboot=False,
        max_download_bytes=78_643_200,
    )


def tool(number: int = 15) -> PeerUpdate:
    """Of the class of tools; downloaded already, and present without being installed."""
    return PeerUpdate(
        id=update_id(number),
        title="Update Health Tools, 4.94.0.0 (KB4023057)",
        kb=["4023057"],
        categories=classified(TOOLS, "Windows 10 and later"),
        is_downloaded=True,
        is_present=True,
        reboot_behavior=0,
        asks_for_reboot=False,
    )


def same_title(number: int = 16) -> tuple[PeerUpdate, PeerUpdate]:
    """Two updates with one title and no article."""
    return driver(number), driver(number + 1)


def superseded(newer: PeerUpdate, number: int = 18) -> PeerUpdate:
    """Last month's, in whose place ``newer`` is offered."""
    last = cumulative(number, "5042881", "2026-09", "20348.2700")
    last.superseded_by = newer.id
    newer.superseded = [*(newer.superseded or []), last.id]
    return last


def all_traps() -> Iterator[PeerUpdate]:
    """One update for each of them, as one machine would hold them."""
    newest = cumulative()
    yield from (newest, superseded(newest), servicing_stack(), framework(), definitions(), driver(), preview())
    yield from (licensed(), hidden(), interactive(), service_pack(), upgrade(), odd_article(), nameless())
    yield from (removal_tool(), tool(), *same_title())
