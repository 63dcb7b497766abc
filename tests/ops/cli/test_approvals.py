"""Approvals on the command line, as people with sudo use a home of root: each known by the number of their user."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.exit_codes import ExitCode

Patchdeck = Callable[..., Any]
REFUSED = {"kind": "connection-refused", "message": "nobody listens"}
ANNA, BOB, CARL = "4001", "4002", "4003"


@pytest.fixture
def acts(patchdeck: Patchdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Patchdeck:
    """What somebody does, by their number. Anna has defined what needs approval, on a machine that is off."""
    transcript = tmp_path / "web.json"
    transcript.write_text(json.dumps({"format": 1, "replies": [{"failure": REFUSED}]}))
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda _: "")
    monkeypatch.setenv("SUDO_UID", ANNA)
    patchdeck("machines", "add", "web", "--transport", "scripted", "--transcript", str(transcript))
    patchdeck(
        *("deployments", "add", "guarded", "--target", "all", "--class", "security", "--needs-approval", "1"),
        *("--window", "30"),
    )

    def act(who: str, *arguments: str, code: int = ExitCode.OK) -> Any:
        monkeypatch.setenv("SUDO_UID", who)
        return patchdeck("deployments", *arguments, code=code)

    return act


def test_run_begins_once_another_has_approved(acts: Patchdeck) -> None:
    """From the preview's hash to the run; what the verbs say on the way."""
    shown = acts(BOB, "preview", "guarded", code=ExitCode.MACHINES_FAILED)
    plan = shown.out.split()[-1]
    assert f"another admin runs: patchdeck deployments approve guarded --plan {plan}" in " ".join(shown.err.split())
    assert "nobody approves their own" in acts(ANNA, "approve", "guarded", "--plan", plan, code=11).err
    given = acts(BOB, "approve", "guarded", "--plan", plan, "--note", "ticket 4711", "--json")
    (row,) = json.loads(given.out)
    assert (row["plan"], row["note"], row["counts"], row["numbers"]) == (plan, "ticket 4711", True, [int(BOB)])
    ran = acts(CARL, "run", "guarded", "--here", "--yes", code=ExitCode.MACHINES_FAILED)
    assert "The plan is approved: 1 of 1 approval" in ran.out
    assert "1 unreachable" in ran.err
    assert json.loads(acts(CARL, "approvals", "--all", "--json").out)[0]["used_by"]
    assert f"approved by    {row['by']} at" in acts(CARL, "status", "guarded").out
    assert "(ticket 4711)" in acts(CARL, "record", "guarded").out


def test_what_waits_and_what_was_withdrawn_is_told(acts: Patchdeck) -> None:
    """In the list of runs, of deployments and of approvals, and on the page of the run."""
    plan = acts(BOB, "preview", "guarded", code=ExitCode.MACHINES_FAILED).out.split()[-1]
    acts(BOB, "approve", "guarded", "--plan", plan)
    assert "1 approval of guarded withdrawn" in acts(BOB, "unapprove", "guarded").err
    assert "no such approval" in acts(BOB, "unapprove", "guarded", "--plan", plan).err
    acts(CARL, "run", "guarded", "--require-plan", plan, "--yes")
    for verb in (("runs",), ("list",), ("approvals",)):
        assert "waits for approval: 0 of 1 approval" in " ".join(acts(CARL, *verb).err.split())
    assert "0 of 1 approval" in acts(CARL, "status", "guarded").out


def test_lowering_says_that_the_next_run_still_needs_as_many(acts: Patchdeck) -> None:
    """Nobody is surprised by it at night, least of all who approves that run, after which nobody is asked."""
    bar = "a run of guarded needs 1 approval: as before, until one has begun with them. After that none"
    said = acts(BOB, "edit", "guarded", "--needs-approval", "0").err
    shown = acts(CARL, "preview", "guarded", code=ExitCode.MACHINES_FAILED)
    given = acts(CARL, "approve", "guarded", "--plan", shown.out.split()[-1])
    assert all(bar in " ".join(each.split()) for each in (said, shown.err, given.err))


@pytest.mark.parametrize("number", ["-1", "21", "many"])
def test_number_of_approvals_that_nobody_can_give_is_refused(acts: Patchdeck, number: str) -> None:
    """Before anything is changed."""
    assert "--needs-approval" in acts(ANNA, "edit", "guarded", "--needs-approval", number, code=ExitCode.USAGE).err


def test_definition_file_has_the_number(acts: Patchdeck) -> None:
    """It is written and read in TOML and in YAML."""
    assert "needs-approval = 1" in acts(ANNA, "show", "guarded", "--format", "toml").out
    assert "needs-approval: 1" in acts(ANNA, "show", "guarded", "--format", "yaml").out
