"""Whether the package manager can be read and used, and whether its repositories speak."""

from datetime import datetime

from fleet.answers import Coverage
from fleet.facts import PatchWay, RootWay, UpdateModel
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.machines import Become
from fleet.package_managers import WITHOUT_CLASSES, WITHOUT_ROOT
from fleet.readiness.verdicts import (
    NO_ANSWER,
    Reading,
    Verdict,
    failed,
    failed_by,
    judge_found,
    not_applicable,
    passed,
    unknown,
)
from fleet.readiness.windows import is_windows

SUDOERS_HINT = "patchdeck check --sudoers prints the lines that this needs."
PATCHING_HINT = "patchdeck check --sudoers --patching prints the lines that this needs."
_BY = {
    PatchWay.ROOT: "It logs in as root.",
    PatchWay.SUDO: "Jobs run as root, by sudo without a password.",
    PatchWay.SUDO_PASSWORD: "Jobs run as root, by sudo with its password.",
    PatchWay.DOAS: "Jobs run as root, by doas.",
    PatchWay.LIMITED_SUDO: "Jobs run as this user, and the package manager by sudo without a password.",
    PatchWay.LIMITED_DOAS: "Jobs run as this user, and the package manager by doas.",
}


def system(reading: Reading) -> Verdict:
    """Whether the system is one that can be read."""
    facts, failure = reading.facts, reading.failure
    if failure and failure.kind is FailureKind.UNSUPPORTED_SYSTEM:
        return failed(failure.evidence, failure.remedy)
    name = facts.os_full_name or facts.os_name or facts.os_id
    return passed(f"{name}, kernel {facts.kernel or 'unknown'}.") if name else unknown("It does not say what it is.")


def package_manager(reading: Reading) -> Verdict:
    """Whether a package manager was found and gave an answer that could be read."""
    manager, failure = reading.facts.package_manager, reading.failure
    if failure and failure.kind is FailureKind.UNSUPPORTED_SYSTEM:
        return unknown("Not asked: the check 'system' failed.")
    if failure:
        return failed(failure.evidence, failure.remedy)
    return passed(f"It is {manager}, and was read.") if manager else unknown("Which one it is was not told.")


def free(reading: Reading) -> Verdict:
    """Whether nothing else holds the package manager's lock."""
    return judge_found(reading, (FindingKind.PACKAGE_MANAGER_LOCKED,), "Nothing was seen to hold its lock.")


def whole(reading: Reading) -> Verdict:
    """Whether nothing was left half done or broken."""
    kinds = (
        FindingKind.PACKAGE_MANAGER_INTERRUPTED,
        FindingKind.DEPENDENCIES_BROKEN,
        FindingKind.PACKAGE_BROKEN,
        FindingKind.UPDATE_STAGED,
    )
    return judge_found(reading, kinds, "No installation was interrupted, no package is broken.")


def repositories(reading: Reading) -> Verdict:
    """Whether every configured repository has spoken."""
    kinds = (
        FindingKind.REFRESH_FAILED,
        FindingKind.REPOSITORY_FAILING,
        FindingKind.LISTS_MISSING,
        FindingKind.SETTINGS_UNREADABLE,
        FindingKind.SUBSCRIPTION_NEEDED,
    )
    if found := reading.find(kinds):
        return failed_by(found)
    if reading.failure:
        return unknown(NO_ANSWER)
    if reading.coverage is Coverage.UNKNOWN:
        return failed("Not every repository has spoken.", "Assess with --refresh and see what it says.")
    return passed("Every configured repository has spoken, at the last fetch of its lists.")


def lists_fresh(reading: Reading) -> Verdict:
    """Whether the package lists are young enough to be believed."""
    if found := reading.find((FindingKind.LISTS_STALE,)):
        return failed_by(found)
    if reading.facts.metadata_at is None:
        return unknown("The package lists bear no date." if reading.failure is None else NO_ANSWER)
    return passed(f"The newest list was made {_age(reading.at, reading.facts.metadata_at)} before.")


