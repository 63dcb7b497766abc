"""docs/deployments.md: every command on it works, in the order of the page."""

import re
import shlex
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.deployments.plan import MachinePlan, Plan
from fleet.deployments.runs import MachineRun, MachineRunStatus, RunStatus
from ops.deployments import events
from ops.deployments.definition_files import read_definition
from ops.deployments.folder import run_folder
from ops.home import Home, open_home
from ops.state.database import opened
from ops.state.runs import RunBook

Patchdeck = Callable[..., Any]

_PAGE = (Path(__file__).parents[3] / "docs" / "deployments.md").read_text(encoding="utf-8")
_COMMANDS = [line.strip() for line in _PAGE.splitlines() if re.match(r" {4}patchdeck ", line)]
_HASH = "ab" * 32
# These work on machines, which is shown in tests/lab; here a run and a plan stand in for them.
_ON_MACHINES = ("deployments preview", "deployments run web --now")


def definition_on_page() -> str:
    """The TOML of the page."""
    block = re.search(r'(?m)^    name = "web"\n(?:(?:    .*)?\n)+', _PAGE)
    assert block
    return re.sub(r"(?m)^    ", "", block[0])


@pytest.fixture
def run_that_is_over(home: Path) -> Callable[[], None]:
    """Takes the place of the service: the last run gets its machine, a log, and its end."""

    def end() -> None:
        with opened(open_home(home).state_file) as connection:
            book = RunBook(connection)
            run = book.list()[0]
            machine = MachineRun(run.id, "id-1", "web-01", 0, MachineRunStatus.SUCCEEDED)
            over = replace(run, status=RunStatus.SUCCEEDED, plan_hash=_HASH)
            book.freeze(over, Plan("web", run.opens_at, (MachinePlan("id-1", "web-01", 0),), _HASH), [machine])
        run_folder(Home(home), run.id).add_events([events.RunOver(datetime(2026, 12, 1, tzinfo=UTC), over.status)])

    return end


def test_every_command_of_the_page_works(
    patchdeck: Patchdeck,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    run_that_is_over: Callable[[], None],
) -> None:
    """One after the other, as an admin goes through it."""
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda home: "")
    (tmp_path / "web.toml").write_text(definition_on_page(), encoding="utf-8")
    patchdeck("machines", "add", "web-01", "--tag", "role=web", "--tag", "ring=canary")

    for command in _COMMANDS:
        words = shlex.split(command.replace("HASH", _HASH))[1:]
        if command.removeprefix("patchdeck ").startswith(_ON_MACHINES):
            continue
        if words[:2] == ["deployments", "history"] and "--limit" not in words and "--machine" not in words:
            run_that_is_over()
        patchdeck(*words)

    assert (tmp_path / "change.md").is_file()
    assert (tmp_path / "change.html").is_file()


def test_page_shows_every_verb_of_deployments() -> None:
    """Each is used at least once; removing is told in words, approving on a page of its own."""
    import typer.main

    from ops.cli.app import build_app

    group = typer.main.get_command(build_app()).commands["deployments"]  # type: ignore[attr-defined]
    shown = {shlex.split(command)[2] for command in _COMMANDS}

    assert set(group.commands) - shown == {"remove", "approve", "unapprove", "approvals"}


def test_definition_on_the_page_can_be_read() -> None:
    """Every key of it."""
    deployment = read_definition(definition_on_page(), "toml")

    assert (deployment.name, len(deployment.updates.exclusions), len(deployment.rollout.waves)) == ("web", 1, 2)
