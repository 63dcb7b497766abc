"""What became of Windows updates: by a new search, and by what Windows Update itself said of each."""

from datetime import UTC, datetime

import pytest

from fleet.deployments.jobs import BatchOutcome, BatchRecord, JobReport, JobState, UpdateResult
from fleet.deployments.outcomes import judge_outcomes
from fleet.deployments.plan import WINDOWS_MANAGER, MachinePlan, Selection
from fleet.deployments.runs import InstallationStatus, UpdateOutcome
from fleet.updates import Classification, Update, WindowsUpdate
from ops.deployments.manager_versions import compare_of

TITLE = "2026-11 Cumulative Update (KB5044284)"
UPDATE = Update(
    TITLE,
    "",
    "",
    "KB5044284",
    Classification.SECURITY,
    "wua",
    "",
    windows=WindowsUpdate("guid", "200", kb=("5044284",), product="Windows Server 2022"),
)
THERE = {(TITLE, ""): "KB5044284"}


def batch(number: int, outcome: BatchOutcome | None) -> BatchRecord:
    """A batch that held the update."""
    return BatchRecord(number, number, ((TITLE, ""),), 1.0, None if outcome is None else 9.0, outcome)


def judge(
    *batches: BatchRecord,
    result: UpdateResult | None = None,
    after: dict[tuple[str, str], str] | None = None,
    state: JobState = JobState.ENDED,
    reboot_pending: bool = False,
) -> UpdateOutcome:
    """The outcome of the one update."""
    report = JobReport("id", state, batches, results=(result,) if result else ())
    plan = MachinePlan("m", "win-1", 0, WINDOWS_MANAGER, selection=Selection((UPDATE,), ()))
    (outcome,) = judge_outcomes(
        plan,
        {},
        after or {},
        report,
        compare=compare_of(WINDOWS_MANAGER),
        began_at=datetime(2026, 11, 20, tzinfo=UTC),
        reboot_pending=reboot_pending,
    )
    return outcome


def test_update_that_is_installed_after_all_succeeded_on_retry() -> None:
    """The first try failed, the second did not: the records say so, with what they know it by."""
    good = UpdateResult(TITLE, "", BatchOutcome.SUCCEEDED)

    outcome = judge(batch(1, BatchOutcome.FAILED), batch(2, BatchOutcome.SUCCEEDED), result=good, after=THERE)

    assert (outcome.status, outcome.succeeded_on_retry) == (InstallationStatus.SUCCEEDED, True)
    assert (outcome.update_id, outcome.kb, outcome.product) == ("guid", "5044284", "Windows Server 2022")
    assert outcome.error_code == ""


def test_good_update_of_a_bad_batch_is_no_retry() -> None:
    """Another update of its batch failed; it did not."""
    outcome = judge(batch(1, BatchOutcome.FAILED), result=UpdateResult(TITLE, "", BatchOutcome.SUCCEEDED), after=THERE)

    assert (outcome.status, outcome.succeeded_on_retry) == (InstallationStatus.SUCCEEDED, False)


def test_failed_update_has_its_number_and_what_that_means() -> None:
    """The code has a field of its own, the words begin with it."""
    bad = UpdateResult(TITLE, "", BatchOutcome.FAILED, "0x80070643", "its installer failed")

    outcome = judge(batch(1, BatchOutcome.FAILED), result=bad)

    assert outcome.status is InstallationStatus.INSTALL_FAILED
    assert (outcome.error_code, outcome.error) == ("0x80070643", "0x80070643: its installer failed")


@pytest.mark.parametrize("kind", [BatchOutcome.NETWORK, BatchOutcome.LOCKED, BatchOutcome.NO_SPACE])
def test_what_never_got_to_installing_failed_otherwise(kind: BatchOutcome) -> None:
    """Not to be downloaded is no failed installation."""
    outcome = judge(batch(1, kind), result=UpdateResult(TITLE, "", kind, "0x8024402C", "no name"))

    assert outcome.status is InstallationStatus.FAILED


def test_update_that_waits_for_its_restart_is_installed() -> None:
    """Windows offers it until then; once it has restarted and still does, it was rolled back."""
    good = UpdateResult(TITLE, "", BatchOutcome.SUCCEEDED, needs_restart=True)

    waiting = judge(batch(1, BatchOutcome.SUCCEEDED), result=good, reboot_pending=True)
    rolled_back = judge(batch(1, BatchOutcome.SUCCEEDED), result=good)

    assert waiting.status is InstallationStatus.SUCCEEDED
    assert "restart" in waiting.error
    assert rolled_back.status is InstallationStatus.INSTALL_FAILED
    assert "rolled back" in rolled_back.error


def test_interrupted_update_is_judged_by_the_search_after() -> None:
    """A reboot in the middle: it is there, or its installation was interrupted."""
    unsettled = UpdateResult(TITLE)

    there = judge(batch(1, None), result=unsettled, after=THERE, state=JobState.INTERRUPTED)
    gone = judge(batch(1, None), result=unsettled, state=JobState.INTERRUPTED)

    assert there.status is InstallationStatus.SUCCEEDED
    assert gone.status is InstallationStatus.INSTALL_FAILED
    assert "interrupted" in gone.error


def test_withdrawn_update_was_not_started_and_says_why() -> None:
    """It is no failure of the machine that Windows Update does not offer it any more."""
    outcome = judge(result=UpdateResult(TITLE, words="Windows Update did not offer it any more"))

    assert outcome.status is InstallationStatus.NOT_STARTED
    assert outcome.error == "Windows Update did not offer it any more"


def test_update_that_a_restart_keeps_out_says_so() -> None:
    """It was not begun, and is for a further round."""
    outcome = judge(batch(1, BatchOutcome.NEEDS_RESTART), result=UpdateResult(TITLE))

    assert outcome.status is InstallationStatus.NOT_STARTED
    assert "restart" in outcome.error
