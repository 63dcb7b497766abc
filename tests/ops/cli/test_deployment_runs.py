"""`patchdeck deployments`: asking for runs, watching them, what became of them; over runs that a test wrote down."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from fleet.deployments.deployment import Deployment
from fleet.deployments.plan import MachinePlan, Plan
from fleet.deployments.runs import (
    InstallationStatus,
    MachineRun,
    MachineRunStatus,
    Requester,
    Run,
    RunStatus,
    RunStep,
    UpdateOutcome,
)
from fleet.deployments.update_rules import UpdateRules
from fleet.updates import Classification
from ops.deployments import events
from ops.deployments.folder import RunFolder, run_folder
from ops.home import Home, open_home
from ops.state.database import opened
from ops.state.runs import RunAction, RunBook

Patchdeck = Callable[..., Any]

_AT = datetime(2026, 11, 20, 2, tzinfo=UTC)
_ID = "20261120T020000Z-5f3a9c"
_HOSTILE = "openssl\x1b[31m\u202e"


def outcome(name: str, status: InstallationStatus, error: str = "") -> UpdateOutcome:
    return UpdateOutcome(name, "amd64", "1.0", "1.1", Classification.SECURITY.value, status, error=error)


def machine(name: str, wave: int, status: MachineRunStatus, *outcomes: UpdateOutcome, error: str = "") -> MachineRun:
    step = None if status is MachineRunStatus.NOT_STARTED else RunStep.REPORT
    return MachineRun(
        _ID, f"id-{name}", name, wave, status, step, _AT, None, install_seconds=65.0, error=error, outcomes=outcomes
    )


_MACHINES = (
    machine("web-01", 0, MachineRunStatus.SUCCEEDED, outcome("bash", InstallationStatus.SUCCEEDED)),
    machine(
        "web-02",
        1,
        MachineRunStatus.FAILED,
        outcome(_HOSTILE, InstallationStatus.INSTALL_FAILED, "postinst \x1b]0;x\x07failed"),
        outcome("nginx", InstallationStatus.EXCLUDED),
        error="dpkg \x1b[2Jfailed",
    ),
    machine("web-03", 1, MachineRunStatus.NOT_STARTED),
)
_RUN = Run(
    _ID,
    Deployment("web", ("web-*",), UpdateRules((Classification.SECURITY,))),
    RunStatus.FAILED,
    _AT,
    _AT + timedelta(hours=2),
    Requester("anna", "192.0.2.9 50000 22", "patchdeck deployments run web"),
    _AT,
    plan_hash="abc123",
    started_at=_AT,
    ended_at=_AT + timedelta(minutes=20),
    note="1 of 3 machines failed",
)
_PLAN = Plan("web", _AT, tuple(MachinePlan(m.machine_id, m.machine_name, m.wave) for m in _MACHINES), "abc123")


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> list[Home]:
    """The homes whose service was called; no test here starts a real one."""
    homes: list[Home] = []

    def call(home: Home) -> str:
        homes.append(home)
        return ""

    monkeypatch.setattr("ops.deployments.service_call.call_service", call)
    return homes


@contextmanager
def book_of(home: Path) -> Iterator[RunBook]:
    with opened(open_home(home).state_file) as connection:
        yield RunBook(connection)


def write_down(home: Path, run: Run = _RUN) -> None:
    with book_of(home) as book:
        book.make(run)
        machines = [replace(each, run_id=run.id) for each in _MACHINES]
        book.freeze(run, _PLAN, machines)


@pytest.fixture
def written(home: Path) -> Path:
    """A home with one run that is over: one machine succeeded, one failed, one was not begun."""
    write_down(home)
    return home


@pytest.fixture
def folder(written: Path) -> RunFolder:
    """The folder of that run, with what happened in it."""
    made = run_folder(Home(written), _ID)
    made.add_events(
        [
            events.RunBegan(_AT, _ID, "web"),
            events.PlanFrozen(_AT, "abc123", 3, 2, 2),
            events.WaveBegan(_AT, 0, 1),
            events.MachineStepBegan(_AT, "id-web-01", "web-01", RunStep.INSTALL),
            events.MachineProgress(_AT, "id-web-01", "web-01", 42.0, _HOSTILE, "unpacking"),
            events.MachineLog(_AT, "id-web-01", "web-01", 0, 10),
            events.MachineOver(_AT, "id-web-01", "web-01", MachineRunStatus.SUCCEEDED, updates_succeeded=1),
            events.GateFailed(_AT, 0, ("only 0% succeeded",)),
            events.RunOver(_AT + timedelta(seconds=90), RunStatus.FAILED, "1 of 3 machines failed"),
        ]
    )
    made.put_log("web-01", 0, b"Unpacking \x1b[31mopenssl\n\tReading 1%\rReading 100%\nno end")
    made.note_command("web-01", _AT, "uname -r", 0.25, 0)
    made.note_command("web-01", _AT, "apt-get \x1b[2J", 1.5, None)
    return made


def rows(patchdeck: Patchdeck, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(patchdeck("deployments", *arguments, "--json", code=code).out)
    return found


def test_history_has_runs_with_their_counts(patchdeck: Patchdeck, written: Path) -> None:
    """Latest first; the deployment need not be defined any more."""
    later = replace(_RUN, id="20261121T020000Z-000000", opens_at=_AT + timedelta(days=1), status=RunStatus.SUCCEEDED)
    write_down(written, later)

    found = rows(patchdeck, "history", "web")

    assert [row["run"] for row in found] == [later.id, _ID]
    assert (found[1]["machines"], found[1]["succeeded"], found[1]["failed"]) == (3, 1, 1)
    assert found[1]["counts"] == {"Succeeded": 1, "Failed": 1, "NotStarted": 1}
    assert [row["run"] for row in rows(patchdeck, "history", "--limit", "1")] == [later.id]
    assert rows(patchdeck, "runs") == []
    assert "2 runs: 1 Succeeded, 1 Failed." in patchdeck("deployments", "history").err


def test_history_by_machine_knows_removed_ones(patchdeck: Patchdeck, written: Path) -> None:
    """By full name; a name that no run ever had is unknown."""
    (row,) = rows(patchdeck, "history", "--machine", "WEB-02")

    assert (row["run"], row["machine"], row["status"]) == (_ID, "web-02", "Failed")
    assert "Failed" in patchdeck("deployments", "history", "web", "--machine", "web-02").out
    refused = patchdeck("deployments", "history", "--machine", "web-99", code=2)
    assert "There is no machine 'web-99'" in refused.err


def test_deployment_that_was_removed_has_no_run_in_progress(patchdeck: Patchdeck, written: Path) -> None:
    """Its runs are over: that is no name that nobody knows."""
    assert rows(patchdeck, "runs", "WEB") == []
    assert "There is no deployment 'nosuch'" in patchdeck("deployments", "runs", "nosuch", code=2).err


def test_status_shows_waves_and_machines(patchdeck: Patchdeck, written: Path) -> None:
    """By id, by its beginning, by the deployment's name."""
    (row,) = rows(patchdeck, "status", _ID)
    assert [(each["machine"], each["wave"], each["status"]) for each in row["machine_runs"]] == [
        ("web-01", 1, "Succeeded"),
        ("web-02", 2, "Failed"),
        ("web-03", 2, "NotStarted"),
    ]
    text = patchdeck("deployments", "status", "20261120").out
    assert "wave 2         2 machines: 1 failed, 1 not begun" in text
    assert "1 min 5 s" in text
    assert patchdeck("deployments", "status", "web").out == text


