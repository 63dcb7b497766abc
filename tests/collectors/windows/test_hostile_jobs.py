"""Status files and answers that no job of ours would write: read harmlessly, or refused in one line."""

import base64
import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collectors.windows.job_reports import Heard, read_job
from collectors.windows.look import read_look
from collectors.windows.script_ends import read_ports, read_reboot, read_script_end
from fleet.deployments.jobs import BatchOutcome, JobState
from fleet.errors import UnreadableOutput

JOB = "20261120T020000Z-5f3a9c-install"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def make_answer(**fields: object) -> dict[str, object]:
    """An answer about a job that runs."""
    status = {"schema": 1, "job": JOB, "kind": "install", "phase": "installing", "process": 12, "elapsed_seconds": 5.5}
    told: dict[str, object] = {"schema": 1, "job": JOB, "state": "running", "boot": "2026-11-20T01:02:03Z"}
    return told | {"status": status, "log": "", "log_from": 0, "stamp": "x"} | fields


def make_status(**fields: object) -> dict[str, object]:
    """An answer whose status file has these fields."""
    answer = make_answer()
    status = answer["status"]
    assert isinstance(status, dict)
    return answer | {"status": status | fields}


def read(answer: dict[str, object], percent: float = 0.0) -> Heard:
    """The report of an answer that is none of a refusal."""
    heard = read_job(answer, JOB, 0, percent)
    assert isinstance(heard, Heard)
    return heard


def test_progress_never_goes_back() -> None:
    """What the agent counts jumps; what is shown does not, and stays within its bounds."""
    assert read(make_status(percent=30), 45.0).report.progress.percent == 45.0  # type: ignore[union-attr] # it runs
    assert read(make_status(percent=300)).report.progress.percent == 100.0  # type: ignore[union-attr] # as above
    assert read(make_status(percent=-4)).report.progress.percent == 0.0  # type: ignore[union-attr] # as above


def test_steering_characters_of_a_status_file_are_made_harmless() -> None:
    """Names, notes and steps of a machine cannot move a terminal's cursor."""
    update = {"id": "a", "name": "evil\x1b[2J\u202ename", "install_result": 4, "install_hresult": "-2145124329"}
    answer = make_status(
        updates=[update],
        notes={"value": [{"seconds": 1, "text": "a\x1b]0;x\x07"}], "Count": 1},
        doing="x\x1b",
        current="a",
    )

    report = read(answer).report

    shown = repr(report)
    assert "\\x1b" not in shown
    assert "\\u202e" not in shown
    assert report.results[0].code == "0x80240017"


def test_single_elements_and_signed_numbers_of_powershell_are_read() -> None:
    """A list of one became its element, a number became a text."""
    batch = {
        "number": "1",
        "action": "install",
        "updates": {"id": "a", "result": "2", "hresult": 0},
        "began_seconds": 1,
        "ended_seconds": 2,
    }

    report = read(make_status(batches=batch, updates={"id": "a", "name": "One"})).report

    assert report.batches[0].packages == (("One", ""),)
    assert report.batches[0].outcome is BatchOutcome.SUCCEEDED


def test_seconds_that_no_job_takes_stay_within_what_times_can_hold() -> None:
    """A run's records have moments made of them."""
    batch = {"number": 1, "action": "install", "updates": [], "began_seconds": -5, "ended_seconds": 9e17}

    report = read(make_status(batches=[batch], elapsed_seconds=9e17)).report

    assert report.batches[0].began_seconds == 0.0
    assert timedelta(seconds=(report.batches[0].ended_seconds or 0) + (report.elapsed_seconds or 0)).days < 30_000


@pytest.mark.parametrize(
    "answer",
    [
        make_answer(schema=2),
        make_answer(job="another"),
        make_answer(state="dancing"),
        make_answer(log="***"),
        make_answer(log=[1]),
        make_answer(log=base64.b64encode(b"x" * 900_000).decode()),
        make_answer(log="eA==", log_from=17),
        make_answer(state="ended", status=None),
        make_answer(status="text"),
        make_status(batches=["x"]),
        make_status(batches=[{"number": n} for n in range(6000)]),
    ],
)
def test_answer_that_no_script_of_ours_gives_is_refused(answer: dict[str, object]) -> None:
    """In one line that says what cannot be read."""
    with pytest.raises(UnreadableOutput):
        read_job(answer, JOB, 0)


def test_interrupted_job_without_a_process_says_that_it_never_began() -> None:
    """The scheduler's last result is explained."""
    answer = make_status(process=0) | {"state": "interrupted", "task_result": "0x800710E0", "task_state": 3}

    heard = read(answer)

    assert heard.report.state is JobState.INTERRUPTED
    assert "never began" in heard.report.notes[-1].text
    assert "0x800710E0" in heard.report.notes[-1].text


@given(st.dictionaries(st.sampled_from(sorted(make_answer())), ANYTHING), ANYTHING)
def test_whatever_a_machine_says_is_read_or_refused(fields: dict[str, object], status: object) -> None:
    """No answer raises anything else, and what is read can be kept as JSON."""
    for answer in (make_answer(**fields), make_answer(status=status), make_status(batches=status, updates=status)):
        try:
            heard = read_job(json.loads(json.dumps(answer)), JOB, 0)
        except UnreadableOutput:
            continue
        assert not isinstance(heard, Heard) or heard.report.id == JOB


@given(st.dictionaries(st.sampled_from(["schema", "boot", "listening", "exit", "output", "ports", "users"]), ANYTHING))
def test_other_answers_are_read_or_refused(fields: dict[str, object]) -> None:
    """The same of looks, restarts, scripts and ports."""
    answer = {"schema": 1, "boot": "2026-11-20T01:02:03Z", **fields}
    for reader in (read_look, read_reboot, read_script_end, lambda told: read_ports(told, (80,))):
        try:
            reader(answer)
        except UnreadableOutput:
            continue
