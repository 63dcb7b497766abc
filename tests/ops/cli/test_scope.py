"""`patchdeck scope`, as it is typed, and what other verbs say of machines outside."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from fleet.machines import TransportKind
from ops.enrolment import Definition, enrol
from ops.home import open_home
from ops.state.audit import utc_now
from ops.state.database import opened

# Any: the fixture's callable takes whatever a command line may.
Patchdeck = Callable[..., Any]


@pytest.fixture(autouse=True)
def fleet(home: Path, patchdeck: Patchdeck, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three machines that replay nothing, and groups of them; no service is started, which would outlive the test."""
    monkeypatch.setattr("ops.deployments.service_call.call_service", lambda _: "")
    monkeypatch.setattr("ops.deployments.planning._WAIT_SECONDS", 0.01)
    transcript = tmp_path / "silent.json"
    transcript.write_text('{"format": 1, "replies": []}')
    for name, tags in (("web-1", {"env": "prod"}), ("web-2", {"env": "test"}), ("db-1", {"env": "prod"})):
        definition = Definition(name, TransportKind.SCRIPTED, transcript=str(transcript), tags=tags)
        enrol(open_home(home), definition)
    patchdeck("groups", "add", "prod", "--where", "tag:env=prod")
    patchdeck("groups", "add", "web", "web-*")


def _rows(patchdeck: Patchdeck, *words: str, code: int = 0) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(patchdeck(*words, "--json", code=code).out)
    return rows


def test_scope_is_made_shown_widened_and_narrowed(patchdeck: Patchdeck) -> None:
    """Each says whom it leaves."""
    assert "There is no scope: Patchdeck may touch every one of 3" in patchdeck("scope", "show").err
    assert "may touch 2 of 3 enrolled machines" in patchdeck("scope", "add", "prod").err
    assert "in the scope already" in patchdeck("scope", "add", "prod").err
    assert [row["group"] for row in _rows(patchdeck, "scope", "add", "web")] == ["prod", "web"]
    (row,) = _rows(patchdeck, "scope", "remove", "prod")
    assert (row["group"], row["members"], row["definition"]) == ("web", 2, "web-*")
    assert "--everything" in patchdeck("scope", "remove", "web", code=2).err
    assert _rows(patchdeck, "scope", "remove", "web", "--everything") == []


def test_preview_says_why_and_what_would_be(patchdeck: Patchdeck) -> None:
    """Of targets, and of a scope that is only tried."""
    patchdeck("scope", "add", "prod")

    now = {row["name"]: (row["inside"], row["why"]) for row in _rows(patchdeck, "scope", "preview")}
    assert now["web-1"] == ("yes", ["prod: tag:env=prod"])
    assert now["web-2"] == ("no", ["not in the group prod"])
    tried = _rows(patchdeck, "scope", "preview", "web-*", "--add", "web", "--remove", "prod")
    assert [(row["name"], row["inside"]) for row in tried] == [("web-1", "yes"), ("web-2", "yes")]
    assert len(_rows(patchdeck, "scope", "show")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", "prdo"), "There is no group 'prdo'. Did you mean 'prod'?"),
        (("remove", "prod"), "There is no scope, so no group is in it"),
        (("preview", "--add", "nobody"), "There is no group 'nobody'."),
        (("preview", "--remove", "web"), "Group 'web' is not in the scope: there is none."),
        (("preview", "web-9"), "There is no machine 'web-9'."),
    ],
)
def test_bad_input_is_one_line(patchdeck: Patchdeck, words: tuple[str, ...], said: str) -> None:
    """With exit code 2."""
    ended = patchdeck("scope", *words, code=2)

    assert said in ended.err
    assert ended.out == ""


def test_assess_counts_those_left_out_and_names_those_asked_for(patchdeck: Patchdeck) -> None:
    """By a sweeping target they are no failure; by name each is one."""
    patchdeck("groups", "add", "nobody", "none-*")
    patchdeck("scope", "add", "nobody")

    swept = patchdeck("assess", "tag:env=prod", "--json")
    named = patchdeck("assess", "web-1", "db-*", "--json", code=3)

    assert "Outside the scope, and left out: 2 of 2 machines (db-1, web-1); not in the group nobody." in swept.err
    assert json.loads(swept.out) == []
    (row,) = json.loads(named.out)
    assert (row["machine"], row["outcome"], row["failure_kind"]) == ("web-1", "failed", "out-of-scope")
    assert "web-1 was not touched, it is outside the scope: not in the group nobody." in named.err
    assert "left out: 1 of 2 machines (db-1)" in named.err


def test_check_of_a_machine_outside_says_what_stands_in_the_way(patchdeck: Patchdeck) -> None:
    """The first step fails, the others were not tried."""
    patchdeck("scope", "add", "prod")

    rows = _rows(patchdeck, "check", "web-2", code=3)

    failed = [(row["check"], row["evidence"]) for row in rows if row["status"] == "failed"]
    assert failed == [("settings", "touching web-2: outside the scope: not in the group prod.")]


def test_broken_group_ends_a_scan_as_not_done_everywhere(patchdeck: Patchdeck, home: Path) -> None:
    """Those left out may well be meant."""
    patchdeck("scope", "add", "web")
    with opened(open_home(home).state_file) as connection:
        connection.execute("DELETE FROM groups WHERE name = 'web'")

    ended = patchdeck("assess", code=3)

    assert "Mind, of the scope: the group web cannot be evaluated: There is no group 'web'." in ended.err
    assert "Mind: the group web cannot be evaluated" in patchdeck("scope", "show").err