def test_results_tell_each_update(patchdeck: Patchdeck, written: Path) -> None:
    """All, of one machine, of one status."""
    assert [(row["machine"], row["status"]) for row in rows(patchdeck, "results", "web")] == [
        ("web-01", "Succeeded"),
        ("web-02", "InstallFailed"),
        ("web-02", "Excluded"),
    ]
    assert [row["name"] for row in rows(patchdeck, "results", "web", "web-01")] == ["bash"]
    assert len(rows(patchdeck, "results", "web", "--status", "installfailed")) == 1
    assert "Did you mean 'web-01'" in patchdeck("deployments", "results", "web", "web01", code=2).err
    assert "Did you mean 'Excluded'" in patchdeck("deployments", "results", "web", "--status", "exclude", code=2).err


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "web"),
        ("results", "web"),
        ("history",),
        ("history", "--machine", "web-02"),
        ("logs", "web"),
        ("logs", "web", "web-01"),
        ("logs", "web", "--commands"),
        ("logs", "web", "--replay", "--speed", "100000"),
    ],
    ids=" ".join,
)
def test_what_machines_print_cannot_steer_a_terminal(
    patchdeck: Patchdeck, folder: RunFolder, arguments: tuple[str, ...]
) -> None:
    """Names of packages, errors and logs are harmless, as text and as JSON."""
    text = patchdeck("deployments", *arguments)
    assert not {"\x1b", "\x07", "\u202e"} & set(text.out + text.err)
    assert text.out
    if "--replay" not in arguments:
        assert not {"\x1b", "\\u001b", "\\u202e"} & set(patchdeck("deployments", *arguments, "--json").out)


