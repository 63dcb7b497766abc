"""Readiness checks of Windows machines: each fault of the way and of the agent at its own check."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from fleet.answers import Answer, Coverage
from fleet.facts import DiskSpace, MachineFacts, PatchWay, SearchWay, UpdateModel, WindowsFacts
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity, Step
from fleet.machines import Machine, OSType, TransportKind
from fleet.readiness import CHECKS, CheckResult, CheckStatus, Reading, judge_all
from fleet.winrm import WinrmScheme, WinrmWay

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine("id", "win-1", TransportKind.WINRM, _NOW, "192.0.2.9", os_type=OSType.WINDOWS)
_FACTS = MachineFacts(
    os_type=OSType.WINDOWS,
    os_full_name="Microsoft Windows Server 2022 Standard 21H2",
    machine_id="9f3e6f3a",
    clock_skew_seconds=0.2,
    package_manager="windows-update",
    reboot_required=Answer.NO,
    other_updaters=(),
    disks=(DiskSpace("C:", 42 * 1024**3, 127 * 1024**3),),
    end_of_life=date(2031, 10, 14),
    patch_way=PatchWay.ROOT,
    update_model=UpdateModel.PACKAGES,
    windows=WindowsFacts(agent_version="10.0", search_way=SearchWay.TASK, wsus_server="wsus:8530", wsus_group="a"),
)
_GOOD = Reading(_MACHINE, _NOW, Coverage.COMPLETE, _FACTS, (), None)
_NOT_ASKED = {check.name for check in CHECKS if check.system is OSType.LINUX} | {"ssh", "host-key"}


def _results(reading: Reading) -> dict[str, CheckResult]:
    return {result.check.name: result for result in judge_all(reading)}


def _named(reading: Reading, status: CheckStatus) -> set[str]:
    return {name for name, result in _results(reading).items() if result.verdict.status is status}


def test_machine_in_order_passes_what_is_asked_of_windows() -> None:
    """What is Linux's alone does not apply, and nothing is left unknown."""
    assert _named(_GOOD, CheckStatus.NOT_APPLICABLE) == _NOT_ASKED
    assert _named(_GOOD, CheckStatus.PASSED) == {check.name for check in CHECKS} - _NOT_ASKED
    assert "WSUS wsus:8530" in _results(_GOOD)["update-source"].verdict.evidence


def test_windows_by_openssh_has_a_host_key_and_no_certificate() -> None:
    """All else is the same."""
    by_ssh = replace(_GOOD, machine=replace(_MACHINE, transport=TransportKind.SSH))
    changed = {"ssh", "host-key"}
    expected = (_NOT_ASKED - changed) | {"certificate", "winrm", "protected"}
    assert _named(by_ssh, CheckStatus.NOT_APPLICABLE) == expected


def test_http_is_a_warning_and_has_no_certificate() -> None:
    """What answers is not proved to be the machine; the remedy is the command."""
    over_http = replace(_GOOD, machine=replace(_MACHINE, winrm=WinrmWay(WinrmScheme.HTTP)))
    result = _results(over_http)["protected"]
    assert result.is_warning
    assert "machines edit win-1 --https" in result.verdict.remedy
    assert "certificate" in _named(over_http, CheckStatus.NOT_APPLICABLE)


@pytest.mark.parametrize(
    ("kind", "step", "check"),
    [
        (FailureKind.CONNECTION_REFUSED, Step.CONNECT, "port"),
        (FailureKind.CERTIFICATE_UNTRUSTED, Step.CONNECT, "certificate"),
        (FailureKind.CERTIFICATE_CHANGED, Step.CONNECT, "certificate"),
        (FailureKind.TLS_FAILED, Step.CONNECT, "certificate"),
        (FailureKind.NOT_WINRM, Step.BANNER, "winrm"),
        (FailureKind.ENCRYPTION_REQUIRED, Step.LOGIN, "winrm"),
        (FailureKind.CONNECTION_LOST, Step.BANNER, "winrm"),
        (FailureKind.CLOCK_SKEWED, Step.LOGIN, "login"),
        (FailureKind.LOGIN_REFUSED, Step.LOGIN, "login"),
        (FailureKind.ACCESS_DENIED, Step.SESSION, "shell"),
        (FailureKind.QUOTA_EXCEEDED, Step.SESSION, "shell"),
        (FailureKind.LANGUAGE_CONSTRAINED, Step.SESSION, "language"),
        (FailureKind.OUTPUT_UNREADABLE, Step.SESSION, "answer"),
    ],
)
def test_way_fails_at_its_step_and_nothing_later_was_asked(kind: FailureKind, step: Step, check: str) -> None:
    """What came before has passed, what never applies does not apply, and the rest was not asked."""
    failure = Failure(kind, "WinRM to win-1", "it went wrong.", "Mend it.", 1.0, step)
    reading = replace(_GOOD, coverage=Coverage.UNKNOWN, facts=MachineFacts(), failure=failure)
    assert _named(reading, CheckStatus.FAILED) == {check}
    assert _results(reading)[check].verdict.remedy == "Mend it."
    assert _named(reading, CheckStatus.NOT_APPLICABLE) == _NOT_ASKED
    assert _results(reading)["update-agent"].verdict.evidence == f"Not asked: the check {check!r} failed."


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (FindingKind.CANNOT_BECOME_ROOT, "rights"),
        (FindingKind.UPDATE_AGENT_BROKEN, "update-agent"),
        (FindingKind.UPDATE_SOURCE_STALE, "update-source"),
        (FindingKind.SEARCH_WARNING, "update-source"),
        (FindingKind.UPDATE_POLICY, "update-policy"),
        (FindingKind.REBOOT_POLICY, "update-policy"),
        (FindingKind.DISK_FULL, "disk-space"),
        (FindingKind.PACKAGE_MANAGER_LOCKED, "lock"),
        (FindingKind.MESSAGES_NOT_AUTHENTICATED, "protected"),
        (FindingKind.CERTIFICATE_EXPIRING, "certificate"),
    ],
)
def test_finding_fails_its_check_alone(kind: FindingKind, check: str) -> None:
    """With its evidence and its remedy."""
    finding = Finding(kind, Severity.ERROR, "It is so.", "Change it.")
    reading = replace(_GOOD, findings=(finding,))
    assert _named(reading, CheckStatus.FAILED) == {check}
    assert _results(reading)[check].verdict.remedy == "Change it."


def test_task_that_is_refused_is_named() -> None:
    """Without one nothing can be installed; where the login searched by itself, none was tried."""
    failure = Failure(
        FailureKind.PACKAGE_MANAGER_FAILED, "searching for updates by a task of SYSTEM", "no task.", "Allow it.", 1.0
    )
    refused = replace(_GOOD, coverage=Coverage.UNKNOWN, failure=failure)
    direct = replace(_GOOD, facts=replace(_FACTS, windows=WindowsFacts(search_way=SearchWay.DIRECT)))
    assert _results(refused)["tasks"].verdict.remedy == "Allow it."
    assert "tasks" in _named(direct, CheckStatus.UNKNOWN)
    no_rights = replace(_GOOD, facts=replace(_FACTS, patch_way=PatchWay.NONE))
    assert _named(no_rights, CheckStatus.FAILED) == {"rights", "patching"}
