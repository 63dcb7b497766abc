"""docs/command-line.md says all that the command line can do."""

import re
import runpy
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import typer.main

from ops.cli.app import build_app
from ops.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "command-line.md").read_text(encoding="utf-8")
# In a block, or between backticks; what follows three spaces, a pipe or a # says what it does.
SHOWN = re.compile(r"(?:^ {4,}(?:\S*/)?|`)(patchdeck(?: [^`\n]*)?)(?:`|$)", re.MULTILINE)
AFTERWARDS = re.compile(r" {3,}| [|#;&>]|[|]| \\\|")


def options() -> list[tuple[str, str]]:
    """Every verb with each of its options and arguments."""
    found = []
    root = typer.main.get_command(build_app())
    pending = [("patchdeck", root)]
    while pending:
        path, command = pending.pop()
        found.append((path, ""))
        found += [(path, option) for parameter in command.params for option in getattr(parameter, "opts", ())]
        pending += [
            (f"{path} {name}", verb) for name, verb in getattr(command, "commands", {}).items() if not verb.hidden
        ]
    return sorted(found)


def is_documented(path: str, option: str) -> bool:
    section = PAGE.partition(f" `{path}`\n")[2].partition("\n#")[0]
    return bool(section) and (not option.startswith("-") or option in section)


def shown() -> Iterator[tuple[str, str]]:
    """Each command line of the pages, as (page, line)."""
    for page in (DOCS.parent / "README.md", DOCS.parent / "CONTRIBUTING.md", *sorted(DOCS.rglob("*.md"))):
        for found in SHOWN.finditer(page.read_text("utf-8")):
            yield page.name, AFTERWARDS.split(found[1])[0]


def problem_of(line: str, root: Any) -> str:
    """What is wrong with the verbs and options of ``line``; their values are not looked at."""
    verb, known = root, {option for parameter in root.params for option in parameter.opts}
    for before, word in pairwise(re.sub(r"'[^']*'", "quoted", line).split()):
        commands = getattr(verb, "commands", {})
        if word in commands:
            verb = commands[word]
            known |= {option for each in verb.params for option in (*each.opts, *each.secondary_opts)}
        elif re.fullmatch(r"--[a-z][a-z-]+", name := word.partition("=")[0]) and name not in {*known, "--help"}:
            return f"no option {name}"
        elif not before.startswith("-") and verb is not root and commands and re.fullmatch(r"[a-z][a-z-]+", word):
            return f"no verb {word}"
    return ""


def test_every_command_line_of_the_pages_can_be_typed() -> None:
    """Its verbs are there, and so are its options."""
    lines, root = list(shown()), typer.main.get_command(build_app())
    assert len(lines) > 300
    assert [f"{page}: {line}: {why}" for page, line in lines if (why := problem_of(line, root))] == []


def test_every_verb_and_option_is_documented() -> None:
    """Each verb has a heading, each option stands below it."""
    all_of_them = options()
    assert len(all_of_them) > 500
    assert [" ".join(each) for each in all_of_them if not is_documented(*each)] == []


@pytest.mark.parametrize("code", ExitCode, ids=lambda code: code.name)
def test_every_exit_code_is_documented(code: ExitCode) -> None:
    """With its number, its name and its meaning."""
    assert f"| {code.value} | {code.name} | {code.meaning} |" in PAGE


def test_the_page_is_up_to_date() -> None:
    """`python docs/make_all.py` would change nothing."""
    made: str = runpy.run_path(str(DOCS / "make_command_line.py"))["make"]()

    assert made == PAGE
