"""Commands of package managers that did not succeed: how they ended in words, and the failure that it is."""

from collections.abc import Callable

from collectors.managers.manager import ManagerFailed
from collectors.sections import Section
from fleet.failures import Failure, FailureKind
from fleet.hostile import clean

_REMEDY = "Run it on the machine and mend what it names."
_REMEDY_IF_STOPPED = "See on the machine whether its disk or its package manager hangs."


def describe_end(section: Section) -> str:
    """How a command that did not succeed ended, to be put after its name."""
    return "took too long" if section.is_timed_out else f"exited {section.exit_status}"


def describe_failure(
    command: str,
    section: Section,
    said: str = "",
    *,
    remedy: str = _REMEDY,
    remedy_if_stopped: str = _REMEDY_IF_STOPPED,
) -> Failure:
    """The failure of ``command``, which gave ``section``; ``said`` is what it says of that, else its standard error."""
    if section.is_timed_out:
        came_back = "it did not end in time and was stopped."
        return Failure(FailureKind.PACKAGE_MANAGER_FAILED, command, came_back, remedy_if_stopped)
    came_back = f"exit status {section.exit_status}: {clean(said or section.error_text, 500) or 'no message'}"
    return Failure(FailureKind.PACKAGE_MANAGER_FAILED, command, came_back, remedy)


def require_success(section: Section, describe: Callable[[Section], Failure], *accepted: int) -> Section:
    """The section itself, where its command exited 0 or as ``accepted``.

    Raises:
        ManagerFailed: it did not; the failure is the one that ``describe`` gives.
    """
    if section.exit_status not in (0, *accepted):
        raise ManagerFailed(describe(section))
    return section
