"""How long plans take, by the fleet's own history."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.answers import Answer
from fleet.deployments.plan import ChangeKind, PackageChange
from fleet.deployments.prediction import (
    BYTES_PER_PACKAGE,
    KERNEL_PACKAGES,
    PastInstall,
    PlannedWork,
    Prediction,
    fits,
    plan_work,
    predict,
    predict_seconds,
)
from fleet.deployments.window import Window


def _past(packages: int, seconds: float, machine: str = "web", **more: object) -> PastInstall:
    return PastInstall(machine, "apt", packages, seconds, **more)  # type: ignore[arg-type]  # the fields of an install


_LINE = [_past(packages, 20 + 3 * packages) for packages in (1, 5, 10, 20, 40)]


def _seconds(history: list[PastInstall], work: PlannedWork, machine: str = "web") -> float:
    seconds = predict_seconds(history, work, machine, "apt")
    assert seconds is not None
    return seconds


def test_nothing_is_predicted_without_history() -> None:
    """No installation of that package manager, no number."""
    assert predict_seconds([], PlannedWork(5), "web", "apt") is None
    assert predict_seconds(_LINE, PlannedWork(5), "web", "dnf") is None


def test_prediction_is_base_and_packages() -> None:
    """What the history did exactly is found again: 20 seconds, and 3 a package."""
    assert _seconds(_LINE, PlannedWork(30)) == pytest.approx(110)


def test_one_installation_that_hung_does_not_bend_the_line() -> None:
    """An hour's outlier changes little of what is typical, and careful takes note of it."""
    history = [*_LINE, _past(8, 3600)]
    prediction = predict(history, PlannedWork(30), "web", "apt")
    assert prediction is not None
    assert prediction.install_seconds < 150
    assert prediction.careful_install_seconds > prediction.install_seconds


def test_own_history_comes_first() -> None:
    """A slow machine is predicted from its own installations as soon as there are three."""
    slow = [_past(packages, 100 + 10 * packages, "slow") for packages in (2, 4, 8)]
    prediction = predict([*_LINE, *slow], PlannedWork(10), "slow", "apt")
    assert prediction is not None
    assert prediction.is_own
    assert prediction.install_seconds == pytest.approx(200)


def test_machine_with_little_history_is_predicted_from_its_like() -> None:
    """With two installations of its own, those of all machines with the same package manager count."""
    prediction = predict([*_LINE, _past(1, 23, "new"), _past(5, 35, "new")], PlannedWork(10), "new", "apt")
    assert prediction is not None
    assert not prediction.is_own
    assert prediction.installs == 7
    assert prediction.install_seconds == pytest.approx(50)


def test_history_of_one_size_grows_in_proportion_and_never_shrinks() -> None:
    """Where only one size was seen, twice as much takes twice as long, and less takes as long."""
    history = [_past(10, 60), _past(10, 80), _past(10, 70)]
    assert _seconds(history, PlannedWork(20)) == pytest.approx(140)
    assert _seconds(history, PlannedWork(1)) == pytest.approx(70)


def test_downloads_and_kernels_are_work() -> None:
    """A kernel counts as many packages, a download by its size, where the history knows sizes."""
    history = [replace(each, download_bytes=0) for each in _LINE]
    plain = _seconds(history, PlannedWork(10, 0))
    assert _seconds(history, PlannedWork(10, 0, has_kernel=True)) == pytest.approx(plain + 3 * KERNEL_PACKAGES)
    assert _seconds(history, PlannedWork(10, 10 * BYTES_PER_PACKAGE)) == pytest.approx(plain + 30)
    assert _seconds(_LINE, PlannedWork(10, 10 * BYTES_PER_PACKAGE)) == pytest.approx(50)


def test_reboot_adds_the_machine_s_own_median() -> None:
    """Large servers take their time: their own reboots count before those of others."""
    history = [*_LINE, _past(1, 23, "big", reboot_seconds=900.0), _past(1, 23, reboot_seconds=40.0)]
    assert _seconds(history, PlannedWork(0, reboots=True), "big") == 900
    assert _seconds(history, PlannedWork(0, reboots=True), "other") == pytest.approx(470)


