"""What a Windows machine says of itself, as facts."""

from datetime import datetime
from ipaddress import ip_address

from collectors.linux_facts import Span, read_system_uuid
from collectors.windows.assess_answer import ComputerAnswer, FoundAnswer, MachineAnswer
from collectors.windows.update_policy import SCHEDULED, UNHEALTHY, describe_setting, server_address
from collectors.windows.updates import find_source, is_wsus_used
from fleet.answers import Answer
from fleet.facts import DiskSpace, MachineFacts, OtherUpdater, PatchWay, RootWay, SearchWay, UpdateModel, WindowsFacts
from fleet.hostile import clean_name
from fleet.machines import OSType
from fleet.windows_support import find_windows_end

PACKAGE_MANAGER = "windows-update"
_ARCHITECTURES = {"amd64": "x86_64", "arm64": "aarch64", "x86": "i686"}
# What the number that .NET 4 keeps stands for: the lowest of each version.
_NET_VERSIONS = (
    (533320, "4.8.1"),
    (528040, "4.8"),
    (461808, "4.7.2"),
    (461308, "4.7.1"),
    (460798, "4.7"),
    (394802, "4.6.2"),
    (394254, "4.6.1"),
    (393295, "4.6"),
    (379893, "4.5.2"),
    (378675, "4.5.1"),
    (378389, "4.5"),
)
_REASONS = {
    "windows_update": "Windows Update asks for it",
    "cbs": "components were serviced",
    "cbs_packages": "packages of components are pending",
    "rename": "the computer was renamed",
    "wua": "the agent asks for it",
    "file_rename": "files are replaced at the next start",
}
# Half of all programs leave something to be replaced: alone, it is no reason to reboot.
_NOISY = frozenset({"file_rename"})
_MOST_ADDRESSES = 64


def read_facts(answer: MachineAnswer, found: FoundAnswer | None, span: Span) -> MachineFacts:
    """The facts of the machine that gave ``answer``; ``found`` is what was found by whoever searched."""
    computer = answer.computer
    end = find_windows_end(computer.build, computer.edition, computer.product_type)
    required, reason = read_reboot(answer, found)
    booted_at = computer.last_boot_utc
    uptime = (answer.collected_utc - booted_at).total_seconds() if answer.collected_utc and booted_at else None
    return MachineFacts(
        host_name=clean_name(computer.name) or None,
        fqdn=clean_name(computer.fqdn) or None,
        os_type=OSType.WINDOWS,
        os_id="windows",
        os_name=clean_name(computer.caption) or None,
        os_version=clean_name(computer.version) or None,
        os_full_name=clean_name(f"{computer.caption} {computer.display_version}") or None,
        kernel=_kernel(computer),
        architecture=_ARCHITECTURES.get(computer.architecture.casefold(), clean_name(computer.architecture)) or None,
        machine_id=clean_name(computer.machine_guid).lower() or None,
        boot_id=booted_at.strftime("%Y-%m-%dT%H:%M:%SZ") if booted_at else None,
        booted_at=booted_at.replace(microsecond=0) if booted_at else None,
        clock_skew_seconds=_skew_seconds(answer.collected_utc, span),
        package_manager=PACKAGE_MANAGER,
        metadata_at=_metadata_at(answer, found),
        reboot_required=required,
        reboot_reason=reason,
        other_updaters=_other_updaters(answer),
        disks=_disks(computer),
        ip_addresses=_addresses(computer),
        uptime_seconds=uptime if uptime is not None and uptime >= 0 else None,
        system_uuid=read_system_uuid(computer.system_uuid),
        update_model=UpdateModel.PACKAGES,
        end_of_life=end.ends,
        end_of_life_source=end.source,
        root_way=_root_way(answer),
        patch_way=None if answer.is_admin is None else PatchWay.ROOT if answer.is_admin else PatchWay.NONE,
        is_reboot_allowed=answer.is_admin,
        windows=_describe(answer, found),
    )


def read_reboot(answer: MachineAnswer, found: FoundAnswer | None) -> tuple[Answer, str]:
    """Whether a reboot is required, and why; files to be replaced are told, and are no reason alone."""
    reasons = [reason for reason in answer.reboot.reasons if reason in _REASONS]
    if found is not None and found.wua_asked and found.reboot_required and "wua" not in reasons:
        reasons.append("wua")
    words = "; ".join(_REASONS[reason] for reason in reasons)
    sentence = f"{words[:1].upper()}{words[1:]}." if words else ""
    if answer.reboot.required or any(reason not in _NOISY for reason in reasons):
        return Answer.YES, sentence
    if answer.reboot.required is None:
        return Answer.UNKNOWN, "The registry could not be read."
    return Answer.NO, sentence


