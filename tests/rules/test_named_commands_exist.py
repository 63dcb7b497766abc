"""Whatever tells the user to run `patchdeck …` names a verb that exists."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import typer

from ops.cli.app import build_app

ROOT = Path(__file__).parents[2]
ROOMS = ("fleet", "collectors", "query", "ops", "tui")
SOURCES = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
PAGES = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "sample-data").glob("*.md")]
COMMAND = re.compile(r"\bpatchdeck ((?:--home \S+ )?)([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")


@cache
def verbs() -> dict[str, set[str]]:
    """Each verb with its own verbs, none where it has none."""
    root = typer.main.get_command(build_app())
    return {name: set(getattr(command, "commands", {})) for name, command in getattr(root, "commands", {}).items()}


def said_in_code(path: Path) -> Iterator[str]:
    """Texts of a module that a user may see: every string but docstrings, pieces of f-strings included."""
    text = path.read_text(encoding="utf-8")
    if "patchdeck " not in text:
        return  # nor is it in a text there, which is a tenth of the work to find out
    tree = ast.parse(text)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, documented) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield node.value


def said_on_page(path: Path) -> Iterator[str]:
    """Code of a page: what stands in backticks, and indented or fenced lines that begin with the command."""
    text = path.read_text(encoding="utf-8")
    yield from re.findall(r"`([^`\n]+)`", text)
    yield from re.findall(r"^(?: {4,}|\$ )(?:\$ )?(?:\S*/)?(patchdeck .*)$", text, flags=re.MULTILINE)


def unknown_commands(texts: Iterator[str]) -> list[str]:
    known = verbs()
    return [
        match.group(0)
        for text in texts
        for match in COMMAND.finditer(text)
        if match.group(2) not in known
        or (known[match.group(2)] and match.group(3) not in {None, *known[match.group(2)]})
    ]


def test_advice_in_the_program_names_verbs_that_exist() -> None:
    """No message sends the user to a verb that is not there."""
    unknown = {str(path.relative_to(ROOT)): unknown_commands(said_in_code(path)) for path in SOURCES}
    assert {path: commands for path, commands in unknown.items() if commands} == {}


def test_pages_name_verbs_that_exist() -> None:
    """No page shows a command that is not there."""
    unknown = {str(page.relative_to(ROOT)): unknown_commands(said_on_page(page)) for page in PAGES}
    assert {page: commands for page, commands in unknown.items() if commands} == {}
