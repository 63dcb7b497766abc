"""What a Linux machine says of itself, from the sections that every probe asks for."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_interface
from itertools import islice
from uuid import UUID

from collectors.disks import find_disk_troubles, read_disks
from collectors.managers.manager import ManagerAnswer
from collectors.os_release import OsRelease, parse_os_release
from collectors.reboot import RebootState, RunningKernel, combine, read_reboot
from collectors.sections import Section, Sections
from collectors.services import find_outdated, read_services
from collectors.support import find_support_end
from collectors.updaters import find_updaters, read_updaters
from fleet.answers import Answer
from fleet.end_of_life import EndOfLife, find_end_of_life
from fleet.facts import DiskSpace, MachineFacts, UpdateModel
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean_name
from fleet.machines import OSType

# Beyond this, times in logs mislead and repositories may look not yet valid or expired.
SKEW_LIMIT_SECONDS = 60.0
_UPTIME = re.compile(r"[0-9]{1,12}(\.[0-9]{1,6})?")
_UUID = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
# A host of containers has an address for each of its networks.
_MOST_ADDRESSES = 64
# What says more is no list of addresses, and trying each word would take minutes.
_MOST_WORDS = 4_096
# What firmware makers leave in when they set none.
_NOT_UNIQUE = frozenset({UUID(int=0), UUID(int=2**128 - 1), UUID("03000200-0400-0500-0006-000700080009")})


@dataclass(frozen=True, slots=True)
class Span:
    """When the run was started and had ended, by our clock."""

    started_at: datetime
    ended_at: datetime


def read_facts(sections: Sections, span: Span) -> MachineFacts:
    """The facts of a machine; those that its package manager knows are left unknown.

    Raises:
        UnreadableOutput: a section is not what the probe prints.
    """
    system = sections.get("system").values()
    release = parse_os_release(sections.find("os-release"))
    reboot = read_reboot_state(sections, {})
    end = _end_of_life(release)
    return MachineFacts(
        host_name=_name(system, "host_name"),
        fqdn=_name(system, "fqdn"),
        os_type=OSType.LINUX if system.get("ostype") == "Linux" else None,
        os_id=release.os_id,
        os_name=release.name,
        os_version=release.version,
        os_full_name=release.full_name,
        kernel=_name(system, "kernel"),
        architecture=_name(system, "machine"),
        machine_id=_name(system, "machine_id"),
        boot_id=_name(system, "boot_id"),
        booted_at=_booted_at(system, span),
        clock_skew_seconds=_skew_seconds(system, sections.ended_at_seconds, span),
        reboot_required=reboot.required,
        reboot_reason=reboot.reason,
        other_updaters=read_updaters(sections),
        disks=read_disks(sections),
        ip_addresses=tuple(islice(_addresses(sections.find("addresses")), _MOST_ADDRESSES)),
        uptime_seconds=_uptime_seconds(system),
        system_uuid=_system_uuid(system),
        end_of_life=end.ends,
        end_of_life_source=end.source,
        services_to_restart=read_services(sections.find("services"), None),
    )


def add_answer(facts: MachineFacts, sections: Sections, answer: ManagerAnswer) -> MachineFacts:
    """``facts`` with what the package manager knows beside updates, in part together with what was seen without it.

    Raises:
        UnreadableOutput: a section is not what the probe prints.
    """
    reboot = read_reboot_state(sections, answer.installed)
    if not sections.get("system").values().get("container"):
        # Tools compare the times of packages and of the boot, which in a container is that of its host.
        reboot = combine(reboot, answer.reboot)
    return replace(
        facts,
        metadata_at=answer.metadata_at,
        reboot_required=reboot.required,
        reboot_reason=reboot.reason,
        services_to_restart=read_services(sections.find("services"), answer.services_to_restart),
        repositories=answer.repositories,
        update_model=answer.update_model or UpdateModel.PACKAGES,
    )


def read_families(sections: Sections) -> tuple[str, ...]:
    """The system's ID and those that it is like, lower case; empty where it does not say."""
    release: OsRelease = parse_os_release(sections.find("os-release"))
    return release.families


def read_reboot_state(sections: Sections, installed: Mapping[tuple[str, str], str]) -> RebootState:
    """Whether a reboot is required; unknown where the question was not answered."""
    section = sections.find("reboot")
    if section is None:
        return RebootState(Answer.UNKNOWN, "The machine was not asked.")
    system = sections.get("system").values()
    running = RunningKernel(*(system.get(name, "")[:256] for name in ("kernel", "build", "container")))
    return read_reboot(section, running, installed, read_families(sections))


