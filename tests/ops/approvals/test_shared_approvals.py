"""Four eyes in a home that real users of this host share: the kernel, the service and the verbs keep it together."""

import json
import shutil
import time
from collections.abc import Iterator

import pytest

from tests.ops.people import Person, Team, made_team, why_no_people

pytestmark = pytest.mark.skipif(bool(why_no_people()), reason=why_no_people())

REFUSED = {"kind": "connection-refused", "message": "nobody listens"}
_RUN_SECONDS = 60
# Somebody who writes an approval past Patchdeck, as far as the kernel lets them.
FORGE = """
import sqlite3
try:
    connection = sqlite3.connect({path!r}, timeout=1)
    connection.execute("INSERT INTO approvals (deployment, plan_hash, document) VALUES ('guarded', 'x', '{{}}')")
    connection.commit()
    print("written")
except sqlite3.Error as error:
    print("refused")
"""


@pytest.fixture(scope="module")
def team() -> Iterator[Team]:
    """A shared home whose service works. Its owner has added a deployment that one other must approve."""
    with made_team() as made:
        owner, transcript = made.owner, made.place / "web.json"
        transcript.write_text(json.dumps({"format": 1, "replies": [{"failure": REFUSED}]}))
        owner.patchdeck("machines", "add", "web", "--transport", "scripted", "--transcript", str(transcript))
        owner.patchdeck(
            *("deployments", "add", "guarded", "--target", "all", "--class", "security", "--needs-approval", "1")
        )
        (made.home / "config.toml").write_text("[service]\nassess = false\n")
        shutil.chown(made.home / "config.toml", owner.name)
        owner.patchdeck(
            *("home", "share", "--viewers", made.group(made.viewer)),
            *("--operators", made.group(made.operator), "--admins", made.group(made.admin)),
        )
        owner.patchdeck("service", "start")
        try:
            yield made
        finally:
            owner.patchdeck("service", "stop", "--wait", "30")


def preview_as(person: Person) -> str:
    """The hash that the preview of ``person`` ends with."""
    ended = person.patchdeck("deployments", "preview", "guarded", code=3)
    assert "needs approval by others: 0 of 1 approval" in ended.err
    return ended.out.split()[-1]


def wait_for(team: Team, run: str, text: str) -> str:
    """The page of the run, once ``text`` is on it."""
    deadline = time.monotonic() + _RUN_SECONDS
    while text not in (page := team.viewer.patchdeck("deployments", "status", run).out):
        assert time.monotonic() < deadline, page
    return page


def test_operator_asks_and_only_another_admin_approves(team: Team) -> None:
    """The run that the service made for the operator waits there until the admin has approved its plan."""
    plan = preview_as(team.operator)
    made = team.operator.patchdeck("deployments", "run", "guarded", "--require-plan", plan, "--yes", "--json")
    run = json.loads(made.out)[0]["run"]
    wait_for(team, run, "Waiting: waits for approval: 0 of 1 approval")
    for person, why in (
        (team.viewer, "that takes an admin"),
        (team.operator, "that takes an admin"),
        (team.owner, f"{team.owner.name} added the deployment"),
    ):
        assert why in person.patchdeck("deployments", "approve", "guarded", "--plan", plan, code=11).err

    team.admin.patchdeck("deployments", "approve", "guarded", "--plan", plan, "--note", "ticket 4711")

    page = wait_for(team, run, "Failed: 0 of 1 machine succeeded, 1 unreachable")
    assert f"asked by       {team.operator.name}" in page
    shown = json.loads(team.viewer.patchdeck("deployments", "approvals", "guarded", "--all", "--json").out)
    assert [(each["by"], each["used_by"]) for each in shown] == [(team.admin.name, run)]


@pytest.mark.parametrize("who", ["viewer", "operator"])
def test_kernel_keeps_forged_approvals_out(team: Team, who: str) -> None:
    """Neither viewers nor operators write state.db."""
    person: Person = getattr(team, who)
    assert person.run_code(FORGE.format(path=str(team.home / "state.db"))).strip() == "refused"
