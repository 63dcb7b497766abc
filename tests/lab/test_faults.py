"""Machines that cannot be reached or are unwell: each gives exactly its own failure or finding."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import pytest

from collectors.secrets import NoSecrets, Secret
from fleet.answers import Coverage
from fleet.assessments import Assessment, Outcome
from fleet.failures import FailureKind, FindingKind, Severity
from fleet.machines import Become, Machine
from fleet.updates import Classification
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import assess_all
from tests.lab.own_answer import Offer, OwnAnswer

FAILURES: dict[str, FailureKind] = {
    "closed": FailureKind.CONNECTION_REFUSED,
    "silent": FailureKind.NO_BANNER,
    "not-ssh": FailureKind.NOT_SSH,
    "half-open": FailureKind.LOGIN_TIMED_OUT,
    "stalls": FailureKind.CONNECTION_LOST,
    "key-changed": FailureKind.HOST_KEY_CHANGED,
    "key-unknown": FailureKind.HOST_KEY_UNKNOWN,
    "login-refused": FailureKind.LOGIN_REFUSED,
    "old-ssh": FailureKind.NO_COMMON_ALGORITHM,
    "no-shell": FailureKind.NO_SHELL,
    "cut": FailureKind.CONNECTION_LOST,
    "flood": FailureKind.OUTPUT_TOO_LARGE,
    "hangs": FailureKind.DEADLINE_EXCEEDED,
    "no-apt": FailureKind.NO_PACKAGE_MANAGER,
}


@dataclass(frozen=True, slots=True)
class Unwell:
    """What is found on a machine that answers: the errors and warnings, all of them, and how much the answer covers."""

    findings: frozenset[FindingKind]
    coverage: Coverage = Coverage.COMPLETE


def _unwell(*findings: FindingKind, coverage: Coverage = Coverage.COMPLETE) -> Unwell:
    return Unwell(frozenset(findings), coverage)


FINDINGS: dict[str, Unwell] = {
    "locked": _unwell(FindingKind.PACKAGE_MANAGER_LOCKED),
    "var-full": _unwell(FindingKind.DISK_FULL),
    "interrupted": _unwell(FindingKind.PACKAGE_MANAGER_INTERRUPTED, FindingKind.PACKAGE_BROKEN),
    "half-installed": _unwell(FindingKind.PACKAGE_MANAGER_INTERRUPTED, FindingKind.PACKAGE_BROKEN),
    "unmet": _unwell(FindingKind.DEPENDENCIES_BROKEN),
    "no-lists": _unwell(FindingKind.LISTS_MISSING, coverage=Coverage.UNKNOWN),
    "no-security-lists": _unwell(FindingKind.REPOSITORY_FAILING, coverage=Coverage.SECURITY_UNKNOWN),
    "no-security-source": _unwell(FindingKind.SECURITY_REPOSITORY_MISSING, coverage=Coverage.SECURITY_UNKNOWN),
    "security-gone": _unwell(FindingKind.REPOSITORY_FAILING, coverage=Coverage.SECURITY_UNKNOWN),
    "mirror-down": _unwell(),
    "bad-signature": _unwell(FindingKind.REPOSITORY_FAILING, coverage=Coverage.UNKNOWN),
    "stale": _unwell(FindingKind.LISTS_STALE, coverage=Coverage.SECURITY_UNKNOWN),
    "read-only": _unwell(FindingKind.READ_ONLY_FILESYSTEM),
    "clock-off": _unwell(FindingKind.CLOCK_SKEW),
}


@pytest.mark.parametrize("name", FAILURES)
def test_failure_is_the_right_one(assessed: Mapping[str, Assessment], name: str) -> None:
    """A machine that gives no answer gives one failure of the right kind, in one clean line, and no updates."""
    assessment = assessed[name]

    assert assessment.failure is not None
    assert assessment.failure.kind is FAILURES[name], assessment.failure.describe()
    assert assessment.failure.describe().isprintable()
    assert assessment.failure.remedy
    assert (assessment.outcome, assessment.coverage) == (Outcome.FAILED, Coverage.UNKNOWN)
    assert (assessment.updates, dict(assessment.installed)) == ((), {})


@pytest.mark.parametrize("name", FINDINGS)
def test_findings_are_the_right_ones(assessed: Mapping[str, Assessment], name: str) -> None:
    """A machine that is unwell answers, with exactly the errors and warnings that fit and the coverage that is left."""
    assessment = assessed[name]
    serious = [finding for finding in assessment.findings if finding.severity is not Severity.INFO]

    assert assessment.failure is None
    assert {finding.kind for finding in serious} == FINDINGS[name].findings, serious
    assert assessment.coverage is FINDINGS[name].coverage
    assert all(finding.text.isprintable() and finding.remedy for finding in serious)


@pytest.mark.parametrize("name", [name for name, unwell in FINDINGS.items() if name not in ("unmet", "no-lists")])
def test_unwell_machine_still_lists_what_apt_lists(
    ask_apt: Callable[[str], OwnAnswer], assessed: Mapping[str, Assessment], name: str
) -> None:
    """Whatever is wrong, the updates are those that the machine's own package manager still knows of."""
    said = {
        Offer(update.name, update.architecture, update.installed_version, update.offered_version)
        for update in assessed[name].updates
    }

    assert said == ask_apt(name).offers