def test_logs_are_events_output_or_commands(patchdeck: Patchdeck, folder: RunFolder) -> None:
    """Three views of one run."""
    happened = patchdeck("deployments", "logs", "web").out
    assert f"02:00:00Z Run {_ID} of web begins." in happened
    assert "web-01: 42% unpacking" in happened
    assert "The gate after wave 1 failed: only 0% succeeded" in happened
    assert "The run failed: 1 of 3 machines failed" in happened
    printed = patchdeck("deployments", "logs", _ID, "web-01").out.splitlines()
    assert printed[1:] == ["Reading 100%", "no end"]
    commands = rows(patchdeck, "logs", "web", "web-01", "--commands")
    assert [(row["seconds"], row["ended"]) for row in commands] == [(0.25, "exit 0"), (1.5, "cut off")]
    detail = [row["detail"] for row in rows(patchdeck, "logs", "web") if row["event"] == "PlanFrozen"]
    assert detail[0]["hash"] == "abc123"


def test_following_ends_with_the_run(patchdeck: Patchdeck, folder: RunFolder) -> None:
    """With the exit code that says how it ended; replaying it is no verdict."""
    followed = patchdeck("deployments", "logs", "web", "--follow", code=3)

    assert "Wave 1 begins: 1 machine." in followed.out
    assert f"Run {_ID} of web failed: 1 of 3 machines failed" in followed.err
    assert patchdeck("deployments", "logs", "web", "--replay", "--speed", "100000").out == followed.out
    assert patchdeck("deployments", "logs", "web", "web-01", "--follow").out.endswith("no end\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--follow", "--replay"), "one of"),
        (("--follow", "--json"), "--json"),
        (("web-01", "--replay"), "machine"),
        (("web-99",), "Did you mean 'web-0"),
        (("--replay", "--speed", "0"), "--speed"),
    ],
)
def test_logs_refuse_what_does_not_fit(
    patchdeck: Patchdeck, written: Path, arguments: tuple[str, ...], says: str
) -> None:
    """One line, exit code 2."""
    assert says in patchdeck("deployments", "logs", "web", *arguments, code=2).err


@pytest.mark.parametrize("verb", ["status", "results", "logs", "record", "pause", "resume", "cancel"])
def test_unknown_run_offers_the_nearest(patchdeck: Patchdeck, written: Path, verb: str) -> None:
    """A deployment's name is near enough."""
    assert "Did you mean 'web'" in patchdeck("deployments", verb, "wweb", code=2).err


def test_requests_are_kept_once_with_their_reason(patchdeck: Patchdeck, home: Path, called: list[Home]) -> None:
    """Asking twice is once; whoever works on runs is called."""
    write_down(home, replace(_RUN, status=RunStatus.IN_PROGRESS))

    asked = patchdeck("deployments", "pause", "web", "--reason", "disk full")
    again = patchdeck("deployments", "pause", _ID)
    patchdeck("deployments", "cancel", "web")

    assert ("is asked" in asked.err, "asked already" in again.err) == (True, True)
    assert called == [Home(home)] * 3
    with book_of(home) as book:
        requests = book.open_requests(_ID)
    assert [(each.action.value, each.requester.reason) for each in requests] == [("pause", "disk full"), ("cancel", "")]
    (row,) = rows(patchdeck, "status", _ID)
    assert [each["action"] for each in row["requests"]] == ["pause", "cancel"]
    assert "cancel by" in patchdeck("deployments", "status", _ID).out


