"""What an administrator should read before the night: what a transaction does, and what may stop it."""

import re
from collections.abc import Iterator, Sequence
from datetime import date

from fleet.answers import Answer, Coverage
from fleet.assessments import Assessment
from fleet.deployments.plan import ChangeKind, PackageChange, Selection, Simulation
from fleet.deployments.transactions import find_change, find_new, find_removed
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Severity
from fleet.name_lists import some_of
from fleet.updates import RebootBehavior, Update

SKEW_LIMIT_SECONDS = 60.0
# initrd and vmlinuz of a kernel are 40 to 150 MB together (see collectors.disks).
_KERNEL_BYTES = 150 * 1000 * 1000
# Managers round, write their databases anew, and unpack beside what is there.
_MARGIN = 1.1
_MARGIN_BYTES = 100 * 1000 * 1000
_MB = 1000 * 1000

_KERNEL = re.compile(
    r"linux-image-.+|(?:pve|proxmox)-kernel-.+|raspberrypi-kernel|"
    r"linux(?:-(?:lts|zen|hardened|rt|virt|edge|stable|rpi[0-9]*|aarch64|armv7))?|"
    r"kernel(?:[0-9.]+)?(?:-(?:core|uek|lt|ml|rt|debug|default|base|azure|kvmsmall|vanilla|longterm|64k|plus))*"
)
_NOT_KERNELS = re.compile(r".*-(?:dbg|dbgsym|headers)")
# What dnf's needs-restarting asks a reboot for beside the kernel (NEED_REBOOT in its source), by Debian's names too.
_CORE = frozenset(
    {"glibc", "libc6", "linux-firmware", "systemd", "udev", "dbus", "dbus-broker", "dbus-daemon", "microcode_ctl"}
    | {"intel-microcode", "amd64-microcode", "intel-ucode", "amd-ucode", "musl"}
)


def find_warnings(
    assessment: Assessment, selection: Selection, simulation: Simulation, *, today: date
) -> tuple[str, ...]:
    """A line for each, the same for the same answers: transaction, space, system, then what the assessment found."""
    return (
        *_about_transaction(selection, simulation),
        *_about_updates(selection, simulation),
        *_about_space(assessment.facts, simulation),
        *_about_system(assessment, today),
        *(finding.describe() for finding in assessment.findings if finding.severity is Severity.ERROR),
    )


def expect_reboot(facts: MachineFacts, simulation: Simulation, updates: Sequence[Update] = ()) -> Answer:
    """Whether a reboot will be required: it is now, or a kernel comes; unknown with a new C library and its like. Of
    Windows ``updates`` say so themselves: those that may ask for one are unknown.
    """
    behaviours = [update.windows.reboot_behavior for update in updates if update.windows is not None]
    if behaviours:
        return _expect_of_windows(facts, behaviours)
    changed = [change.name for change in simulation.changes if change.kind is not ChangeKind.REMOVE]
    if facts.reboot_required is Answer.YES or any(is_kernel(name) for name in changed):
        return Answer.YES
    if facts.reboot_required is Answer.UNKNOWN or _CORE.intersection(changed):
        return Answer.UNKNOWN
    return Answer.NO


def _expect_of_windows(facts: MachineFacts, behaviours: Sequence[RebootBehavior | None]) -> Answer:
    if facts.reboot_required is Answer.YES or RebootBehavior.ALWAYS in behaviours:
        return Answer.YES
    is_never = all(behaviour is RebootBehavior.NEVER for behaviour in behaviours)
    return Answer.NO if is_never and facts.reboot_required is Answer.NO else Answer.UNKNOWN


def is_kernel(package: str) -> bool:
    """Whether the package is one that a kernel lies in, by the names that distributions give them."""
    return bool(_KERNEL.fullmatch(package)) and not _NOT_KERNELS.fullmatch(package)