def test_lock_names_its_holder(assessed: Mapping[str, Assessment]) -> None:
    """Who holds dpkg's lock is said, though an ordinary user asked."""
    (finding,) = [f for f in assessed["locked"].findings if f.kind is FindingKind.PACKAGE_MANAGER_LOCKED]

    assert "unattended-upgr" in finding.text


def test_broken_package_manager_installs_nothing(assessed: Mapping[str, Assessment]) -> None:
    """Where dpkg was interrupted or dependencies are unmet, no update counts as installable."""
    for name in ("interrupted", "unmet"):
        assert not any(update.is_installable for update in assessed[name].updates), name


def test_security_is_never_zero_without_its_lists(assessed: Mapping[str, Assessment]) -> None:
    """Without the lists of a security repository no update passes for an ordinary one."""
    for name in ("no-security-lists", "no-security-source", "security-gone"):
        classes = {update.classification for update in assessed[name].updates}
        assert Classification.OTHERS not in classes, name


class _OnePassword(NoSecrets):
    def __init__(self, text: str) -> None:
        self._secret = Secret(text)

    def password(self, _machine: Machine, /) -> Secret | None:
        return None

    def sudo_password(self, _machine: Machine, /) -> Secret | None:
        return self._secret


@pytest.fixture(scope="module")
def refreshed(lab: Lab) -> Mapping[str, Assessment]:
    """Assessments that ask for fresh package lists first, by sudo, with the password where one is wanted."""
    names = ("sudo-free", "sudo-apt-only", "security-gone", "mirror-down", "pending", "sudo-password")
    with_password = _OnePassword(lab.machines["sudo-password"].password)
    return {
        **assess_all(lab, names, become=Become.SUDO, refresh=True),
        "password given": _only(
            assess_all(lab, ["sudo-password"], become=Become.SUDO, refresh=True, secrets=with_password)
        ),
    }


def _only(assessments: Mapping[str, Assessment]) -> Assessment:
    (assessment,) = assessments.values()
    return assessment


@pytest.mark.parametrize("name", ["sudo-free", "sudo-apt-only", "password given"])
def test_refresh_by_sudo_works(refreshed: Mapping[str, Assessment], name: str) -> None:
    """`apt-get update` runs by sudo where it may: for all, for apt-get alone, and with the password over stdin."""
    assert refreshed[name].coverage is Coverage.COMPLETE
    assert _serious(refreshed[name]) == []


@pytest.mark.parametrize("name", ["pending", "sudo-password"])
def test_refresh_without_root_is_said(refreshed: Mapping[str, Assessment], name: str) -> None:
    """A user in no sudoers file, or whose password is not known, gets the answer of the old lists and a finding."""
    assert FindingKind.CANNOT_BECOME_ROOT in _serious(refreshed[name])
    assert refreshed[name].updates


def test_refresh_finds_the_security_repository_gone(refreshed: Mapping[str, Assessment]) -> None:
    """A security repository that answers 404 leaves security unknown, and the ordinary updates known."""
    assessment = refreshed["security-gone"]

    assert FindingKind.REPOSITORY_FAILING in _serious(assessment)
    assert assessment.coverage is Coverage.SECURITY_UNKNOWN


def test_refresh_finds_the_mirror_down(refreshed: Mapping[str, Assessment]) -> None:
    """Repositories that cannot be reached make the answer unknown, however well the old lists look."""
    assessment = refreshed["mirror-down"]

    assert {FindingKind.REPOSITORY_FAILING, FindingKind.REFRESH_FAILED} & set(_serious(assessment))
    assert assessment.coverage is not Coverage.COMPLETE


def _serious(assessment: Assessment) -> Sequence[FindingKind]:
    return [finding.kind for finding in assessment.findings if finding.severity is not Severity.INFO]