@pytest.mark.parametrize(
    ("status", "asked", "verb", "says"),
    [
        (RunStatus.PAUSED, (), "pause", "is paused already."),
        (RunStatus.IN_PROGRESS, (), "resume", "is not paused: there is nothing to resume."),
        (RunStatus.IN_PROGRESS, ("pause",), "resume", "resume is asked"),
        (RunStatus.PAUSED, ("resume",), "pause", "pause is asked"),
        (RunStatus.PAUSED, ("pause", "cancel"), "cancel", "was asked already"),
    ],
)
def test_request_that_changes_nothing_is_none(
    patchdeck: Patchdeck,
    home: Path,
    called: list[Home],
    status: RunStatus,
    asked: tuple[str, ...],
    verb: str,
    says: str,
) -> None:
    """What is so already is said, and asked of nobody; what is asked and not done yet counts."""
    write_down(home, replace(_RUN, status=status))
    with book_of(home) as book:
        for action in asked:
            book.ask(_ID, RunAction(action), Requester("bert"))

    said = patchdeck("deployments", verb, "web").err

    assert says in said
    with book_of(home) as book:
        assert len(book.open_requests(_ID)) == len(asked) + ("is asked" in said)


def test_open_run_says_what_keeps_it(patchdeck: Patchdeck, home: Path) -> None:
    """Its note, what it waits for, and what was said of machines that have not gone on since."""
    write_down(home, replace(_RUN, status=RunStatus.PAUSED, note="paused by anna: load is high"))
    web_03 = _MACHINES[2].machine_id
    run_folder(Home(home), _ID).add_events(
        [
            events.RunWaits(_AT, "Wave 1 soaks.", _AT + timedelta(minutes=5)),
            events.MachineNote(_AT, _MACHINES[0].machine_id, "web-01", "It could not be reached."),
            events.MachineStepBegan(_AT, _MACHINES[0].machine_id, "web-01", RunStep.INSTALL),
            events.MachineNote(_AT, web_03, "web-03", "The run X works on it; this one waits."),
        ]
    )

    said = patchdeck("deployments", "status", "web").out

    assert "status         Paused by anna: load is high\n" in said
    assert "waits          Wave 1 soaks. (until 2026-11-20 02:05:00Z)\n" in said
    assert "says           web-03: The run X works on it; this one waits.\n" in said
    assert "could not be reached" not in said


def test_name_of_a_deployment_with_several_open_runs_is_refused(
    patchdeck: Patchdeck, home: Path, called: list[Home]
) -> None:
    """Whoever cancels at night must not hit the run of next week; the id says which is meant."""
    write_down(home, replace(_RUN, status=RunStatus.IN_PROGRESS))
    waiting = replace(_RUN, id="20261127T020000Z-aaaaaa", status=RunStatus.WAITING, opens_at=_AT + timedelta(days=7))
    with book_of(home) as book:
        book.make(waiting)

    refused = patchdeck("deployments", "cancel", "web", code=2).err

    assert f"2 runs of web are open: {waiting.id} (Waiting), {_ID} (InProgress). Name the one to cancel." in refused
    assert "is asked" in patchdeck("deployments", "cancel", _ID).err
    assert _ID in patchdeck("deployments", "status", "web").out


@pytest.mark.parametrize("is_done", [False, True])
def test_run_that_is_being_cancelled_takes_nothing_else(patchdeck: Patchdeck, home: Path, *, is_done: bool) -> None:
    """Pause and resume come too late, also once the service has heard of it."""
    write_down(home, replace(_RUN, status=RunStatus.IN_PROGRESS))
    with book_of(home) as book:
        book.ask(_ID, RunAction.CANCEL, Requester("bert"))
        if is_done:
            book.settle(book.open_requests(_ID)[0].id)

    for verb in ("pause", "resume"):
        assert f"is being cancelled: {verb} comes too late." in patchdeck("deployments", verb, "web", code=2).err
    assert "already" in patchdeck("deployments", "cancel", "web").err


