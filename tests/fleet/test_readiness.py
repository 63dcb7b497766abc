"""Readiness checks: four answers, each where it belongs, for every failure and every finding."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from fleet.answers import Answer, Coverage
from fleet.errors import UnknownName
from fleet.facts import DiskSpace, MachineFacts, OtherUpdater, PatchWay, RootWay, UpdateModel
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity, Step
from fleet.machines import Become, Machine, OSType, TransportKind
from fleet.readiness import CHECKS, CheckResult, CheckStatus, Reading, find_checks, judge_all

_NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
_MACHINE = Machine("id", "web-01", TransportKind.SSH, _NOW, become=Become.SUDO)
_FACTS = MachineFacts(
    os_type=OSType.LINUX,
    os_full_name="Debian GNU/Linux 12",
    machine_id="0123",
    clock_skew_seconds=0.2,
    package_manager="apt",
    metadata_at=_NOW - timedelta(hours=5),
    reboot_required=Answer.NO,
    other_updaters=(),
    disks=(DiskSpace("/", 5 * 1024**3, 10 * 1024**3),),
    end_of_life=date(2028, 6, 30),
    root_way=RootWay.SUDO,
    is_refresh_limited=True,
    patch_way=PatchWay.SUDO,
    is_reboot_allowed=True,
)
_GOOD = Reading(_MACHINE, _NOW, Coverage.COMPLETE, _FACTS, (), None)
_STEPS = ("settings", "address", "port", "ssh", "host-key", "login", "shell", "answer")
# What a Linux that is reached by SSH is not asked.
_OF_OTHERS = {check.name for check in CHECKS if check.system is OSType.WINDOWS} | {"certificate", "winrm", "language"}


def _results(reading: Reading) -> dict[str, CheckResult]:
    """The results by name, without those of Windows, none of which applies."""
    results = {result.check.name: result for result in judge_all(reading)}
    others = [results.pop(name) for name in _OF_OTHERS]
    assert {result.verdict.status for result in others} == {CheckStatus.NOT_APPLICABLE}
    return results


def _status(reading: Reading, name: str) -> CheckStatus:
    return _results(reading)[name].verdict.status


def _failing(kind: FailureKind, step: Step | None = None) -> Reading:
    failure = Failure(kind, "connecting to web-01", "it went wrong.", "Mend it.", 1.0, step)
    return replace(_GOOD, coverage=Coverage.UNKNOWN, facts=MachineFacts(), failure=failure)


def test_machine_in_order_passes_every_check() -> None:
    """None is left open, none fails."""
    assert {
        name for name, result in _results(_GOOD).items() if result.verdict.status is not CheckStatus.PASSED
    } == set()


def test_machine_without_ssh_has_no_connection_to_check() -> None:
    """Those checks do not apply; all others do."""
    local = replace(_GOOD, machine=replace(_MACHINE, transport=TransportKind.LOCAL))

    inapplicable = [name for name, r in _results(local).items() if r.verdict.status is CheckStatus.NOT_APPLICABLE]
    assert inapplicable == ["address", "port", "ssh", "host-key", "login"]


@pytest.mark.parametrize(
    ("kind", "step", "check"),
    [
        (FailureKind.BAD_CONFIGURATION, None, "settings"),
        (FailureKind.ADDRESS_NOT_FOUND, Step.CONNECT, "address"),
        (FailureKind.CONNECTION_REFUSED, Step.CONNECT, "port"),
        (FailureKind.CONNECTION_TIMED_OUT, Step.CONNECT, "port"),
        (FailureKind.NO_BANNER, Step.BANNER, "ssh"),
        (FailureKind.NOT_SSH, Step.BANNER, "ssh"),
        (FailureKind.NO_COMMON_ALGORITHM, Step.LOGIN, "ssh"),
        (FailureKind.HOST_KEY_UNKNOWN, Step.LOGIN, "host-key"),
        (FailureKind.HOST_KEY_CHANGED, Step.LOGIN, "host-key"),
        (FailureKind.LOGIN_REFUSED, Step.LOGIN, "login"),
        (FailureKind.LOGIN_TIMED_OUT, Step.LOGIN, "login"),
        (FailureKind.CONNECTION_LOST, Step.LOGIN, "login"),
        (FailureKind.NO_SHELL, Step.SESSION, "shell"),
        (FailureKind.CONNECTION_LOST, None, "answer"),
        (FailureKind.DEADLINE_EXCEEDED, Step.PREPARE, "settings"),
        (FailureKind.DEADLINE_EXCEEDED, None, "answer"),
        (FailureKind.OUTPUT_TOO_LARGE, None, "answer"),
        (FailureKind.OUTPUT_UNREADABLE, None, "answer"),
    ],
)
def test_connection_fails_at_its_step_and_nothing_later_was_asked(
    kind: FailureKind, step: Step | None, check: str
) -> None:
    """What comes before passed, what comes after is unknown: neither passed nor failed."""
    results = _results(_failing(kind, step))

    at = _STEPS.index(check)
    assert {results[name].verdict.status for name in _STEPS[:at]} <= {CheckStatus.PASSED}
    assert results[check].verdict.status is CheckStatus.FAILED
    assert results[check].is_error
    assert results[check].verdict.remedy == "Mend it."
    later = [result for name, result in results.items() if name not in _STEPS[: at + 1]]
    assert {result.verdict.status for result in later} == {CheckStatus.UNKNOWN}
    assert {result.verdict.evidence for result in later} == {f"Not asked: the check {check!r} failed."}


def test_time_that_ran_out_after_the_login_does_not_prove_a_shell() -> None:
    """The script may never have begun."""
    results = _results(_failing(FailureKind.DEADLINE_EXCEEDED, Step.SESSION))

    assert results["login"].verdict.status is CheckStatus.PASSED
    assert results["shell"].verdict.status is CheckStatus.UNKNOWN
    assert results["answer"].verdict.status is CheckStatus.FAILED


def test_system_that_is_not_read_is_blamed_once() -> None:
    """Its package manager was never asked."""
    failure = Failure(FailureKind.UNSUPPORTED_SYSTEM, "the package manager", "opkg found.", "See what is read.")
    reading = replace(_GOOD, coverage=Coverage.UNKNOWN, failure=failure)

    assert _status(reading, "system") is CheckStatus.FAILED
    assert _status(reading, "package-manager") is CheckStatus.UNKNOWN


@pytest.mark.parametrize("kind", FailureKind)
def test_no_failure_leaves_a_machine_without_blame(kind: FailureKind) -> None:
    """Whatever stopped it, some check failed or says that it is not known; no check passes by mistake."""
    statuses = {result.verdict.status for result in judge_all(_failing(kind))}

    assert statuses & {CheckStatus.FAILED, CheckStatus.UNKNOWN}


@pytest.mark.parametrize("kind", [FailureKind.INTERNAL, FailureKind.CANCELLED])
def test_our_own_failure_blames_no_machine(kind: FailureKind) -> None:
    """Nothing is known of it then."""
    assert {result.verdict.status for result in _results(_failing(kind)).values()} == {CheckStatus.UNKNOWN}


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        (FindingKind.PACKAGE_MANAGER_LOCKED, "lock"),
        (FindingKind.PACKAGE_MANAGER_INTERRUPTED, "packages"),
        (FindingKind.DEPENDENCIES_BROKEN, "packages"),
        (FindingKind.PACKAGE_BROKEN, "packages"),
        (FindingKind.LISTS_MISSING, "repositories"),
        (FindingKind.LISTS_STALE, "lists"),
        (FindingKind.REPOSITORY_FAILING, "repositories"),
        (FindingKind.REFRESH_FAILED, "repositories"),
        (FindingKind.SECURITY_REPOSITORY_MISSING, "security-repository"),
        (FindingKind.DISK_FULL, "disk-space"),
        (FindingKind.READ_ONLY_FILESYSTEM, "writable"),
        (FindingKind.CLOCK_SKEW, "clock"),
        (FindingKind.OTHER_UPDATER, "updaters"),
        (FindingKind.END_OF_LIFE, "end-of-life"),
        (FindingKind.IDENTITY_SHARED, "identity"),
        (FindingKind.LINES_NOT_READ, "lines"),
        (FindingKind.CLASSIFICATION_UNKNOWN, "classification"),
    ],
)
def test_finding_fails_its_check_alone(kind: FindingKind, check: str) -> None:
    """With the finding's evidence and remedy."""
    finding = Finding(kind, Severity.ERROR, "It is so.", "Change it.")

    results = _results(replace(_GOOD, findings=(finding,)))

    failed = [name for name, result in results.items() if result.verdict.status is CheckStatus.FAILED]
    assert failed == [check]
    assert (results[check].verdict.evidence, results[check].verdict.remedy) == ("It is so.", "Change it.")