def security(reading: Reading) -> Verdict:
    """Whether a repository for security updates is there and speaks."""
    if reading.facts.package_manager in WITHOUT_CLASSES:
        return not_applicable(f"{reading.facts.package_manager} has no repositories of security updates.")
    if found := reading.find((FindingKind.SECURITY_REPOSITORY_MISSING,)):
        return failed_by(found)
    if reading.failure or reading.coverage is Coverage.UNKNOWN:
        return unknown("Not every repository could be seen." if reading.failure is None else NO_ANSWER)
    if reading.coverage is Coverage.SECURITY_UNKNOWN:
        return failed("Security updates are not known: their repository did not speak, or long ago.", "Refresh it.")
    return passed("Repositories of security updates have spoken.")


def classification(reading: Reading) -> Verdict:
    """Whether it can be told which updates are for security."""
    if reading.facts.package_manager in WITHOUT_CLASSES:
        return not_applicable(
            f"Repositories of {reading.facts.package_manager} never say which updates are security's."
        )
    if found := reading.find((FindingKind.CLASSIFICATION_UNKNOWN, FindingKind.ADVISORY_HIDDEN)):
        return failed_by(found, Severity.WARNING)
    if reading.failure:
        return unknown(NO_ANSWER)
    if reading.coverage is Coverage.COMPLETE:
        return passed("Each update's class is known from its repository.")
    remedy = "Use repositories that publish advisories; until then no number of security updates is shown."
    return failed("Nothing tells which updates are security updates.", remedy, Severity.WARNING)


def root(reading: Reading) -> Verdict:
    """Whether root can be gained by the very command that a refresh runs."""
    machine, way = reading.machine, reading.facts.root_way
    if way is RootWay.ROOT:
        return passed("It logs in as root.")
    if machine.become is Become.NONE and way is RootWay.NONE:
        remedy = f"Let it become root: patchdeck machines edit {machine.name} --become sudo."
        hint = "" if reading.facts.package_manager in WITHOUT_ROOT else f" {SUDOERS_HINT}"
        return failed("The user is not root, and the machine is enrolled without a way to become it.", remedy + hint)
    if found := reading.find((FindingKind.CANNOT_BECOME_ROOT,)):
        return failed_by(found)
    if way is RootWay.DOAS:
        return unknown("doas cannot be asked without running the command.", "Assess with --refresh to see.")
    if way is None or way is RootWay.NONE:
        return unknown("Nothing told whether root can be gained.")
    by = "sudo with its password" if way is RootWay.SUDO_PASSWORD else "sudo without a password"
    limit = "" if reading.facts.is_refresh_limited else f" Its time limit is not allowed there: {SUDOERS_HINT}"
    return passed(f"The refresh may be run by {by}.{limit}")


def patching(reading: Reading) -> Verdict:
    """Whether this user can install updates, and what keeps it from reboots."""
    machine, facts = reading.machine, reading.facts
    if is_windows(reading):
        return _windows_patching(reading)
    if facts.update_model not in (None, UpdateModel.PACKAGES):
        return not_applicable(f"{facts.update_model} brings a whole system for the next boot: jobs install none.")
    if machine.become is Become.NONE and facts.patch_way is PatchWay.NONE:
        remedy = f"Let it become root: patchdeck machines edit {machine.name} --become sudo. {PATCHING_HINT}"
        return failed("The user is not root, and the machine is enrolled without a way to become it.", remedy)
    if facts.patch_way is PatchWay.NONE:
        program = facts.package_manager or "the package manager"
        return failed(f"{machine.become} lets this user run neither a shell nor {program} as root.", PATCHING_HINT)
    if facts.patch_way is None:
        return unknown("Nothing told whether this user can install.", "Assess it again, by this version of Patchdeck.")
    reboot = "" if facts.is_reboot_allowed is not False else f" It may not reboot the machine: {PATCHING_HINT}"
    return passed(f"{_BY[facts.patch_way]}{reboot}")


def _windows_patching(reading: Reading) -> Verdict:
    way = reading.facts.patch_way
    if way is None:
        return unknown("Nothing told whether this user can install.", "Assess it again, by this version of Patchdeck.")
    if way is PatchWay.NONE:
        return failed("This user may not install updates there.", "See the check 'rights'.")
    return passed("Updates are installed by a task of SYSTEM, which this user may make.")


def _age(now: datetime, then: datetime) -> str:
    hours = max(0, int((now - then).total_seconds() // 3600))
    return f"{hours // 24} days" if hours >= 48 else f"{hours} h"