def test_run_that_is_over_takes_no_requests(patchdeck: Patchdeck, written: Path) -> None:
    """Cancelling what is cancelled is once more the same."""
    for arguments in (("pause", "web"), ("resume", "web"), ("resume", "web", "--here"), ("cancel", "web")):
        assert "is over: Failed" in patchdeck("deployments", *arguments, code=2).err
    with book_of(written) as book:
        book.save(replace(_RUN, status=RunStatus.CANCELLED))
    assert "cancelled already" in patchdeck("deployments", "cancel", "web").err


def test_runs_in_progress_outlive_their_deployment(patchdeck: Patchdeck, home: Path) -> None:
    """Removing, disabling and editing say that they go on, and how to cancel them."""
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security")
    write_down(home, replace(_RUN, status=RunStatus.IN_PROGRESS))

    for arguments in (("edit", "web", "--window", "60"), ("disable", "web"), ("remove", "web", "--yes")):
        said = patchdeck("deployments", *arguments).err
        assert f"Run {_ID} goes on" in said
        assert f"deployments cancel {_ID}" in said
    assert [row["run"] for row in rows(patchdeck, "runs")] == [_ID]
    assert len(rows(patchdeck, "history", "web")) == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--now", "--at", "02:30"), "--now"),
        (("--at", "tomorrow"), "--at"),
        (("--at", "2020-01-01 02:30"), "--at"),
        (("--at", "2020-13-01T02:30Z"), "--at"),
        (("--window", "0"), "--window"),
        (("--window", "10"), "window of 10"),
        (("--require-plan", "not a hash"), "--require-plan"),
        (("--require-plan", "ab12"), "--require-plan"),
        (("db-*",), "db-*"),
        (("other",), "None of other"),
        ((), "--yes"),
    ],
)
def test_run_refuses_what_cannot_be_meant(patchdeck: Patchdeck, arguments: tuple[str, ...], says: str) -> None:
    """Nothing is started, one line says why."""
    for name in ("web-01", "other"):
        patchdeck("machines", "add", name)
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security")

    assert says in patchdeck("deployments", "run", "web", *arguments, code=2).err
    assert rows(patchdeck, "runs") == []


def test_run_without_machines_is_refused(patchdeck: Patchdeck) -> None:
    """Neither an empty fleet nor disabled machines make a run."""
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security")

    assert "no machine to work on" in patchdeck("deployments", "run", "web", "--yes", code=2).err


def test_run_is_written_down_and_waits(patchdeck: Patchdeck, home: Path, called: list[Home]) -> None:
    """With its own window and machines; whoever works on runs takes it up."""
    for name in ("web-01", "web-02"):
        patchdeck("machines", "add", name)
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security")
    at = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT02:30Z")

    (row,) = rows(patchdeck, "run", "web", "web-02", "--at", at, "--window", "30", "--require-plan", "ab" * 32, "--yes")

    assert (row["status"], row["opens_at"], row["required_plan"]) == ("Waiting", at.replace("Z", ":00Z"), "ab" * 32)
    assert called == [Home(home)]
    with book_of(home) as book:
        (kept,) = book.list()
    assert (kept.deployment.targets, kept.closes_at - kept.opens_at) == (("web-02",), timedelta(minutes=30))


def test_run_says_when_nobody_works_on_it(patchdeck: Patchdeck, monkeypatch: pytest.MonkeyPatch) -> None:
    """It stays written down, and the way to work on it is told."""
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda home: "It does not start.")
    patchdeck("machines", "add", "web-01")
    patchdeck("deployments", "add", "web", "--target", "web-*", "--class", "security")

    ended = patchdeck("deployments", "run", "web", "--yes", code=1)

    assert "It does not start. Nobody works on the run yet." in ended.err
    assert "--here" in ended.err
    assert len(rows(patchdeck, "runs")) == 1