def test_warning_is_a_failed_check_and_no_error() -> None:
    """A pending reboot does not stop patching."""
    reading = replace(_GOOD, facts=replace(_FACTS, reboot_required=Answer.YES, reboot_reason="A kernel."))

    result = _results(reading)["reboot"]

    assert (result.verdict.status, result.is_error) == (CheckStatus.FAILED, False)


@pytest.mark.parametrize(
    ("become", "way", "status"),
    [
        (Become.NONE, RootWay.ROOT, CheckStatus.PASSED),
        (Become.SUDO, RootWay.SUDO, CheckStatus.PASSED),
        (Become.SUDO, RootWay.SUDO_PASSWORD, CheckStatus.PASSED),
        (Become.NONE, RootWay.NONE, CheckStatus.FAILED),
        (Become.NONE, None, CheckStatus.UNKNOWN),
        (Become.DOAS, RootWay.DOAS, CheckStatus.UNKNOWN),
        (Become.SUDO, None, CheckStatus.UNKNOWN),
    ],
)
def test_root_is_gained_refused_or_not_known(become: Become, way: RootWay | None, status: CheckStatus) -> None:
    """doas alone cannot be asked without running the command."""
    reading = replace(_GOOD, machine=replace(_MACHINE, become=become), facts=replace(_FACTS, root_way=way))

    assert _status(reading, "root") is status


