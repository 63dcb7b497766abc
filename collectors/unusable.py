"""Failures of machines that were reached but gave no answer that can be used, each in words that help."""

from collectors.managers import MANAGERS
from collectors.managers.detection import DATABASE_SUFFIX, list_databases
from collectors.managers.manager import Manager
from collectors.sections import AnswerCut
from collectors.transports.base import CommandResult
from fleet.errors import BadInput, UnreadableOutput
from fleet.facts import MachineFacts
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean, decode

_PROBE = "the probe, fed to sh"
_MANAGER = "the package manager"
_REPORT = "Report it with the raw output, which was kept where evidence is kept."
# Programs that belong to no package manager that could be asked alone.
_HELPERS = frozenset({"dpkg-query"})


def no_shell(result: CommandResult) -> Failure:
    """What answered is not a shell that ran the script: no login shell, an expired password, an appliance."""
    said = clean(decode((result.stdout.strip() or result.stderr.strip())[:2000]), 300) or "nothing"
    came_back = f"exit status {result.exit_status}, and it said: {said}"
    remedy = "See that the user may log in and that its login shell starts sh."
    return Failure(FailureKind.NO_SHELL, _PROBE, came_back, remedy, result.elapsed_seconds)


def cut(result: CommandResult, error: AnswerCut) -> Failure:
    """The answer has no end: what came of it is not used."""
    # What came last on the machine may not have been sent yet: it is sent in pieces of some thousand bytes.
    where = f"in {clean(error.section)} or after it" if error.section else "at its start"
    if result.exit_status is None:
        came_back = f"the answer stopped {where}: the connection was lost."
        remedy = "Nothing was changed on it; assess it again."
        return Failure(FailureKind.CONNECTION_LOST, _PROBE, came_back, remedy, result.elapsed_seconds)
    came_back = f"the answer stopped {where}, and sh ended with {result.exit_status}."
    return Failure(
        FailureKind.OUTPUT_UNREADABLE, _PROBE, came_back, "See what ends it on the machine.", result.elapsed_seconds
    )


def unreadable(result: CommandResult, error: UnreadableOutput) -> Failure:
    """The answer is whole, but something in it fits no known shape."""
    return Failure(FailureKind.OUTPUT_UNREADABLE, _PROBE, clean(str(error), 500), _REPORT, result.elapsed_seconds)


def unreadable_manager(manager: Manager, error: UnreadableOutput) -> Failure:
    """The package manager printed something that fits no known shape."""
    return Failure(FailureKind.OUTPUT_UNREADABLE, f"reading {manager.name}", clean(str(error), 500), _REPORT)


def no_manager(facts: MachineFacts, programs: frozenset[str]) -> Failure:
    """The machine is not one that this version can read; says what was found there."""
    system = facts.os_full_name or facts.os_id or "a system that does not say what it is"
    if facts.os_type is None:
        came_back = f"{system} is not Linux."
        return Failure(FailureKind.UNSUPPORTED_SYSTEM, _MANAGER, came_back, "Only Linux is read over sh.")
    databases = list_databases(programs)
    found = ", ".join(sorted(p for p in programs - _HELPERS if not p.endswith(DATABASE_SUFFIX)))
    if not found and not databases:
        came_back = f"none that is known was found on {system}."
        return Failure(FailureKind.NO_PACKAGE_MANAGER, _MANAGER, came_back, "See whether its PATH holds it.")
    installed = f"packages of {', '.join(databases)} are installed" if databases else "no installed packages"
    came_back = clean(f"{found or 'no program'} found on {system}, {installed}: not what this version can read.", 500)
    known = ", ".join(manager.name for manager in MANAGERS)
    remedy = f"Read are {known}, where /etc/os-release (ID, ID_LIKE) and the installed packages agree with it."
    return Failure(FailureKind.UNSUPPORTED_SYSTEM, _MANAGER, came_back, remedy)


def bad_configuration(error: BadInput) -> Failure:
    """What was configured cannot be used on this machine."""
    return Failure(
        FailureKind.BAD_CONFIGURATION, "preparing the probe", clean(str(error)), "Change it and assess again."
    )


def internal(error: Exception) -> Failure:
    """A mistake of ours."""
    came_back = f"{type(error).__name__}: {clean(str(error), 300)}"
    return Failure(FailureKind.INTERNAL, "reading the answer", came_back, _REPORT)
