"""A machine is compliant only when a fresh and whole answer says so."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.answers import Coverage
from fleet.assessments import MissingCounts
from fleet.compliance import Compliance, freshness_limit, judge
from fleet.failures import FailureKind
from fleet.machines import OSType

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


def judged(
    *,
    enabled: bool = True,
    os_type: OSType | None = OSType.LINUX,
    failure: FailureKind | None = None,
    age: timedelta | None = timedelta(minutes=5),
    coverage: Coverage = Coverage.COMPLETE,
    counts: MissingCounts | None = None,
) -> Compliance:
    answered = age is not None
    return judge(
        now=NOW,
        enabled=enabled,
        os_type=os_type,
        last_failure=failure,
        answered_at=NOW - age if age is not None else None,
        coverage=coverage if answered else None,
        counts=(counts or MissingCounts()) if answered else None,
    )


def test_whole_fresh_answer_without_security_updates_is_compliant() -> None:
    """Other updates that are missing do not make a machine non-compliant."""
    assert judged(counts=MissingCounts(others=7)) is Compliance.COMPLIANT


@pytest.mark.parametrize("counts", [MissingCounts(security=1), MissingCounts(critical=1)])
def test_missing_security_update_is_non_compliant(counts: MissingCounts) -> None:
    """One critical or security update is enough."""
    assert judged(counts=counts) is Compliance.NON_COMPLIANT


def test_known_missing_security_update_outweighs_partial_coverage() -> None:
    """What is known to be missing counts even where the rest is not known."""
    known = judged(counts=MissingCounts(security=1), coverage=Coverage.SECURITY_UNKNOWN)
    assert known is Compliance.NON_COMPLIANT


def test_never_assessed_is_its_own_answer() -> None:
    """A machine that never answered is neither compliant nor unknown."""
    assert judged(age=None) is Compliance.NOT_ASSESSED


def test_failed_attempt_hides_an_older_good_answer() -> None:
    """A machine whose last assessment failed is not judged by the one before, however good that was."""
    assert judged(failure=FailureKind.CONNECTION_REFUSED) is Compliance.UNREACHABLE


@pytest.mark.parametrize(
    ("failure", "compliance"),
    [
        (FailureKind.LOGIN_REFUSED, Compliance.UNREACHABLE),
        (FailureKind.HOST_KEY_CHANGED, Compliance.UNREACHABLE),
        (FailureKind.OUTPUT_UNREADABLE, Compliance.FAILED),
        (FailureKind.NO_PACKAGE_MANAGER, Compliance.FAILED),
        (FailureKind.DEADLINE_EXCEEDED, Compliance.FAILED),
    ],
)
def test_machine_that_was_reached_is_not_called_unreachable(failure: FailureKind, compliance: Compliance) -> None:
    """An answer that could not be had or used is another thing than a machine that could not be asked."""
    assert judged(failure=failure) is compliance


def test_disabled_machine_is_only_disabled() -> None:
    """A disabled machine is never judged."""
    assert judged(enabled=False, failure=FailureKind.NO_BANNER, counts=MissingCounts(security=3)) is Compliance.DISABLED


@pytest.mark.parametrize("os_type", [OSType.LINUX, OSType.WINDOWS, None])
def test_answer_counts_until_its_limit_and_not_longer(os_type: OSType | None) -> None:
    """At the limit an answer still counts; a second later it is stale."""
    limit = freshness_limit(os_type)
    assert judged(os_type=os_type, age=limit) is Compliance.COMPLIANT
    assert judged(os_type=os_type, age=limit + timedelta(seconds=1)) is Compliance.STALE


@given(
    enabled=st.booleans(),
    failure=st.none() | st.sampled_from(FailureKind),
    age_hours=st.none() | st.floats(0, 1_000),
    coverage=st.sampled_from(Coverage),
    counts=st.builds(MissingCounts, *[st.integers(0, 2)] * 5),
)
def test_compliant_means_enabled_reached_fresh_whole_and_nothing_missing(
    enabled: bool, failure: FailureKind | None, age_hours: float | None, coverage: Coverage, counts: MissingCounts
) -> None:
    """No combination of doubts is ever called compliant."""
    age = None if age_hours is None else timedelta(hours=age_hours)
    if judged(enabled=enabled, failure=failure, age=age, coverage=coverage, counts=counts) is Compliance.COMPLIANT:
        assert enabled
        assert failure is None
        assert age is not None
        assert age <= freshness_limit(OSType.LINUX)
        assert coverage.sees_every_update
        assert not (counts.critical or counts.security or counts.unclassified)
