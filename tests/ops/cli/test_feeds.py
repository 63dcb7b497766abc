"""`patchdeck feeds`: what is printed, and how it ends."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer

from ops.cli.app import build_app
from ops.feeds.formats import FORMATS

CAPTURES = Path(__file__).parents[1] / "feeds" / "captures"

Patchdeck = Callable[..., Any]  # Any: `Ended` lives in conftest, which is not importable


def test_a_feed_is_added_listed_and_removed(patchdeck: Patchdeck) -> None:
    """Data on standard output, talk on standard error."""
    added = patchdeck("feeds", "add", str(CAPTURES / "kev.json"), "--name", "exploited")
    assert added.out == ""
    assert added.err.startswith("exploited (kev): 2 CVEs, 0 fixed versions.")
    assert "exploited" in patchdeck("feeds", "list").out
    (listed,) = json.loads(patchdeck("feeds", "list", "--json").out)
    assert (listed["name"], listed["kind"], listed["cves"], listed["error"]) == ("exploited", "kev", 2, "")
    patchdeck("feeds", "remove", "exploited")
    assert json.loads(patchdeck("feeds", "list", "--json").out) == []


def test_an_update_that_fails_is_told_and_ends_with_1(patchdeck: Patchdeck, tmp_path: Path) -> None:
    """The other feeds are updated all the same; what was read before stays."""
    file = tmp_path / "a.json"
    shutil.copy(CAPTURES / "kev.json", file)
    patchdeck("feeds", "add", str(file), "--name", "broken")
    patchdeck("feeds", "add", str(CAPTURES / "osv"), "--name", "whole")
    file.write_text("{")
    ended = patchdeck("feeds", "update", code=1)
    lines = ended.err.splitlines()
    assert lines[0].startswith("broken: a.json is in no known format.")
    assert "stays." in lines[0]
    assert lines[1] == "whole: nothing new."
    assert patchdeck("query", "SELECT count(*) AS n FROM Cve WHERE Feed = 'broken'", "--format", "csv").out == "n\n2\n"


def test_what_cannot_be_used_ends_with_2(patchdeck: Patchdeck) -> None:
    """In one line; a password is not repeated."""
    ended = patchdeck("feeds", "add", "https://me:secret@example.org/x", code=2)
    assert len(ended.err.splitlines()) == 1
    assert "secret" not in ended.err
    patchdeck("feeds", "add", "/nowhere/at/all.json", code=2)
    patchdeck("feeds", "add", str(CAPTURES / "kev.json"), "--kind", "nonsense", code=2)
    patchdeck("feeds", "remove", "nothing", code=2)
    patchdeck("feeds", "update", "nothing", code=2)
    patchdeck("feeds", "add", str(CAPTURES / "README.md"), code=1)


def test_help_names_every_kind_of_feed() -> None:
    """Declaring the verb must not load the formats, so its help has their names written out."""
    root = typer.main.get_command(build_app())
    add = root.commands["feeds"].commands["add"]  # type: ignore[attr-defined]  # it is a group
    (kind,) = (option for option in add.params if option.name == "kind")
    *all_but_last, last = (each.kind for each in FORMATS)
    assert kind.help.startswith(f"{', '.join(all_but_last)} or {last}. ")