def has_renames_only(answer: MachineAnswer, found: FoundAnswer | None) -> bool:
    """Whether files wait to be replaced, and nothing else asks for a reboot."""
    return read_reboot(answer, found)[0] is Answer.NO and "file_rename" in answer.reboot.reasons


def net_version(release: int | None) -> str:
    """The version of .NET Framework by the number that it keeps; empty where there is none."""
    if release is None:
        return ""
    return next((version for lowest, version in _NET_VERSIONS if release >= lowest), "")


def _describe(answer: MachineAnswer, found: FoundAnswer | None) -> WindowsFacts:
    computer, source = answer.computer, answer.source
    # Without an answer of the agent, what it is set to is not what it does.
    setting = describe_setting(source, computer) if found is not None and found.is_answered else UNHEALTHY
    return WindowsFacts(
        build=clean_name(computer.build).strip("."),
        edition=clean_name(computer.edition),
        installation_type=clean_name(computer.installation_type),
        domain=clean_name(computer.domain) if computer.is_in_domain else "",
        agent_version=clean_name(answer.agent.wuapi_version),
        search_way=_search_way(answer, found),
        update_setting=setting,
        update_source=clean_name(find_source(found, source)),
        wsus_server=server_address(source.wu_server) if is_wsus_used(source) else "",
        wsus_group=clean_name(source.target_group) if is_wsus_used(source) else "",
        net_version=net_version(computer.net_release),
        powershell=clean_name(computer.powershell),
        searched_at=answer.agent.last_search_utc,
        installed_at=answer.agent.last_install_utc or _last_installed(found),
    )


def _search_way(answer: MachineAnswer, found: FoundAnswer | None) -> SearchWay | None:
    """How the search went that gave something: remembered for the next one."""
    if found is None or not found.is_answered:
        return None
    return SearchWay.TASK if answer.method == SearchWay.TASK.value else SearchWay.DIRECT


def _last_installed(found: FoundAnswer | None) -> datetime | None:
    times = [
        entry.date_utc
        for entry in (found.history if found is not None else ())
        if entry.date_utc is not None and entry.operation == 1 and entry.result_code in (2, 3)
    ]
    return max(times, default=None)


def _metadata_at(answer: MachineAnswer, found: FoundAnswer | None) -> datetime | None:
    """When what the answer rests on was fetched: now, where the server was asked."""
    if found is not None and found.search.online and found.is_answered:
        return answer.collected_utc
    return answer.agent.last_search_utc


def _kernel(computer: ComputerAnswer) -> str | None:
    major = ".".join(computer.version.split(".")[:2])
    return clean_name(f"{major}.{computer.build}").strip(".") or None


def _skew_seconds(collected_at: datetime | None, span: Span) -> float | None:
    """The machine's clock minus ours: the number nearest to 0 that its one reading, in whole seconds, allows."""
    if collected_at is None:
        return None
    highest = (collected_at - span.started_at).total_seconds() + 1
    lowest = (collected_at - span.ended_at).total_seconds()
    return round(max(lowest, 0.0) if highest > 0 else highest, 3)


def _other_updaters(answer: MachineAnswer) -> tuple[OtherUpdater, ...] | None:
    setting = describe_setting(answer.source, answer.computer)
    if not setting:
        return None
    return (OtherUpdater("automatic-updates", answer.agent.last_install_utc),) if setting == SCHEDULED else ()


def _disks(computer: ComputerAnswer) -> tuple[DiskSpace, ...]:
    free, total = computer.free_bytes, computer.total_bytes
    if free is None or total is None or free < 0 or total <= 0:
        return ()
    return (DiskSpace(clean_name(computer.system_drive) or "C:", free, total),)


def _addresses(computer: ComputerAnswer) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for text in computer.addresses[:_MOST_ADDRESSES]:
        try:
            found[str(ip_address(text.partition("%")[0]))] = None
        except ValueError:
            continue
    return tuple(found)


def _root_way(answer: MachineAnswer) -> RootWay | None:
    if answer.is_admin is None:
        return None
    return RootWay.ROOT if answer.is_admin else RootWay.NONE