def find_troubles(sections: Sections, facts: MachineFacts, span: Span) -> Iterator[Finding]:
    """What was noticed beside the package manager: disks, clock, a pending reboot, the system's end, other updaters."""
    is_image = facts.update_model not in (None, UpdateModel.PACKAGES)
    yield from find_disk_troubles(_written_disks(facts.disks) if is_image else facts.disks, sections.find("inodes"))
    skew_seconds = facts.clock_skew_seconds
    if skew_seconds is not None and abs(skew_seconds) > SKEW_LIMIT_SECONDS:
        text = f"The clock is {abs(skew_seconds):,.0f} s {'ahead' if skew_seconds > 0 else 'behind'}."
        yield Finding(FindingKind.CLOCK_SKEW, Severity.WARNING, text, "Set the time, and see that an NTP service runs.")
    if facts.reboot_required is Answer.YES:
        remedy = "Reboot it, or let a deployment do so."
        yield Finding(FindingKind.REBOOT_PENDING, Severity.WARNING, facts.reboot_reason, remedy)
    yield from find_outdated(facts.services_to_restart)
    release = parse_os_release(sections.find("os-release"))
    system = facts.os_full_name or facts.os_name or "this system"
    yield from find_support_end(system, _end_of_life(release), span.ended_at.date())
    yield from find_updaters(sections, facts.other_updaters)


def _written_disks(disks: tuple[DiskSpace, ...]) -> tuple[DiskSpace, ...]:
    """What an immutable system writes to: its root and /usr are read-only, and full where they are images."""
    return tuple(replace(disk, is_read_only=False) for disk in disks if disk.path not in ("/", "/usr"))


def _end_of_life(release: OsRelease) -> EndOfLife:
    return find_end_of_life(release.os_id, release.version, name=release.name, support_end=release.support_end)


def _name(values: Mapping[str, str], key: str) -> str | None:
    return clean_name(values.get(key, "")) or None


def _uptime_seconds(system: Mapping[str, str]) -> float | None:
    uptime = system.get("uptime", "").split()
    return float(uptime[0]) if uptime and _UPTIME.fullmatch(uptime[0]) else None


def _booted_at(system: Mapping[str, str], span: Span) -> datetime | None:
    seconds = _uptime_seconds(system)
    try:
        booted_at = span.started_at - timedelta(seconds=seconds) if seconds is not None else None
    except OverflowError:
        return None
    return booted_at.astimezone(UTC).replace(microsecond=0) if booted_at else None


def _system_uuid(system: Mapping[str, str]) -> str | None:
    """The firmware's UUID; that of a container is its host's, and says nothing of it."""
    return None if system.get("container") else read_system_uuid(system.get("system_uuid", ""))


def read_system_uuid(text: str) -> str | None:
    """The firmware's UUID in lower case; None where it is none, or what makers leave in."""
    if not _UUID.fullmatch(text):
        return None
    uuid = UUID(text)
    return None if uuid in _NOT_UNIQUE else str(uuid)


def _skew_seconds(system: Mapping[str, str], ended_at_seconds: int | None, span: Span) -> float | None:
    """The machine's clock minus ours: the number nearest to 0 that both of its readings allow.

    The first reading was taken after ``started_at``, the last one before ``ended_at``, each cut to a whole second.
    """
    began = system.get("now", "")
    if not began.isdecimal() or len(began) > 12 or ended_at_seconds is None:
        return None
    highest = int(began) + 1 - span.started_at.timestamp()
    lowest = ended_at_seconds - span.ended_at.timestamp()
    if lowest > highest:
        # The clock was set while we looked.
        lowest, highest = highest, lowest
    return round(max(lowest, 0.0) if highest > 0 else highest, 3)


def _addresses(section: Section | None) -> Iterator[str]:
    """Addresses in the output of `ip -o addr` or `hostname -I`: words that are addresses, each once."""
    seen: set[str] = set()
    for word in islice(_address_words(section), _MOST_WORDS):
        address = _address(word)
        if address and address not in seen:
            seen.add(address)
            yield address


def _address_words(section: Section | None) -> Iterator[str]:
    for _, line in section.lines() if section else ():
        words = line.split()
        yield from words[3:4] if len(words) > 3 and words[2] in ("inet", "inet6") else words


def _address(word: str) -> str | None:
    try:
        return str(ip_interface(word).ip)
    except ValueError:
        return None
