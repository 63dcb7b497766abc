"""Space on the file systems that patching writes to, and what of it stops patching."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from collectors.sections import Section, Sections
from fleet.facts import DiskSpace
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean_name

# dpkg rewrites its status file (some MB) at every step; with less than this it stops half-way.
LEAST_FREE_BYTES = 20 * 1024 * 1024
# initrd and vmlinuz of a Debian kernel are 40 to 90 MB together; Ubuntu's initrd alone reaches 100 MB.
KERNEL_BYTES = 150 * 1000 * 1000
_WRITTEN = ("/", "/var", "/var/lib/dpkg", "/var/cache/apt/archives", "/usr")
_NUMBER = re.compile(r"-?[0-9]{1,18}")


def read_disks(sections: Sections) -> tuple[DiskSpace, ...]:
    """Space at each path that the probe asked for, in its order; empty where `df` did not answer for all of them."""
    section = sections.find("disks")
    lines = [line for _, line in section.lines()] if section else []
    paths = lines[0].split() if lines else []
    rows = [_read_row(line) for line in lines[2:]]
    # df leaves out what it cannot read, without saying which row is which path.
    if len(rows) != len(paths) or None in rows:
        return ()
    read_only = read_only_mounts(sections.find("mounts"))
    return tuple(
        DiskSpace(clean_name(path), row.free_bytes, row.total_bytes, is_read_only=row.mount_point in read_only)
        for path, row in zip(paths, rows, strict=True)
        if row is not None
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
    """What is full or read-only among the file systems that patching writes to, or that it could not be seen."""
    if not disks:
        text = "Free space is not known: df did not answer for every path."
        yield Finding(FindingKind.LINES_NOT_READ, Severity.WARNING, text, "Run df -P on the machine.")
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


@dataclass(frozen=True, slots=True)
class _Row:
    """One row of `df -P`: of blocks of 1,024 bytes, or of inodes, where those numbers mean inodes by the 1,024."""

    total_bytes: int
    free_bytes: int
    mount_point: str


def _read_row(line: str) -> _Row | None:
    words = line.rsplit(maxsplit=5)
    if len(words) != 6 or not _NUMBER.fullmatch(words[1]) or not _NUMBER.fullmatch(words[3]):
        return None
    return _Row(int(words[1]) * 1024, max(0, int(words[3])) * 1024, words[5])


def _has_no_inodes(section: Section) -> bool:
    rows = [_read_row(line) for _, line in section.lines()]
    # File systems without inodes (btrfs, vfat) say 0 of 0.
    return any(row is not None and row.total_bytes > 0 and row.free_bytes == 0 for row in rows)