def _about_transaction(selection: Selection, simulation: Simulation) -> Iterator[str]:
    if removed := find_removed(simulation):
        yield f"Removes {_counted(removed)}."
    if new := find_new(simulation, selection.chosen):
        yield f"Newly installs {_counted(new)}."
    downgrades = [change for change in simulation.changes if change.kind is ChangeKind.DOWNGRADE]
    if downgrades:
        words = [f"{change.name} {change.from_version} → {change.to_version}" for change in downgrades]
        yield f"Downgrades {_counted(words)}."
    if kernels := [change.name for change in simulation.changes if _brings_kernel(change)]:
        yield f"Brings a kernel: {some_of(kernels)}."


def _about_updates(selection: Selection, simulation: Simulation) -> Iterator[str]:
    for entry in selection.left_out:
        if find_change(simulation, entry.update):
            yield f"{entry.update.name} comes along as a dependency, though left out: {entry.detail or entry.reason}."
    for update in selection.chosen:
        change = find_change(simulation, update)
        if change and change.to_version and _bare(change.to_version) != _bare(update.offered_version):
            yield f"{update.name} would come as {change.to_version}, not {update.offered_version}."


def _about_space(facts: MachineFacts, simulation: Simulation) -> Iterator[str]:
    archives = _find_disk(facts.disks, "/var/cache/apt/archives", "/var", "/")
    system = _find_disk(facts.disks, "/usr", "/")
    downloads, growth = max(0, simulation.download_bytes or 0), max(0, simulation.disk_bytes or 0)
    if archives and system and _is_same(archives, system):
        yield from _is_short(system, downloads + growth, "to download and to install")
    else:
        yield from _is_short(archives, downloads, "to download")
        yield from _is_short(system, growth, "to install")
    boot = _find_disk(facts.disks, "/boot")
    if boot and boot.free_bytes < _KERNEL_BYTES and any(_brings_kernel(change) for change in simulation.changes):
        yield f"{boot.describe()}; a kernel needs up to {_KERNEL_BYTES // _MB} MB."
    if read_only := [disk.path for disk in facts.disks if disk.is_read_only and disk.path != "/boot"]:
        yield f"{', '.join(read_only)} mounted read-only."


def _about_system(assessment: Assessment, today: date) -> Iterator[str]:
    facts = assessment.facts
    if assessment.coverage is Coverage.SECURITY_UNKNOWN:
        yield "Which security updates it misses is not known; only others are planned."
    if facts.reboot_required is Answer.YES:
        yield f"A reboot is pending already: {facts.reboot_reason or 'no reason given'}."
    if facts.other_updaters:
        names = some_of([updater.name for updater in facts.other_updaters])
        yield f"Another updater is active: {names}; it may hold the lock or install at the same time."
    if facts.clock_skew_seconds is not None and abs(facts.clock_skew_seconds) > SKEW_LIMIT_SECONDS:
        side = "ahead" if facts.clock_skew_seconds > 0 else "behind"
        yield f"Its clock is {abs(facts.clock_skew_seconds):.0f} s {side}."
    if facts.end_of_life is not None and facts.end_of_life < today:
        yield f"Its system has had no security updates for everybody since {facts.end_of_life.isoformat()}."


def _is_short(disk: DiskSpace | None, needed_bytes: int, what: str) -> Iterator[str]:
    if disk is not None and needed_bytes and disk.free_bytes < needed_bytes * _MARGIN + _MARGIN_BYTES:
        yield f"{disk.describe()}; {needed_bytes / _MB:.0f} MB {what}, and some room beside."


def _find_disk(disks: tuple[DiskSpace, ...], *paths: str) -> DiskSpace | None:
    """The first of ``paths`` whose space is known."""
    by_path = {disk.path: disk for disk in disks}
    return next((by_path[path] for path in paths if path in by_path), None)


def _is_same(one: DiskSpace, other: DiskSpace) -> bool:
    """Whether two paths lie, to all appearances, on one file system."""
    return (one.free_bytes, one.total_bytes) == (other.free_bytes, other.total_bytes)


def _brings_kernel(change: PackageChange) -> bool:
    return change.kind is not ChangeKind.REMOVE and is_kernel(change.name)


def _counted(names: Sequence[str]) -> str:
    return f"{len(names)} package{'' if len(names) == 1 else 's'}: {some_of(names)}"


def _bare(version: str) -> str:
    return version.removeprefix("0:")