@pytest.mark.parametrize(
    ("become", "way", "status"),
    [
        (Become.NONE, PatchWay.ROOT, CheckStatus.PASSED),
        (Become.SUDO, PatchWay.SUDO_PASSWORD, CheckStatus.PASSED),
        (Become.SUDO, PatchWay.LIMITED_SUDO, CheckStatus.PASSED),
        (Become.DOAS, PatchWay.LIMITED_DOAS, CheckStatus.PASSED),
        (Become.NONE, PatchWay.NONE, CheckStatus.FAILED),
        (Become.SUDO, PatchWay.NONE, CheckStatus.FAILED),
        (Become.DOAS, None, CheckStatus.UNKNOWN),
    ],
)
def test_patching_is_allowed_refused_or_not_known(become: Become, way: PatchWay | None, status: CheckStatus) -> None:
    """A refusal names the command that has the lines."""
    reading = replace(_GOOD, machine=replace(_MACHINE, become=become), facts=replace(_FACTS, patch_way=way))

    verdict = _results(reading)["patching"].verdict

    assert verdict.status is status
    assert ("check --sudoers --patching" in verdict.remedy) == (status is CheckStatus.FAILED)


def test_patching_without_reboots_passes_and_says_so() -> None:
    """Updates come in all the same; the evidence has what a reboot would need."""
    reading = replace(_GOOD, facts=replace(_FACTS, patch_way=PatchWay.LIMITED_SUDO, is_reboot_allowed=False))

    verdict = _results(reading)["patching"].verdict

    assert verdict.status is CheckStatus.PASSED
    assert "may not reboot" in verdict.evidence


def test_patching_does_not_apply_to_images() -> None:
    """No job installs there, whoever the user is."""
    reading = replace(_GOOD, facts=replace(_FACTS, update_model=UpdateModel.BOOTC, patch_way=PatchWay.NONE))

    assert _status(reading, "patching") is CheckStatus.NOT_APPLICABLE


@pytest.mark.parametrize("manager", ["apk", "pacman"])
def test_family_without_security_data_is_not_blamed(manager: str) -> None:
    """There is nothing to configure: the question does not apply."""
    reading = replace(_GOOD, coverage=Coverage.UNCLASSIFIED, facts=replace(_FACTS, package_manager=manager))

    assert _status(reading, "classification") is CheckStatus.NOT_APPLICABLE
    assert _status(reading, "security-repository") is CheckStatus.NOT_APPLICABLE


def test_repositories_without_advisories_fail_the_classification() -> None:
    """Where the family could tell, and nothing is counted as no security update."""
    assert _status(replace(_GOOD, coverage=Coverage.UNCLASSIFIED), "classification") is CheckStatus.FAILED
    assert _status(replace(_GOOD, coverage=Coverage.SECURITY_UNKNOWN), "security-repository") is CheckStatus.FAILED


def test_what_a_machine_does_not_say_is_unknown() -> None:
    """Never passed: an answer without facts proves nothing."""
    silent = replace(_GOOD, facts=MachineFacts(os_type=OSType.LINUX, other_updaters=None))

    for name in ("system", "lists", "disk-space", "clock", "reboot", "updaters", "end-of-life", "identity"):
        assert _status(silent, name) is CheckStatus.UNKNOWN, name


def test_failed_package_manager_leaves_the_machine_judged() -> None:
    """What the machine said of itself counts; what the package manager did not say is unknown."""
    failure = Failure(FailureKind.PACKAGE_MANAGER_FAILED, "apt-get", "exited 100.", "Read it.")
    reading = replace(_GOOD, coverage=Coverage.UNKNOWN, failure=failure)

    assert _status(reading, "answer") is CheckStatus.PASSED
    assert _status(reading, "package-manager") is CheckStatus.FAILED
    assert _status(reading, "disk-space") is CheckStatus.PASSED
    assert _status(reading, "lock") is CheckStatus.UNKNOWN


def test_updaters_that_are_known_only_by_name_are_not_passed() -> None:
    """A fact without its finding is no clean bill."""
    reading = replace(_GOOD, facts=replace(_FACTS, other_updaters=(OtherUpdater("snapd"),)))

    assert _status(reading, "updaters") is CheckStatus.UNKNOWN


def test_ended_support_is_told_with_its_day() -> None:
    """By the day of the assessment."""
    reading = replace(_GOOD, facts=replace(_FACTS, end_of_life=date(2026, 11, 19)))

    result = _results(reading)["end-of-life"]

    assert result.verdict.status is CheckStatus.FAILED
    assert "2026-11-19" in result.verdict.evidence


def test_names_of_checks_are_all_different() -> None:
    """One can be asked for alone."""
    assert len({check.name for check in CHECKS}) == len(CHECKS)
    assert [check.name for check in find_checks(["root", "login"])] == ["login", "root"]
    with pytest.raises(UnknownName, match="'root'"):
        find_checks(["rot"])
