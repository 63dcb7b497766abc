"""What a Linux machine of the sample fleet answers to the probe of `collectors`, and its transcript."""

from collections.abc import Iterator
from datetime import datetime

from collectors.transports.transcripts import MARKER_PLACEHOLDER, Reply
from fleet.failures import FindingKind
from generator.apk_output import apk_sections
from generator.apt_sections import apt_sections
from generator.boxes import LinuxBox
from generator.conditions import clock_skew_seconds, failure_at, notices_at
from generator.dnf5_output import dnf5_sections
from generator.dnf_output import dnf_sections
from generator.era import chance
from generator.ostree_output import ostree_sections
from generator.pacman_output import pacman_sections
from generator.roster import AS_ROOT
from generator.section_text import Section
from generator.system_output import system_sections
from generator.zypper_output import zypper_sections

MARKER = MARKER_PLACEHOLDER.decode()
# What the demo waits before a machine answers, so that progress can be seen.
_LONGEST_WAIT_SECONDS = 2.5
_SECTIONS = {
    "apt": apt_sections,
    "dnf": dnf_sections,
    "dnf5": dnf5_sections,
    "zypper": zypper_sections,
    "pacman": pacman_sections,
    "apk": apk_sections,
    "ostree": ostree_sections,
}


def reply_of(box: LinuxBox, at: datetime) -> Reply:
    """What a transcript has of the machine as it is at ``at``."""
    wait_seconds = round(chance("wait", box.member.name).uniform(0.2, _LONGEST_WAIT_SECONDS), 1)
    failure = failure_at(box.member, at)
    if failure is not None:
        return Reply(failure=failure, delay_seconds=wait_seconds)
    stdout, stderr = answer_of(box, at, at)
    return Reply(stdout, stderr, 0, delay_seconds=wait_seconds)


def answer_of(box: LinuxBox, at: datetime, ended_at: datetime) -> tuple[bytes, bytes]:
    """Standard output and standard error of the probe that began at ``at``."""
    sections = list(_sections(box, at))
    parts = [f"\n{MARKER} begin {s.name}\n{s.text}\n{MARKER} end {s.status}\n" for s in sections]
    errors = [f"\n{MARKER} begin {s.name}\n{s.said}\n{MARKER} end {s.status}\n" for s in sections if s.said]
    clock = int(ended_at.timestamp() + clock_skew_seconds(box.member))
    return _frame(parts, clock), _frame(errors, clock)


def _frame(parts: list[str], clock: int) -> bytes:
    return f"\n{MARKER} begin-answer\n{''.join(parts)}\n{MARKER} end-answer {clock}\n".encode()


def _sections(box: LinuxBox, at: datetime) -> Iterator[Section]:
    yield from system_sections(box, at)
    manager = box.member.system.manager
    if box.member.name not in AS_ROOT:
        if manager != "pacman":
            yield _become(box, at)
        if manager != "ostree":
            yield _patching(box, at)
    yield from _SECTIONS[manager](box, at)


def _become(box: LinuxBox, at: datetime) -> Section:
    """The probe's question whether sudo would run the refresh; dnf, dnf5 and yum share one."""
    name = f"become-{_probe_of(box)}"
    if not _has_sudo(box, at):
        return Section(name, ["way=none", "is_limited=no"], 1, "sudo: a password is required\n")
    return Section(name, ["way=sudo", "is_limited=yes"])


def _patching(box: LinuxBox, at: datetime) -> Section:
    """The probe's question how a job would have root."""
    lines = ["way=sudo", "reboot=yes"] if _has_sudo(box, at) else ["way=none", "reboot=no"]
    return Section(f"patching-{_probe_of(box)}", lines)


def _probe_of(box: LinuxBox) -> str:
    manager = box.member.system.manager
    return "dnf" if manager == "dnf5" else manager


def _has_sudo(box: LinuxBox, at: datetime) -> bool:
    return all(notice.kind is not FindingKind.CANNOT_BECOME_ROOT for notice in notices_at(box.member, at))
