"""What may stand next in a command line."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any  # commands as typer builds them, which have no public type

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.main import get_command

from ops.cli.app import build_app
from ops.completion.closed_sets import _SETS
from ops.completion.command_line import complete
from ops.completion.typed import split_line


def values(*words: str) -> list[str]:
    return [offer.value for offer in complete(words).words]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("mach",), ["machines"]),
        (("machines", "sho"), ["show"]),
        (("query", "--as"), ["--as-of"]),
        (("query", "--format", "mark"), ["markdown"]),
        (("query", "--format=mark"), ["--format=markdown"]),
        (("reports", "make", "pat"), ["patch-latency"]),
        (("settings", "show", "assess.dead"), ["assess.deadline_seconds"]),
        (("tables", "stats", "updatesu"), ["UpdateSummary"]),
        (("tables", "stats", "Update", "updatesu"), ["UpdateSummary"]),
        (("machines", "show", "--", "--js"), []),
        (("no-such-verb", ""), []),
        (("updates", "--class", "sec"), ["security"]),
        (("deployments", "add", "x", "--class", "al"), ["all"]),
        (("deployments", "edit", "x", "--reboot=if"), ["--reboot=if-required"]),
        (("deployments", "add", "x", "--zone", "europe/berl"), ["Europe/Berlin"]),
        (("alerts", "edit", "x", "--severity", "w"), ["Warning"]),
        (("check", "--only", "host-k"), ["host-key"]),
        (("machines", "edit", "x", "--clear", "proxy-"), ["proxy-jump"]),
        (("machines", "import", "x", "--format", "ans"), ["ansible"]),
        (("feeds", "add", "x", "--kind", "ub"), ["ubuntu-tracker"]),
    ],
)
def test_verbs_options_and_choices_are_offered(words: tuple[str, ...], expected: list[str]) -> None:
    """Whatever the case; nothing behind what is no verb but the verbs themselves."""
    offered = values(*words)
    assert offered[: len(expected) or None] == expected if expected else not {"--json"} & set(offered)


def test_words_of_ours_belong_to_options_that_there_are() -> None:
    """An option that was renamed loses its words here, not in a shell."""
    known = {(verb, each.name) for verb, command in _verbs(get_command(build_app([])), "") for each in command.params}
    lost = [key for key in _SETS if not any(_is_of(verb, key[0]) and name == key[1] for verb, name in known)]
    assert lost == []


def _verbs(command: Any, verb: str) -> Iterator[tuple[str, Any]]:
    for name, below in getattr(command, "commands", {}).items():
        yield from _verbs(below, f"{verb} {name}".strip())
    yield verb, command


def _is_of(verb: str, group: str) -> bool:
    return verb == group or verb.partition(" ")[0] == group


def test_names_of_the_home_are_offered(named: Path) -> None:
    """Those that exist where one is meant that exists."""
    at = ("--home", str(named))
    assert values(*at, "machines", "show", "WEB-") == ["web-01", "web-02"]
    assert values(*at, "machines", "add", "web-") == []
    assert values(*at, "machines", "approve", "") == []
    assert values(*at, "assess", "web-01", "group:") == ["group:front"]
    assert values(*at, "assess", "tag:e") == ["tag:env=prod"]
    assert values(*at, "deployments", "run", "") == ["nightly"]


def test_files_are_left_to_the_shell() -> None:
    """It knows them best."""
    assert complete(["machines", "import", ""]).are_files
    assert complete(["query", "--output", ""]).are_files


def test_without_a_home_nothing_is_offered_and_nothing_made(tmp_path: Path) -> None:
    """What is wrong with it is told by the verb itself."""
    missing = tmp_path / "none"
    assert values("--home", str(missing), "machines", "show", "") == []
    assert not missing.exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("patchdeck machines ", ["patchdeck", "machines", ""]),
        ("patchdeck 'a b", ["patchdeck", "a b"]),
        (r"patchdeck a\ b c", ["patchdeck", "a b", "c"]),
        ('patchdeck "a\\"b" \'c\\', ["patchdeck", 'a"b', "c\\"]),
    ],
)
def test_lines_are_split_as_a_shell_does(line: str, words: list[str]) -> None:
    """Also where a quotation is open."""
    assert split_line(line) == words


@given(st.text(max_size=40))
def test_any_line_is_split(line: str) -> None:
    """Whatever is typed, there is a last word."""
    assert split_line(line)
