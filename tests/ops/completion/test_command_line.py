"""What may stand next in a command line."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    ],
)
def test_verbs_options_and_choices_are_offered(words: tuple[str, ...], expected: list[str]) -> None:
    """Whatever the case; nothing behind what is no verb but the verbs themselves."""
    offered = values(*words)
    assert offered[: len(expected) or None] == expected if expected else not {"--json"} & set(offered)


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
