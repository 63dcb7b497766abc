"""What stops apt or dpkg on a machine: locks, interrupted runs, broken packages, space."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from collectors.disks import KERNEL_BYTES, disk_full, find_disk
from collectors.managers.apt_plan import Plan
from collectors.managers.dpkg import Inventory
from collectors.sections import Section
from fleet.errors import UnreadableOutput
from fleet.facts import DiskSpace
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of

# Programs that take these locks; a lock of another file system may have the same inode number.
_LOCKERS = re.compile(r"(?:apt|dpkg|aptitude|unattended-upgr|packagekitd|synaptic|python3|aptd|nala|debconf|frontend)")
_JOURNAL = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held. ``process_id`` is 0 and ``program`` empty where the holder cannot be seen."""

    path: str
    process_id: int
    program: str


def parse_locks(section: Section | None) -> tuple[Lock, ...]:
    """The locks of apt and dpkg that are held, each path once.

    Raises:
        UnreadableOutput: a line is not what the probe prints.
    """
    locks: dict[str, Lock] = {}
    for number, line in section.lines() if section else ():
        parts = line.split("|", maxsplit=4)
        if len(parts) != 5 or not re.fullmatch(r"-?\d{1,9}", parts[0]):
            raise UnreadableOutput(section.name if section else "", number, clean(line))
        process, lock_device, device, path, program = parts
        if _is_same_device(lock_device, device) or _LOCKERS.match(program):
            locks.setdefault(path, Lock(clean_name(path), max(0, int(process)), clean_name(program)))
    return tuple(locks.values())


def _is_same_device(lock_device: str, device: str) -> bool:
    """Whether ``fe:00`` of /proc/locks is the device number that stat(1) gives; overlays and btrfs differ."""
    major, _, minor = lock_device.partition(":")
    try:
        number = int(device)
        return (int(major, 16), int(minor, 16)) == ((number >> 8) & 0xFFF, (number & 0xFF) | ((number >> 12) & 0xFFF00))
    except ValueError:
        return False


def find_locks(locks: tuple[Lock, ...]) -> Iterator[Finding]:
    """One finding for each process that holds locks."""
    by_holder: dict[tuple[int, str], list[str]] = {}
    for lock in locks:
        by_holder.setdefault((lock.process_id, lock.program), []).append(lock.path)
    for (process_id, program), paths in by_holder.items():
        holder = f"process {process_id} ({program})" if process_id and program else "a process that cannot be seen"
        text = f"{', '.join(paths)}: locked by {holder}."
        remedy = "Wait until it has ended; never remove a lock file."
        yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, text, remedy)


def is_interrupted(journal: Section | None) -> bool:
    """Whether a run of dpkg was cut off, so that apt will do nothing until it is finished."""
    return journal is not None and any(_JOURNAL.fullmatch(line.strip()) for _, line in journal.lines())


def find_half_done(inventory: Inventory, journal: Section | None, is_locked: bool) -> Iterator[Finding]:
    """What dpkg left half done. While a run holds the locks, it is that run's doing and only a warning."""
    severity = Severity.WARNING if is_locked else Severity.ERROR
    half_done = [p for p in inventory.packages.values() if p.is_half_done]
    stopped = [p.name for p in half_done if not p.is_unconfigured]
    failed = [p.name for p in half_done if p.is_unconfigured]
    if is_interrupted(journal) or stopped:
        text = f"An installation was interrupted{f': {some_of(stopped)} not configured' if stopped else ''}."
        yield Finding(FindingKind.PACKAGE_MANAGER_INTERRUPTED, severity, text, "Run dpkg --configure -a on it.")
    if failed:
        text = f"The own scripts of {some_of(failed)} failed or never ran."
        remedy = "Run dpkg --configure -a on it and read what it says."
        yield Finding(FindingKind.PACKAGE_BROKEN, Severity.WARNING, text, remedy)


def find_space(plan: Plan, downloaded: Iterable[str], disks: tuple[DiskSpace, ...], archives: str) -> Iterator[Finding]:
    """Where the plan needs more space than there is: the downloads, the installed files, a kernel in /boot."""
    there = set(downloaded)
    download_bytes = sum(size for name, size in plan.files.items() if name not in there)
    disk, usr = find_disk(disks, archives.rstrip("/") or "/"), find_disk(disks, "/usr")
    installed_bytes = max(0, plan.disk_bytes)
    is_one = (
        disk is not None
        and usr is not None
        and (disk.free_bytes, disk.total_bytes) == (usr.free_bytes, usr.total_bytes)
    )
    needed_bytes = download_bytes + (installed_bytes if is_one else 0)
    if disk is not None and disk.free_bytes < needed_bytes:
        yield disk_full(disk, needed_bytes)
    if usr is not None and not is_one and usr.free_bytes < installed_bytes:
        yield disk_full(usr, installed_bytes)
    boot = find_disk(disks, "/boot")
    if boot is not None and boot.path == "/boot" and boot.free_bytes < KERNEL_BYTES and _brings_kernel(plan):
        yield disk_full(boot, KERNEL_BYTES, Severity.WARNING)


def find_odd_names(inventory: Inventory) -> Iterator[Finding]:
    """A finding for package names that had to be cleaned before they could be shown."""
    if names := inventory.odd_names:
        text = f"{len(names)} package names hold characters that no name may: {some_of(names)}."
        yield Finding(FindingKind.NAME_NOT_CLEAN, Severity.WARNING, text, "Look at dpkg's status file on the machine.")


def find_unread(*plans: Plan | None) -> Iterator[Finding]:
    """A finding for lines of apt that fit no known shape; its counts say that none of them is a package."""
    unread = list(dict.fromkeys(line for plan in plans if plan is not None for line in plan.unread))
    if unread:
        text = f"{len(unread)} lines of apt-get were not understood, the first: {unread[0][:200]}"
        yield Finding(
            FindingKind.LINES_NOT_READ, Severity.WARNING, text, "Updates are not among them: apt's counts agree."
        )


def _brings_kernel(plan: Plan) -> bool:
    return any(name.startswith("linux-image-") for name in plan.new)