def test_lists_tell_who_is_outside(patchdeck: Patchdeck) -> None:
    """Not compliant, not assessed, and counted in the whole."""
    patchdeck("scope", "add", "prod")

    listed = patchdeck("machines", "list", "--json")

    assert {row["name"]: row["compliance"] for row in json.loads(listed.out)} == {
        "db-1": "not-assessed",
        "web-1": "not-assessed",
        "web-2": "outside-scope",
    }
    assert "0 of 3 assessed; 2 not-assessed, 1 outside-scope." in listed.err
    assert "outside-scope" in patchdeck("machines", "show", "web-2").out
    counted = _rows(patchdeck, "query", "--name", "fleet-compliance")
    assert {row["Compliance"]: row["Machines"] for row in counted} == {"not-assessed": 2, "outside-scope": 1}


def test_deployment_tells_whom_the_scope_leaves_out(patchdeck: Patchdeck) -> None:
    """When it is defined, and when it is asked to run; a machine that is named for one run stops it."""
    patchdeck("scope", "add", "prod")

    defined = patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    named = patchdeck("deployments", "run", "nightly", "web-2", "--yes", code=2)
    swept = patchdeck("deployments", "run", "nightly", "tag:env=test", "--yes", code=2)

    assert "left out: 1 of 3 machines (web-2); not in the group prod." in defined.err
    assert "Its targets are 2 enabled machines now." in defined.err
    assert "web-2 is outside the scope: not in the group prod. Nothing was begun." in named.err
    assert "Outside the scope, and left out: 1 of 1 machine (web-2)" in swept.err


def test_run_says_once_whom_the_scope_leaves_out(patchdeck: Patchdeck) -> None:
    """Shown as it goes, by itself; narrowed to some targets it never had the others, and they are told before."""
    patchdeck("scope", "add", "prod")
    patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
    said = "Outside the scope, and left out: 1 of {} machines (web-2)"

    whole = patchdeck("deployments", "run", "nightly", "--here", "--yes", code=3)
    narrowed = patchdeck("deployments", "run", "nightly", "web-*", "--here", "--yes", code=3)
    previewed = patchdeck("deployments", "preview", "nightly", "web-*", code=3)

    assert f"{whole.out}{whole.err}".count("left out: ") == 1
    assert said.format(3) in whole.out
    assert said.format(2) in narrowed.err
    assert said.format(2) in previewed.err


def test_deployment_of_a_group_that_cannot_be_evaluated_says_so(patchdeck: Patchdeck, home: Path) -> None:
    """It is not taken for one of no machine."""
    (home / "queries").mkdir(exist_ok=True)
    broken = home / "queries" / "broken.sql"
    broken.write_text("-- title: Broken\nSELECT 1 AS One\n")
    patchdeck("groups", "add", "asked", "--query", "broken")

    defined = patchdeck("deployments", "add", "nightly", "--target", "group:asked", "--class", "security", "--json")

    assert "Mind: Query broken has neither a column SourceComputerId nor Computer" in defined.err
    assert "Its targets are not known now." in defined.err
    assert json.loads(defined.out)[0]["machines"] is None


def test_group_in_the_scope_says_so(patchdeck: Patchdeck) -> None:
    """And is not removed."""
    patchdeck("scope", "add", "prod")

    assert _rows(patchdeck, "groups", "show", "prod")[0]["used_by"] == "the scope"
    assert "in use: the scope" in patchdeck("groups", "remove", "prod", code=2).err


def test_run_that_loses_a_machine_is_named(patchdeck: Patchdeck, home: Path) -> None:
    """Before anybody wonders why it hangs."""
    machine = enrol(open_home(home), Definition("web-3", TransportKind.LOCAL, tags={"env": "test"})).machine
    with opened(open_home(home).state_file) as connection:
        patchdeck("deployments", "add", "nightly", "--target", "all", "--class", "security")
        at = f"{utc_now() + timedelta(days=30):%Y-%m-%d %H:%M}"
        run = json.loads(patchdeck("deployments", "run", "nightly", "--at", at, "--yes", "--json").out)
        connection.execute("INSERT INTO machine_claims VALUES (?, ?, '')", (machine.id, run[0]["run"]))

    assert "Mind: a run works on web-3, outside from now on" in patchdeck("scope", "add", "prod").err


def test_keys_of_machines_outside_are_not_asked_for(patchdeck: Patchdeck) -> None:
    """Counted where a target sweeps, and refused by name."""
    patchdeck("machines", "add", "far-1", "--address", "127.0.0.1", "--port", "9")
    patchdeck("scope", "add", "prod")

    swept = patchdeck("machines", "accept-key", "far-*", "--yes", "--json")
    named = patchdeck("machines", "accept-key", "far-1", "--yes", code=1)

    assert "left out: 1 of 1 machine (far-1); not in the group prod." in swept.err
    assert json.loads(swept.out) == []
    assert "outside the scope: not in the group prod." in named.err


def test_page_of_a_machine_says_why_it_is_outside(patchdeck: Patchdeck) -> None:
    """So does its row in the list."""
    patchdeck("scope", "add", "prod")

    assert "outside: not in the group prod" in patchdeck("machines", "show", "web-2").out
    (row,) = _rows(patchdeck, "machines", "list", "web-2")
    assert row["problem"] == "outside the scope: not in the group prod"
