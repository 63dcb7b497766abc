"""What stops pacman on a machine or lies beyond it: its lock, a damaged database, packages of no repository."""

from collections.abc import Iterator

from collectors.managers.failed_commands import describe_end
from collectors.managers.pacman_packages import PacmanPackages
from collectors.sections import Section
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of

# Exit status of the probe itself where it has neither root nor fakeroot.
NO_ROOT = 97


def find_no_refresh(section: Section | None) -> Iterator[Finding]:
    """A finding where a refresh was asked for and did not succeed; ``section`` is None where it was not."""
    if section is None or section.exit_status == 0:
        return
    if section.exit_status == NO_ROOT:
        text = "The copy of the sync databases was not refreshed: this user is not root, and there is no fakeroot."
        yield Finding(
            FindingKind.REFRESH_FAILED, Severity.ERROR, text, "Install fakeroot, or assess without a refresh."
        )
        return
    text = clean(
        f"pacman -Sy over a copy of the sync databases {describe_end(section)}: {section.error_text or 'no message'}",
        500,
    )
    yield Finding(FindingKind.REFRESH_FAILED, Severity.ERROR, text, "Look at its mirrors, the network and its keyring.")


def find_lock(section: Section | None) -> Iterator[Finding]:
    """A finding for pacman's lock, which is a file that a run which was cut off leaves behind.

    Raises:
        UnreadableOutput: the section is not what the probe prints.
    """
    values = section.values() if section else {}
    if "lock" not in values:
        return
    path, process = clean_name(values["lock"]), clean_name(values.get("process", ""))
    if process:
        text = f"{path} is there: process {process} works on the packages."
        remedy = "Wait until it has ended; never remove a lock file while one runs."
    else:
        text = f"{path} is there, but no package manager runs: one was cut off, or cannot be seen."
        remedy = "See that none runs, what pacman's log ends with, and remove it then."
    yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, text, remedy)


def find_damage(packages: PacmanPackages) -> Iterator[Finding]:
    """Findings for entries of the database that pacman passes over, and for names that had to be cleaned."""
    if packages.broken:
        text = f"pacman's database has no description of {some_of(packages.broken)}: nothing is upgraded until then."
        remedy = "Install them again with pacman -S --overwrite, after a look at its log."
        yield Finding(FindingKind.PACKAGE_BROKEN, Severity.ERROR, text, remedy)
    if packages.odd_names:
        text = (
            f"{len(packages.odd_names)} package names hold characters that no name may: {some_of(packages.odd_names)}."
        )
        yield Finding(FindingKind.NAME_NOT_CLEAN, Severity.WARNING, text, "Look at pacman's database on the machine.")


def find_foreign(section: Section) -> Iterator[Finding]:
    """A finding for packages of no repository, of whose updates nothing is known; `pacman -Qm` lists them."""
    names = [clean_name(line.partition(" ")[0]) for _, line in section.lines()]
    if names:
        text = f"{len(names)} packages are in no repository (AUR, own builds, dropped): {some_of(names)}."
        remedy = "Nothing tells of their updates; look after them by hand."
        yield Finding(FindingKind.FOREIGN_PACKAGES, Severity.INFO, text, remedy)
