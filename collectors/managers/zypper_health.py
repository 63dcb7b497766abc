"""What zypper's state files and patches say beside updates: its lock, reboots, patches of itself, hidden ones."""

from collections.abc import Iterable, Iterator, Mapping

from collectors.managers.failed_commands import describe_end
from collectors.managers.manager import RebootAnswer
from collectors.managers.zypper_xml import ListedUpdate
from collectors.sections import Section
from fleet.answers import Answer
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, clean_name
from fleet.name_lists import some_of
from fleet.updates import Update


def find_lock(state: Mapping[str, str]) -> Iterator[Finding]:
    """A finding while another program works with libzypp; the file stays when it has ended, so it must be alive."""
    pid, program = state.get("lock_pid", "").strip(), clean_name(state.get("lock_program", ""))
    if pid.isdigit() and program:
        text = f"/run/zypp.pid: locked by process {pid[:10]} ({program})."
        remedy = "Wait until it has ended; never remove a lock file."
        yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.ERROR, text, remedy)


def read_reboot(state: Mapping[str, str]) -> RebootAnswer | None:
    """What `zypper needs-rebooting` would say, by the flag that it looks at; None for a libzypp that sets none."""
    if "reboot_needed" in state:
        level = clean(state["reboot_needed"], 40)
        return RebootAnswer(Answer.YES, f"/run/reboot-needed is there{f': {level}' if level else ''}.")
    if "reboot_rules" in state:
        return RebootAnswer(Answer.NO, "zypper has not asked for a reboot since the last one (no /run/reboot-needed).")
    return None


def find_stack_first(patches: Iterable[ListedUpdate]) -> Iterator[Finding]:
    """A finding where zypper wants to patch itself before all else."""
    names = [patch.name for patch in patches if patch.changes_manager and patch.status != "unwanted"]
    if names:
        text = f"zypper patch installs {some_of(names)} first, which changes zypper itself, and must then be run again."
        yield Finding(FindingKind.UPDATE_STACK_FIRST, Severity.INFO, text, "Deploy twice, or install it before.")


def find_hidden_patches(patches: Iterable[ListedUpdate], updates: Iterable[Update]) -> Iterator[Finding]:
    """Security patches that a lock hides, or that belong to no update which zypper knows of."""
    waiting = [patch for patch in patches if patch.category.lower() == "security"]
    locked = [patch.name for patch in waiting if patch.status in ("unwanted", "locked")]
    if locked:
        text = f"A lock keeps zypper patch from {len(locked)} security patches: {some_of(locked)}."
        remedy = "See zypper locks on it; zypper update installs their packages all the same."
        yield Finding(FindingKind.ADVISORY_HIDDEN, Severity.WARNING, text, remedy)
    shown = {advisory for update in updates for advisory in update.advisories}
    lost = [patch.name for patch in waiting if patch.name not in shown and patch.name not in locked]
    if lost:
        text = f"{len(lost)} security patches are needed, but no update of a package brings them: {some_of(lost)}."
        remedy = "Look at zypper list-patches and zypper list-updates --all on it; a repository may be missing."
        yield Finding(FindingKind.ADVISORY_HIDDEN, Severity.WARNING, text, remedy)


def find_unread_patches(section: Section | None, *, is_read: bool) -> Iterator[Finding]:
    """A finding where zypper did not say what the patches mend, so that no update has a class."""
    if section is not None and not is_read:
        text = clean(f"zypper info -t patch {describe_end(section)}: {section.error_text or 'no message'}", 500)
        remedy = "Run it on the machine with the names of zypper list-patches, and mend what it names."
        yield Finding(FindingKind.CLASSIFICATION_UNKNOWN, Severity.ERROR, text, remedy)


def find_unread(lines: Iterable[str]) -> Iterator[Finding]:
    """A finding for what zypper said that fits no known shape."""
    unread = list(dict.fromkeys(lines))
    if unread:
        text = f"{len(unread)} lines of zypper were not understood, the first: {unread[0][:200]}"
        yield Finding(FindingKind.LINES_NOT_READ, Severity.WARNING, text, "See whether an update is among them.")
