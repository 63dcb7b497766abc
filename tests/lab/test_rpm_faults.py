"""Machines with dnf or zypper that are unwell: each says what it has, and none passes for up to date."""

from collections.abc import Mapping

import pytest

from fleet.answers import Coverage
from fleet.assessments import Assessment
from fleet.failures import FindingKind, Severity
from fleet.machines import Become
from fleet.updates import Classification
from tests.lab.builder.lab import Lab
from tests.lab.fleet_of import assess_all

# What is found, one of them at least, and whether updates are listed all the same.
_UNREAD = {FindingKind.LISTS_MISSING, FindingKind.REPOSITORY_FAILING}
NOTHING_KNOWN = ("rocky-no-cache", "rocky-no-repositories", "sles-no-cache", "sles-no-repositories")
NOT_WHOLE: dict[str, set[FindingKind]] = {
    "rocky-repository-down": _UNREAD,
    "rocky-repository-skipped": _UNREAD,
    "rocky-broken-repository": {FindingKind.SETTINGS_UNREADABLE},
    "rocky-stale": {FindingKind.LISTS_STALE},
    "sles-repository-down": _UNREAD,
    "sles-stale": {FindingKind.LISTS_STALE},
}
BROKEN = ("rocky-broken-database", "rocky-broken-settings")
LOCKED = ("rocky-busy", "sles-busy")


@pytest.mark.parametrize("name", NOTHING_KNOWN)
def test_machine_without_metadata_knows_nothing(assessed: Mapping[str, Assessment], name: str) -> None:
    """Without any metadata nothing can be said, which is not the same as nothing to do; and a remedy is given."""
    assessment = assessed[name]
    serious = [finding for finding in assessment.findings if finding.severity is not Severity.INFO]

    assert (assessment.coverage, assessment.updates) == (Coverage.UNKNOWN, ())
    assert assessment.failure or serious
    assert all(finding.remedy and finding.text.isprintable() for finding in serious)


@pytest.mark.parametrize("name", NOT_WHOLE)
def test_answer_that_is_not_whole_says_what_is_missing(assessed: Mapping[str, Assessment], name: str) -> None:
    """A repository that was never read, and metadata of last spring: the rest is listed, and security is not known."""
    assessment = assessed[name]
    plain = assessed[name.partition("-")[0]]

    assert assessment.failure is None
    assert assessment.coverage is not Coverage.COMPLETE
    assert NOT_WHOLE[name] & _serious(assessment)
    assert {u.name for u in assessment.updates} == {u.name for u in plain.updates}
    assert {u.name for u in assessment.updates if u.classification is Classification.CRITICAL} == {"acme-critical"}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_package_manager_is_told(assessed: Mapping[str, Assessment], name: str) -> None:
    """A damaged database and unreadable settings: a failure or an error, never an empty answer that looks whole."""
    assessment = assessed[name]
    errors = [finding for finding in assessment.findings if finding.severity is Severity.ERROR]

    assert assessment.failure or errors
    assert assessment.coverage is Coverage.UNKNOWN


@pytest.mark.parametrize(("name", "holder"), [("rocky-busy", "dnf"), ("sles-busy", "zypper")])
def test_lock_names_its_holder(assessed: Mapping[str, Assessment], name: str, holder: str) -> None:
    """Who holds the lock is said, though an ordinary user asked."""
    (finding,) = [f for f in assessed[name].findings if f.kind is FindingKind.PACKAGE_MANAGER_LOCKED]

    assert holder in finding.text


@pytest.fixture(scope="module")
def refreshed(lab: Lab) -> Mapping[str, Assessment]:
    """Assessments by sudo that ask for new metadata first."""
    names = (
        "rocky-no-cache-sudo", "rocky-repository-down", "rocky-repository-skipped", "rocky-busy", "sles-no-cache-sudo",
        "sles-repository-down", "sles-update-down", "sles-busy",
    )  # fmt: skip
    return assess_all(lab, names, become=Become.SUDO, refresh=True)


@pytest.mark.parametrize(("name", "plain"), [("rocky-no-cache-sudo", "rocky"), ("sles-no-cache-sudo", "sles")])
def test_refresh_fetches_what_was_never_there(
    refreshed: Mapping[str, Assessment], assessed: Mapping[str, Assessment], name: str, plain: str
) -> None:
    """With sudo the metadata is fetched, and the machine answers like any other."""
    assert refreshed[name].coverage is Coverage.COMPLETE
    assert refreshed[name].updates == assessed[plain].updates
    assert _serious(refreshed[name]) == _serious(assessed[plain])


@pytest.mark.parametrize(
    "name", ["rocky-repository-down", "rocky-repository-skipped", "sles-repository-down", "sles-update-down"]
)
def test_refresh_finds_the_repository_down(refreshed: Mapping[str, Assessment], name: str) -> None:
    """A repository that cannot be reached is told and the answer is not whole, even where dnf skips it in silence."""
    assert {FindingKind.REPOSITORY_FAILING, FindingKind.REFRESH_FAILED} & _serious(refreshed[name])
    assert refreshed[name].coverage is not Coverage.COMPLETE


@pytest.mark.parametrize("name", LOCKED)
def test_refresh_beside_another_one_does_not_wait_for_ever(
    refreshed: Mapping[str, Assessment], assessed: Mapping[str, Assessment], name: str
) -> None:
    """Another one holds the lock: the machine still answers from what it has, and says so."""
    assert {FindingKind.PACKAGE_MANAGER_LOCKED, FindingKind.REFRESH_FAILED} & _serious(refreshed[name])
    assert refreshed[name].updates == assessed[name].updates


def _serious(assessment: Assessment) -> set[FindingKind]:
    return {finding.kind for finding in assessment.findings if finding.severity is not Severity.INFO}
