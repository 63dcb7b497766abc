"""Space on the file systems that patching writes to, and what of it stops patching."""

import re
from collections.abc import Iterator

from collectors.sections import Section, Sections
from fleet.errors import UnreadableOutput
from fleet.facts import DiskSpace
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name

# dpkg rewrites its status file (some MB) at every step; with less than this it stops half-way.
LEAST_FREE_BYTES = 20 * 1024 * 1024
# initrd and vmlinuz of a Debian kernel are 40 to 90 MB together; Ubuntu's initrd alone reaches 100 MB.
KERNEL_BYTES = 150 * 1000 * 1000
_WRITTEN = ("/", "/var", "/var/lib/dpkg", "/var/cache/apt/archives", "/usr")
_ROW = re.compile(r".* +(?P<total>\d+) +-?\d+ +(?P<free>-?\d+) +(?:\d+%|-) +(?P<mount>/.*)")


def read_disks(sections: Sections) -> tuple[DiskSpace, ...]:
    """Space at each path that the probe asked for, in its order; empty where `df` gave nothing.

    Raises:
        UnreadableOutput: `df` printed something else than its POSIX table.
    """
    section = sections.find("disks")
    lines = list(section.lines()) if section else []
    if section is None or len(lines) < 2:
        return ()
    paths = lines[0][1].split()
    rows = [_read_row(section, number, line) for number, line in lines[2:]]
    if len(rows) != len(paths):
        # df leaves out what it cannot read, without saying which row is which path.
        return ()
    read_only = read_only_mounts(sections.find("mounts"))
    return tuple(
        DiskSpace(path, free, total, is_read_only=mount in read_only)
        for path, (total, free, mount) in zip(paths, rows, strict=True)
    )


def read_only_mounts(section: Section | None) -> frozenset[str]:
    """Mount points that are mounted read-only; the last mount on a point is the one that counts."""
    options: dict[str, list[str]] = {}
    for _, line in section.lines() if section else ():
        words = line.split()
        if len(words) == 3:
            options[words[0]] = words[2].split(",")
    return frozenset(point for point, names in options.items() if "ro" in names)


def find_disk_troubles(disks: tuple[DiskSpace, ...], inodes: Section | None) -> Iterator[Finding]:
    """What is full or read-only among the file systems that patching writes to."""
    for disk in disks:
        if disk.path in _WRITTEN and disk.is_read_only:
            text = f"{disk.path} is mounted read-only."
            remedy = "Find out why (often an error of the disk), and mount it writable."
            yield Finding(FindingKind.READ_ONLY_FILESYSTEM, Severity.ERROR, text, remedy)
        if disk.path in _WRITTEN and disk.free_bytes < LEAST_FREE_BYTES:
            yield disk_full(disk, LEAST_FREE_BYTES)
    if inodes is not None and _has_no_inodes(inodes):
        text = "The root file system has no free inodes: no file can be made, whatever space is free."
        yield Finding(FindingKind.DISK_FULL, Severity.ERROR, text, "Remove files, such as old sessions or caches.")


def disk_full(disk: DiskSpace, needed_bytes: int, severity: Severity = Severity.ERROR) -> Finding:
    """The finding that ``disk`` has less free than ``needed_bytes``."""
    text = f"{clean_name(disk.path)} has {disk.free_bytes:,} bytes free, {needed_bytes:,} are needed."
    return Finding(FindingKind.DISK_FULL, severity, text, "Free space there, for example with apt-get clean.")


def find_disk(disks: tuple[DiskSpace, ...], path: str) -> DiskSpace | None:
    """The space at ``path`` or at the nearest folder above it that was asked for, or None."""
    candidates = [disk for disk in disks if path == disk.path or path.startswith(disk.path.rstrip("/") + "/")]
    return max(candidates, key=lambda disk: len(disk.path), default=None)


def _read_row(section: Section, number: int, line: str) -> tuple[int, int, str]:
    row = _ROW.fullmatch(line)
    if row is None:
        raise UnreadableOutput(section.name, number, clean(line))
    total, free = (_bytes(row, name) for name in ("total", "free"))
    return total, free, row["mount"]


def _bytes(row: re.Match[str], name: str) -> int:
    return max(0, int(row[name][:18])) * 1024


def _has_no_inodes(section: Section) -> bool:
    rows = [_ROW.fullmatch(line) for _, line in section.lines()]
    # File systems without inodes (btrfs, vfat) say 0 of 0.
    return any(row is not None and int(row["total"][:18]) > 0 and int(row["free"][:18]) <= 0 for row in rows)
