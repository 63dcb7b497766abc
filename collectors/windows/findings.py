"""What is noticed on a Windows machine beside its updates: agent, rights, disk, clock, reboot, the system's end."""

from collections.abc import Iterator
from datetime import datetime

from collectors.linux_facts import SKEW_LIMIT_SECONDS
from collectors.support import find_support_end
from collectors.windows.assess_answer import AgentAnswer, ErrorAnswer, FoundAnswer, MachineAnswer
from collectors.windows.coverage import SHOWN_ERRORS
from collectors.windows.facts import has_renames_only
from collectors.windows.results import explain
from collectors.windows.update_policy import find_policy_troubles
from collectors.windows.updates import Superseded
from fleet.answers import Answer
from fleet.facts import DiskSpace, MachineFacts
from fleet.failures import Finding, FindingKind, Severity
from fleet.name_lists import some_of
from fleet.windows_support import find_windows_end

_GIB = 1024**3
# A cumulative update is unpacked beside what it replaces; Windows Update itself asks for some GiB.
_LEAST_FREE_BYTES = 2 * _GIB
_WISHED_FREE_BYTES = 8 * _GIB
_SHOWN = 10
# Stopped is how they rest; disabled, nothing can start them.
_NEEDED_SERVICES = ("wuauserv", "BITS", "TrustedInstaller")
_STILL_SERVICING = 2
_FREE_SPACE = "Free space there: Dism /Online /Cleanup-Image /StartComponentCleanup, old profiles, logs."
# What the way to the answer tells by itself: the search failed and is told of, or SYSTEM did it.
_TOLD_ELSEWHERE = frozenset({"search", "search_offline", "direct", "task"})


def find_troubles(
    answer: MachineAnswer, found: FoundAnswer | None, facts: MachineFacts, now: datetime
) -> Iterator[Finding]:
    """What was noticed, whatever came of the search."""
    yield from _find_rights(answer)
    yield from _find_services(answer.agent)
    yield from find_policy_troubles(answer.source, answer.computer, now)
    yield from _find_errors((*answer.errors, *(found.errors if found is not None else ())))
    for disk in facts.disks:
        yield from _find_disk(disk)
    skew_seconds = facts.clock_skew_seconds
    if skew_seconds is not None and abs(skew_seconds) > SKEW_LIMIT_SECONDS:
        text = f"The clock is {abs(skew_seconds):,.0f} s {'ahead' if skew_seconds > 0 else 'behind'}."
        yield Finding(FindingKind.CLOCK_SKEW, Severity.WARNING, text, "Set the time: w32tm /resync, and see w32time.")
    yield from _find_reboot(answer, found, facts)
    computer = answer.computer
    end = find_windows_end(computer.build, computer.edition, computer.product_type)
    yield from find_support_end(facts.os_full_name or "this system", end, now.date())


def find_superseded(superseded: tuple[Superseded, ...]) -> Iterator[Finding]:
    """Which updates were left out, and what takes their place."""
    if superseded:
        pairs = some_of((f"{each.name} by {each.by}" for each in superseded), _SHOWN)
        text = f"{len(superseded)} superseded and not counted: {pairs}."
        remedy = "Nothing to do; on a WSUS, decline what is superseded."
        yield Finding(FindingKind.UPDATES_SUPERSEDED, Severity.INFO, text, remedy)


def _find_rights(answer: MachineAnswer) -> Iterator[Finding]:
    if answer.is_admin is False:
        text = "The login has no administrator's rights on it, or they are filtered out of logins over the network."
        remedy = (
            "Use an account of the group Administrators; of a local one other than the built-in Administrator, set "
            "LocalAccountTokenFilterPolicy to 1."
        )
        yield Finding(FindingKind.CANNOT_BECOME_ROOT, Severity.ERROR, text, remedy)


def _find_services(agent: AgentAnswer) -> Iterator[Finding]:
    by_name = {service.name.casefold(): service for service in agent.services}
    for name in _NEEDED_SERVICES if by_name else ():
        service = by_name.get(name.casefold())
        if service is None:
            text, remedy = f"There is no service {name}.", "Repair Windows: sfc /scannow, and see who removed it."
        elif service.start_type.casefold() == "disabled":
            text, remedy = f"The service {name} is disabled.", f"sc.exe config {name} start= demand"
        else:
            continue
        yield Finding(FindingKind.UPDATE_AGENT_BROKEN, Severity.ERROR, text, remedy)
    if agent.servicing_in_progress == _STILL_SERVICING:
        text = "Windows still services what was installed before."
        yield Finding(FindingKind.PACKAGE_MANAGER_LOCKED, Severity.WARNING, text, "Wait until it is done.")


def _find_errors(errors: tuple[ErrorAnswer, ...]) -> Iterator[Finding]:
    different = [error for error in dict.fromkeys(errors) if error.stage not in _TOLD_ELSEWHERE]
    for error in different[:SHOWN_ERRORS]:
        why = explain(error.hresult)
        said = f" {error.message}" if error.message else ""
        text = f"Its {error.stage or 'answer'} could not be read: {why.describe()}.{said}"
        yield Finding(FindingKind.UPDATE_AGENT_BROKEN, Severity.WARNING, text, why.remedy)
    if (more := len(different) - SHOWN_ERRORS) > 0:
        text = f"{more:,} errors more on the way to its answer."
        yield Finding(FindingKind.UPDATE_AGENT_BROKEN, Severity.WARNING, text, "patchdeck windows dump-raw keeps them.")


def _find_disk(disk: DiskSpace) -> Iterator[Finding]:
    for least, severity in ((_LEAST_FREE_BYTES, Severity.ERROR), (_WISHED_FREE_BYTES, Severity.WARNING)):
        if disk.free_bytes < least:
            text = f"{disk.path} has {disk.free_bytes:,} bytes free; updates may need {least:,}."
            yield Finding(FindingKind.DISK_FULL, severity, text, _FREE_SPACE)
            return


def _find_reboot(answer: MachineAnswer, found: FoundAnswer | None, facts: MachineFacts) -> Iterator[Finding]:
    if facts.reboot_required is Answer.YES:
        remedy = "Reboot it, or let a deployment do so."
        yield Finding(FindingKind.REBOOT_PENDING, Severity.WARNING, facts.reboot_reason, remedy)
    elif has_renames_only(answer, found):
        text = "Files are to be replaced at the next start, which programs of all kinds ask for: alone, no reason to."
        yield Finding(FindingKind.REBOOT_PENDING, Severity.INFO, text)
