"""Which runs are taken up when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from fleet.deployments.deployment import Deployment
from fleet.deployments.runs import Requester, Run, RunStatus
from ops.service.open_runs import Broken, Choice, choose_runs

_NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def _run(run_id: str, minutes: float, status: RunStatus = RunStatus.WAITING, predownload: int = 0) -> Run:
    at = _NOW + timedelta(minutes=minutes)
    deployment = Deployment("d", ("all",), predownload_minutes=predownload)
    return Run(run_id, deployment, status, at, at + timedelta(hours=2), Requester("schedule"), _NOW)


def _choose(*runs: Run, most: int = 8, **more: object) -> Choice:
    given = {"in_work": (), "asked": (), "broken": {}, "most": most, "now": _NOW} | more
    return choose_runs(runs, **given)  # type: ignore[arg-type]


def test_a_run_waits_for_its_window() -> None:
    """It is looked at again when the window opens."""
    choice = _choose(_run("later", 30))
    assert choice.begin == ()
    assert choice.next_at == _NOW + timedelta(minutes=30)


def test_a_run_that_downloads_before_is_begun_before() -> None:
    """By its minutes."""
    assert [run.id for run in _choose(_run("early", 30, predownload=30)).begin] == ["early"]


def test_what_was_begun_goes_before_what_waits_and_only_so_many_at_once() -> None:
    """The rest waits, and is told of."""
    runs = [_run("b", -5), _run("a", -9), _run("going", -1, RunStatus.IN_PROGRESS), _run("held", -1, RunStatus.PAUSED)]
    choice = _choose(*runs, most=2)
    assert [run.id for run in choice.begin] == ["going", "held", "a"]
    assert [run.id for run in choice.waiting] == ["b"]


def test_runs_in_work_take_room_and_are_not_begun_again() -> None:
    """Also where the settings allow fewer than are in work."""
    choice = _choose(_run("a", -1), _run("b", -1), most=1, in_work=("a",))
    assert choice.begin == ()
    assert [run.id for run in choice.waiting] == ["b"]


def test_a_run_that_is_asked_something_is_taken_up_before_its_time() -> None:
    """So that it can be cancelled before its window opens."""
    assert [run.id for run in _choose(_run("a", 600), asked=("a",)).begin] == ["a"]


def test_paused_runs_take_no_room() -> None:
    """Somebody who pauses eight runs and goes home does not stop the night."""
    paused = [_run(f"p{number}", -60, RunStatus.PAUSED) for number in range(8)]
    choice = _choose(*paused, _run("a", -1), in_work=tuple(run.id for run in paused))
    assert [run.id for run in choice.begin] == ["a"]
    assert choice.waiting == ()


def test_a_run_that_is_cancelled_waits_for_no_other() -> None:
    """It has only to be ended."""
    choice = _choose(
        _run("a", -1), _run("b", -1), _run("c", 60), most=1, in_work=("a",), asked=("c",), cancelled=("c",)
    )
    assert [run.id for run in choice.begin] == ["c"]
    assert [run.id for run in choice.waiting] == ["b"]


def test_a_run_that_broke_off_waits_before_it_is_taken_up_again() -> None:
    """No busy loop."""
    broken = Broken(2, _NOW + timedelta(minutes=2), "it broke")
    choice = _choose(replace(_run("a", -1), status=RunStatus.IN_PROGRESS), broken={"a": broken})
    assert choice.begin == ()
    assert choice.next_at == broken.again_at
