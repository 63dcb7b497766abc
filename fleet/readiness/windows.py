"""Whether a Windows machine can be asked and patched: rights, the agent and its source, policies, tasks of SYSTEM."""

from fleet.facts import PatchWay, SearchWay
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.machines import OSType, TransportKind
from fleet.reaching import way_of
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
from fleet.winrm import WinrmScheme

# What the failure of a search by a task names; see `collectors.windows.search_failures`.
_TASK_WORDS = "task of SYSTEM"


def is_windows(reading: Reading) -> bool:
    """Whether it is asked as a Windows, or has said that it is one."""
    return reading.machine.speaks_powershell or reading.facts.os_type is OSType.WINDOWS


def protected(reading: Reading) -> Verdict:
    """Whether nobody on the way can change what WinRM answers."""
    way = way_of(reading.machine)
    if way is None:
        return not_applicable(f"It is reached by {reading.machine.transport.value}, without WinRM.")
    if found := reading.find((FindingKind.MESSAGES_NOT_AUTHENTICATED,)):
        return failed_by(found, Severity.WARNING)
    if way.scheme is WinrmScheme.HTTPS:
        return passed("WinRM is carried by HTTPS.")
    remedy = f"Give it a listener for HTTPS, then: patchdeck machines edit {reading.machine.name} --https"
    return failed("WinRM is carried by HTTP: what answers is not proved to be this machine.", remedy, Severity.WARNING)


def rights(reading: Reading) -> Verdict:
    """Whether the login has an administrator's rights, which installing needs."""
    if found := reading.find((FindingKind.CANNOT_BECOME_ROOT,)):
        return failed_by(found)
    if reading.facts.patch_way is PatchWay.NONE:
        remedy = "Use an account of the group Administrators; see also LocalAccountTokenFilterPolicy."
        return failed("The login has no administrator's rights.", remedy)
    if reading.facts.patch_way is None:
        return unknown("Nothing told which rights the login has.")
    return passed("The login is an administrator's, and its token is whole.")


def agent(reading: Reading) -> Verdict:
    """Whether the Windows Update agent and what it needs work."""
    if found := reading.find((FindingKind.UPDATE_AGENT_BROKEN,)):
        return failed_by(found)
    failure = reading.failure
    if failure is not None and failure.kind is FailureKind.PACKAGE_MANAGER_FAILED:
        return failed(failure.evidence, failure.remedy)
    if failure is not None:
        return unknown(NO_ANSWER)
    version = reading.facts.windows.agent_version if reading.facts.windows else ""
    return passed(f"Windows Update {version} answered.".replace("  ", " "))


def source(reading: Reading) -> Verdict:
    """Whether what offers updates can be believed: Windows Update, or a WSUS that is synchronised."""
    if found := reading.find((FindingKind.UPDATE_SOURCE_STALE, FindingKind.SEARCH_WARNING)):
        return failed_by(found)
    if reading.failure is not None:
        return unknown(NO_ANSWER)
    facts = reading.facts.windows
    if facts is None:
        return unknown("It did not say where its updates come from.")
    if facts.wsus_server:
        group = f", group {facts.wsus_group}" if facts.wsus_group else ""
        return passed(f"WSUS {facts.wsus_server}{group}: what nobody approved there is not offered.")
    return passed(f"{facts.update_source or 'Windows Update'}, without a WSUS.")


def policies(reading: Reading) -> Verdict:
    """Whether policies let updates be searched and installed, and reboots be left to us."""
    otherwise = "None was seen that forbids updates or reboots by itself."
    return judge_found(reading, (FindingKind.UPDATE_POLICY, FindingKind.REBOOT_POLICY), otherwise)


def tasks(reading: Reading) -> Verdict:
    """Whether a task of SYSTEM may run, by which updates are installed, and searched where logins may not."""
    failure, facts = reading.failure, reading.facts.windows
    if failure is not None and _TASK_WORDS in failure.tried:
        return failed(failure.evidence, failure.remedy)
    if facts is not None and facts.search_way is SearchWay.TASK:
        return passed("A task of SYSTEM searched for updates.")
    if failure is None and facts is not None and facts.search_way is SearchWay.DIRECT:
        return unknown("Not tried: the login may search by itself. Installing needs such a task.")
    return unknown(NO_ANSWER)


def certificate_evidence(reading: Reading) -> str:
    """Why there is no certificate to check; empty where there is one."""
    way = way_of(reading.machine)
    if way is None:
        return f"It is reached by {reading.machine.transport.value}, without WinRM."
    return "" if way.scheme is WinrmScheme.HTTPS else "It is reached by WinRM over HTTP, which has no certificate."


def winrm_evidence(reading: Reading) -> str:
    """Why there is no WinRM to check; empty where it is reached by it."""
    transport = reading.machine.transport
    return "" if transport is TransportKind.WINRM else f"It is reached by {transport.value}, without WinRM."