def test_nothing_to_install_takes_no_time() -> None:
    """Without packages and without a reboot, nothing."""
    assert _seconds(_LINE, PlannedWork(0)) == 0


def test_work_of_a_transaction_is_its_packages() -> None:
    """Each package that changes counts."""
    changes = [PackageChange(ChangeKind.UPGRADE, "a", "amd64"), PackageChange(ChangeKind.REMOVE, "b", "amd64")]
    assert plan_work(changes, 7, kernel=True, reboots=False) == PlannedWork(2, 7, True, False)


@pytest.mark.parametrize(
    ("prediction", "answer"),
    [
        (None, Answer.UNKNOWN),
        (Prediction(100, 7200, 0.0, 0.0, 5, True), Answer.YES),
        (Prediction(100, 7201, 0.0, 0.0, 5, True), Answer.NO),
        (Prediction(100, 6600, 300.0, 600.0, 5, True), Answer.YES),
        (Prediction(100, 6601, 300.0, 300.0, 5, True), Answer.NO),
        (Prediction(100, 6000, 300.0, 1201.0, 5, True), Answer.NO),
        (Prediction(100, 100, None, None, 5, True), Answer.UNKNOWN),
        (Prediction(100, 6601, None, None, 5, True), Answer.NO),
    ],
)
def test_careful_time_must_fit_the_window(prediction: Prediction | None, answer: Answer) -> None:
    """Two hours, of which the last ten minutes take no reboot."""
    assert fits(prediction, Window()) is answer


_HISTORY = st.lists(
    st.builds(
        PastInstall,
        machine_id=st.sampled_from(("web", "db")),
        package_manager=st.sampled_from(("apt", "dnf")),
        packages=st.integers(-1, 500),
        seconds=st.floats(allow_nan=True, allow_infinity=True),
        download_bytes=st.none() | st.integers(0, 10**10),
        reboot_seconds=st.none() | st.floats(0, 10_000),
        has_kernel=st.booleans(),
    ),
    max_size=30,
)


@settings(deadline=None)
@given(_HISTORY, st.integers(0, 500), st.integers(0, 100), st.none() | st.integers(0, 10**10), st.booleans())
def test_more_packages_never_take_less(
    history: list[PastInstall], packages: int, more: int, download_bytes: int | None, has_kernel: bool
) -> None:
    """Monotone, in both the typical and the careful time, whatever the history; and careful is never below typical."""
    work = PlannedWork(packages, download_bytes, has_kernel)
    less = predict(history, work, "web", "apt")
    greater = predict(history, replace(work, packages=packages + more), "web", "apt")
    assert (less is None) == (greater is None)
    if less is not None and greater is not None:
        assert 0 <= less.install_seconds <= greater.install_seconds
        assert less.careful_install_seconds <= greater.careful_install_seconds
        assert less.install_seconds <= less.careful_install_seconds


@settings(deadline=None)
@given(_HISTORY, st.integers(1, 500), st.integers(0, 10**9), st.integers(0, 10**9))
def test_larger_downloads_never_take_less(history: list[PastInstall], packages: int, size: int, more: int) -> None:
    """Monotone in the download, too."""
    less = predict_seconds(history, PlannedWork(packages, size), "web", "apt")
    greater = predict_seconds(history, PlannedWork(packages, size + more), "web", "apt")
    assert less is None or (greater is not None and less <= greater)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200), st.floats(1, 5_000)), min_size=3, max_size=20), st.floats(0.1, 10))
def test_prediction_scales_with_the_history(points: list[tuple[int, float]], factor: float) -> None:
    """A fleet that is twice as slow is predicted twice the time."""
    once = [_past(packages, seconds) for packages, seconds in points]
    slower = [replace(each, seconds=each.seconds * factor) for each in once]
    assert _seconds(slower, PlannedWork(50)) == pytest.approx(
        _seconds(once, PlannedWork(50)) * factor, rel=1e-6, abs=1e-3
    )
