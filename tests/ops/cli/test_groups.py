"""`patchdeck groups`, as it is typed."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fleet.machines import TransportKind
from ops.enrolment import Definition, enrol
from ops.home import open_home

# Any: the fixture's callable takes whatever a command line may.
Patchdeck = Callable[..., Any]


@pytest.fixture(autouse=True)
def fleet(home: Path) -> None:
    """Three machines."""
    for name, tags in (("web-1", {"env": "prod"}), ("web-2", {"env": "test"}), ("db-1", {"env": "prod"})):
        enrol(open_home(home), Definition(name, TransportKind.LOCAL, tags=tags))


def _rows(patchdeck: Patchdeck, *words: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(patchdeck(*words, "--json").out)
    return rows


def test_group_is_defined_listed_shown_edited_and_removed(patchdeck: Patchdeck) -> None:
    """Each says what is so now."""
    patchdeck("groups", "add", "prod", "--where", "tag:env=prod", "--description", "live")
    patchdeck("groups", "add", "front", "group:prod", "web-*")

    listed = {row["name"]: row for row in _rows(patchdeck, "groups", "list")}
    assert (listed["prod"]["members"], listed["prod"]["used_by"]) == (2, "group front")
    assert listed["front"]["members"] == 3
    patchdeck("groups", "edit", "front", "web-2")
    assert _rows(patchdeck, "groups", "show", "front")[0]["definition"] == "web-2"
    patchdeck("groups", "remove", "prod")
    assert [row["name"] for row in _rows(patchdeck, "groups", "list")] == ["front"]


def test_preview_says_why(patchdeck: Patchdeck) -> None:
    """Of a group that is there, and of an expression that is only tried."""
    shown = patchdeck("groups", "preview", "--where", "tag:env=prod and not db-*", "--json")
    (row,) = json.loads(shown.out)

    assert (row["name"], row["is_member"], row["why"]) == ("web-1", "yes", ["tag:env=prod", "not db-*"])
    assert "1 of 3 machines." in shown.err
    assert patchdeck("groups", "list").out == ""


def test_machines_that_never_answered_are_told_apart(patchdeck: Patchdeck) -> None:
    """They are neither in nor out."""
    shown = patchdeck("groups", "preview", "--where", "system = debian")

    assert "0 of 3 machines; of 3 it is not known." in shown.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ("add", "x", "--where", "sistem = debian"),
            "column 1: There is no fact 'sistem'. Did you mean 'system'?",
        ),
        (("add", "x", "--where", "tag:env=prod and"), "column 17"),
        (("add", "x", "--query", "not-assesed"), "There is no query 'not-assesed'. Did you mean 'not-assessed'?"),
        (("add", "x"), "takes its members from targets, an expression or a query"),
        (("add", "x", "web-1", "--where", "all"), "one of them"),
        (("add", "a b", "web-1"), "Group name 'a b' is not usable"),
        (("add", "x", "machine:web-1"), "Target 'machine:web-1' is not usable"),
        (("show", "nobody"), "There is no group 'nobody'."),
        (("remove", "nobody"), "There is no group 'nobody'."),
        (("add", "x", ""), "Group 'x' lists an empty target"),
        (("add", "x", "web-1\nweb-2"), "character 6 of its target is U+000A, which does not print"),
        (("add", "x", "--where", "a" * 10_001), "An expression of group 'x' has 10,001 characters, and at most 10,000"),
        (("list", "nobody"), "There is no group 'nobody'."),
        (("preview",), "Name a group, or give an expression with --where or a query with --query"),
    ],
)
def test_bad_input_is_one_line(patchdeck: Patchdeck, words: tuple[str, ...], said: str) -> None:
    """With exit code 2, and nothing is kept."""
    assert said in patchdeck("groups", *words, code=2).err
    assert patchdeck("groups", "list").out == ""


def test_thousand_characters_of_a_definition_are_shown_by_themselves(patchdeck: Patchdeck) -> None:
    """A list of groups stays readable; the page of one, and JSON, have all of it."""
    expression = " or ".join(f"web-{number}" for number in range(100))
    patchdeck("groups", "add", "Many", "--where", expression)
    patchdeck("groups", "add", "other", "group:gone")

    listed = patchdeck("groups", "list", "M*", "OTHER")

    assert max(map(len, listed.out.splitlines())) < 200
    assert "2 groups; 1 cannot be evaluated." in listed.err
    assert f"Expression:  {expression}\nMembers:     2 of 3 machines\n" in patchdeck("groups", "show", "many").out
    assert [row["definition"] for row in _rows(patchdeck, "groups", "list", "m*")] == [expression]
    assert "No group fits z*." in patchdeck("groups", "list", "z*").err


def test_targets_that_name_nobody_are_said(patchdeck: Patchdeck) -> None:
    """A group may list who is not enrolled yet, and may have a mistake in it."""
    said = "Mind: There is no machine 'wbe-1'. Did you mean 'web-1'?"

    assert said in patchdeck("groups", "add", "front", "wbe-1", "web-2").err
    assert said in patchdeck("groups", "show", "front").err
    assert said in patchdeck("groups", "preview", "front").err


def test_preview_hides_no_group(patchdeck: Patchdeck) -> None:
    """Whatever groups are called, what is tried has another name."""
    patchdeck("groups", "add", "preview", "web-*")

    assert "2 of 3 machines." in patchdeck("groups", "preview", "--where", "group:preview").err


def test_editing_a_group_of_the_scope_says_what_that_changes(patchdeck: Patchdeck) -> None:
    """Also where it is inside of one that is in the scope; nothing is said of others."""
    patchdeck("groups", "add", "web", "web-*")
    patchdeck("groups", "add", "outer", "group:web")
    patchdeck("scope", "add", "outer")

    edited = patchdeck("groups", "edit", "web", "web-1")

    assert "The scope goes by this group.\nPatchdeck may touch 1 of 3 enrolled machines." in edited.err
    assert "scope" not in patchdeck("groups", "add", "db", "db-*").err


def test_group_is_a_target_of_verbs(patchdeck: Patchdeck) -> None:
    """Machines are switched off by it."""
    patchdeck("groups", "add", "test", "--where", "tag:env=test")

    patchdeck("machines", "disable", "group:test")

    assert [row["enabled"] for row in _rows(patchdeck, "machines", "list", "web-2")] == [False]
    patchdeck("groups", "add", "none", "--where", "not all")
    assert "Group 'none' has no members now" in patchdeck("machines", "disable", "group:none", code=2).err


def test_facts_are_listed(patchdeck: Patchdeck) -> None:
    """Each with its meaning."""
    facts = {row["name"]: row for row in _rows(patchdeck, "groups", "facts")}

    assert facts["system-version"]["kind"] == "version"
    assert all(row["meaning"] for row in facts.values())


@pytest.mark.parametrize("option", ["--where", "--query"])
def test_nothing_to_preview_is_not_nobody(patchdeck: Patchdeck, option: str) -> None:
    """A variable of a script that is empty is a mistake, not a group without members."""
    assert "one of them" in patchdeck("groups", "preview", option, "", code=2).err
    assert "one of them" in patchdeck("groups", "preview", "web", option, "", code=2).err


@pytest.mark.parametrize("words", [("rename", "late", "later"), ("remove", "late")])
def test_query_that_a_group_asks_is_not_taken_away(patchdeck: Patchdeck, words: tuple[str, ...]) -> None:
    """Deployments to that group would stop."""
    patchdeck("queries", "save", "late", "SELECT Computer FROM Machine")
    patchdeck("groups", "add", "late-ones", "--query", "LATE")

    assert "in use: group late-ones" in patchdeck("queries", *words, code=2).err
    assert len(_rows(patchdeck, "groups", "preview", "late-ones")) == 3
