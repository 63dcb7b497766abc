"""docs/command-line.md says all that the command line can do."""

import runpy
from pathlib import Path

import pytest
import typer.main

from ops.cli.app import build_app
from ops.exit_codes import ExitCode

DOCS = Path(__file__).parents[3] / "docs"
PAGE = (DOCS / "command-line.md").read_text(encoding="utf-8")


def options() -> list[tuple[str, str]]:
    """Every verb with each of its options and arguments."""
    found = []
    root = typer.main.get_command(build_app())
    pending = [("patchdeck", root)]
    while pending:
        path, command = pending.pop()
        found.append((path, ""))
        found += [(path, option) for parameter in command.params for option in getattr(parameter, "opts", ())]
        pending += [(f"{path} {name}", verb) for name, verb in getattr(command, "commands", {}).items()]
    return sorted(found)


def is_documented(path: str, option: str) -> bool:
    section = PAGE.partition(f" `{path}`\n")[2].partition("\n#")[0]
    return bool(section) and (not option.startswith("-") or option in section)


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
