"""Transcripts of the sample machines: what each would answer at the end of the 90 days, when the demo assesses it."""

from collections.abc import Iterator
from pathlib import Path

from collectors.transports.transcripts import MARKER_PLACEHOLDER, Reply, write_transcript
from fleet.failures import Failure, FailureKind, Finding, FindingKind
from generator.apt_output import AptOutput
from generator.boxes import Box, LinuxBox
from generator.conditions import SELF_UPDATING, clock_skew_seconds, failure_at, notices_at
from generator.era import NOW, chance
from generator.scans import DISK_PATHS, REBOOT_MARKER, disks_of, fqdn_of, machine_id_of, uname_machine
from generator.simulation import History

# What the demo waits before a machine answers, so that progress can be seen.
_LONGEST_WAIT_SECONDS = 2.5
_MARKER = MARKER_PLACEHOLDER.decode()
_UNIT = "Id=apt-daily-upgrade.timer\nLoadState=loaded\nActiveState="
_WINDOWS = Failure(
    FailureKind.UNSUPPORTED_SYSTEM,
    "assessing a Windows machine",
    "this version of Patchdeck cannot reach Windows yet.",
    "Its history in the demo is invented; only Linux machines can be assessed again.",
)


def write_transcripts(history: History, folder: Path) -> None:
    """One file for each Linux machine into ``folder``, and one for all that run Windows."""
    folder.mkdir(parents=True, exist_ok=True)
    write_transcript(folder / "windows.json", [Reply(failure=_WINDOWS)])
    for box in history.boxes:
        if isinstance(box, LinuxBox):
            write_transcript(folder / f"{box.member.name}.json", [_reply(box)])


def _reply(box: LinuxBox) -> Reply:
    wait_seconds = round(chance("wait", box.member.name).uniform(0.2, _LONGEST_WAIT_SECONDS), 1)
    failure = failure_at(box.member, NOW)
    if failure is not None:
        return Reply(failure=failure, delay_seconds=wait_seconds)
    sections = list(_sections(box))
    parts = [
        f"\n{_MARKER} begin {name}\n{_text(lines)}\n{_MARKER} end {status}\n" for name, status, lines, _ in sections
    ]
    errors = [
        f"\n{_MARKER} begin {name}\n{said}\n{_MARKER} end {status}\n" for name, status, _, said in sections if said
    ]
    clock = int(NOW.timestamp() + clock_skew_seconds(box.member))
    return Reply(_answer(parts, clock), _answer(errors, clock), 0, delay_seconds=wait_seconds)


def _answer(parts: list[str], clock: int) -> bytes:
    return f"\n{_MARKER} begin-answer\n{''.join(parts)}\n{_MARKER} end-answer {clock}\n".encode()


def _text(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


_Section = tuple[str, int, list[str], str]


def _sections(box: LinuxBox) -> Iterator[_Section]:
    """Name, exit status, lines and standard error of each section of the answer."""
    findings = [notice.finding for notice in notices_at(box.member, NOW)]
    no_root = _has(findings, FindingKind.CANNOT_BECOME_ROOT)
    yield "become", int(no_root), [], "sudo: a password is required\n" if no_root else ""
    for name, lines in (*_system_sections(box), *_apt_sections(box, findings)):
        yield name, 0, lines, ""


def _has(findings: list[Finding], kind: FindingKind) -> bool:
    return any(finding.kind is kind for finding in findings)


def _system_sections(box: LinuxBox) -> Iterator[tuple[str, list[str]]]:
    member, system = box.member, box.member.system
    yield "system", _system(box)
    code = [f'PRETTY_NAME="{system.os_full_name}"', f'NAME="{system.os_name}"', f'VERSION_ID="{system.os_version}"']
    yield "os-release", [*code, f"ID={system.os_id}", *(["ID_LIKE=debian"] if system.os_id != "debian" else [])]
    yield "managers", ["apt-get", "dpkg-query"]
    yield "disks", _disks(box)
    yield "inodes", ["Filesystem Inodes IUsed IFree IUse% Mounted on", "/dev/sda1 1966080 141303 1824777 8% /"]
    yield "mounts", ["/ ext4 rw,relatime", "/var ext4 rw,relatime"]
    marker = [f"marker={REBOOT_MARKER}", f"packages={' '.join(box.reboot_reasons)}"] if box.reboot_reasons else []
    yield "reboot", [*marker, f"image={box.kernel}"]
    yield "addresses", [f"2: eth0    inet {member.address}/24 brd + scope global eth0"]
    yield "updaters", [f"{_UNIT}{'active' if member.name in SELF_UPDATING else 'inactive'}"]


def _system(box: LinuxBox) -> list[str]:
    member = box.member
    values = {
        "now": int(NOW.timestamp() + clock_skew_seconds(member)),
        "uid": 1000,
        "ostype": "Linux",
        "kernel": box.kernel,
        "build": "#1 SMP PREEMPT_DYNAMIC",
        "machine": uname_machine(member.system),
        "host_name": member.name,
        "fqdn": fqdn_of(member),
        "machine_id": machine_id_of(member),
        "boot_id": box.boot_id,
        "uptime": f"{(NOW - box.booted_at).total_seconds():.2f} 0.00",
        "container": "",
    }
    return [f"{name}={value}" for name, value in values.items()]


def _disks(box: Box) -> list[str]:
    rows = [
        f"/dev/sda1 {disk.total_bytes // 1024} 1 {disk.free_bytes // 1024} 50% "
        f"{'/var' if disk.path.startswith('/var') else '/'}"
        for disk in disks_of(box, NOW)
    ]
    return [" ".join(DISK_PATHS), "Filesystem 1024-blocks Used Available Capacity Mounted on", *rows]


def _apt_sections(box: LinuxBox, findings: list[Finding]) -> Iterator[tuple[str, list[str]]]:
    apt = AptOutput(box, NOW)
    lacks_security = _has(findings, FindingKind.SECURITY_REPOSITORY_MISSING)
    without = frozenset({box.member.system.security}) if lacks_security else frozenset()
    yield "apt-config", _config(box)
    yield "dpkg-query", apt.inventory()
    yield "dpkg-updates", []
    yield from apt.plans()
    yield "apt-policy", apt.policies()
    yield "apt-targets", apt.targets(without=without)
    partial = ["partial download.docker.example_linux_ubuntu_dists_noble_InRelease"]
    unfinished = partial if _has(findings, FindingKind.REPOSITORY_FAILING) else []
    yield "apt-lists", [] if _has(findings, FindingKind.LISTS_MISSING) else [*apt.lists(without=without), *unfinished]
    lock = "48213|fe:00|65024|/var/lib/dpkg/lock-frontend|unattended-upgr"
    yield "apt-locks", [lock] if _has(findings, FindingKind.PACKAGE_MANAGER_LOCKED) else []
    yield "apt-archives", []
    subscription = apt.subscription_policies()
    if subscription is not None:
        yield "apt-esm", subscription


def _config(box: LinuxBox) -> list[str]:
    by_itself = "1" if box.member.name in SELF_UPDATING else "0"
    return [
        f"architecture={box.member.system.architecture}",
        "lists=/var/lib/apt/lists/",
        "archives=/var/cache/apt/archives/",
        "admin=/var/lib/dpkg",
        "periodic_enable=1",
        f"periodic_upgrade={by_itself}",
        "periodic_update=1",
        *(["unattended_upgrade=present"] if by_itself == "1" else []),
    ]
