"""Help: complete, and light."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
import typer.main

from ops.cli.app import build_app

ROOT = Path(__file__).parents[3]

# What a verb that only declares itself must not load: design.md, "`patchdeck --help` stays under 0.3 s".
HEAVY = {
    "asyncio",
    "asyncssh",
    "cryptography",
    "deltalake",
    "duckdb",
    "fsspec",
    "keyring",
    "polars",
    "rich",
    "sqlglot",
    "sqlite3",
    "textual",
    "tree_sitter",
}
LIST_MODULES = "import sys, patchdeck\ncode = patchdeck.main()\nprint(*sys.modules, file=sys.stderr)\nsys.exit(code)\n"


def verb_paths() -> list[tuple[str, ...]]:
    """Every verb and group, as the words that call it."""
    paths: list[tuple[str, ...]] = [()]
    root = typer.main.get_command(build_app())
    for name, command in getattr(root, "commands", {}).items():
        paths.append((name,))
        paths.extend((name, verb) for verb in getattr(command, "commands", {}))
    return paths


def modules_after(home: Path, *arguments: str) -> set[str]:
    """The top-level modules that `patchdeck ARGUMENTS` loads."""
    script = f"import sys\nsys.argv = {['patchdeck', '--home', str(home), *arguments]!r}\n{LIST_MODULES}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=60, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


@pytest.mark.parametrize("path", verb_paths(), ids=" ".join)
def test_help_of_every_verb_loads_nothing_heavy(path: tuple[str, ...], home: Path) -> None:
    """Asking for help costs no engine, store, SSH, database or screen library, and makes no home."""
    loaded = modules_after(home, *path, "--help")

    assert loaded & HEAVY == set()
    assert not home.exists()


def test_listing_machines_opens_no_tables(home: Path) -> None:
    """`machines list` reads the state only."""
    loaded = modules_after(home, "machines", "list")

    assert loaded & (HEAVY - {"sqlite3"}) == set()


@pytest.mark.parametrize("path", verb_paths(), ids=" ".join)
def test_every_verb_and_option_says_what_it_does(path: tuple[str, ...]) -> None:
    """No verb, argument or option is without help."""
    command = typer.main.get_command(build_app())
    context = typer.Context(command, info_name="patchdeck")
    for word in path:
        command = command.commands[word]  # type: ignore[attr-defined]
        context = typer.Context(command, parent=context, info_name=word)

    assert command.help
    assert [parameter.name for parameter in command.params if not getattr(parameter, "help", None)] == []
