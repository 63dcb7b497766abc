"""Help: complete, and light."""

import json
import subprocess
import sys
from pathlib import Path

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
# The verbs one after the other in one process, each with what it loaded beyond those before it.
HELP_OF_EACH = """
import json, sys, patchdeck
loaded = {{}}
for path in {paths!r}:
    before = set(sys.modules)
    sys.argv = ["patchdeck", "--home", {home!r}, *path, "--help"]
    assert patchdeck.main() == 0
    loaded[" ".join(path)] = sorted({{name.partition(".")[0] for name in set(sys.modules) - before}})
print(json.dumps(loaded), file=sys.stderr)
"""


def verb_paths() -> list[tuple[str, ...]]:
    """Every verb and group, as the words that call it."""
    paths: list[tuple[str, ...]] = [()]
    root = typer.main.get_command(build_app())
    for name, command in getattr(root, "commands", {}).items():
        paths.append((name,))
        paths.extend((name, verb) for verb in getattr(command, "commands", {}))
    return paths


def test_the_app_is_opened_without_the_declaration_of_any_verb() -> None:
    """Declaring all verbs takes a tenth of a second, which only help on them, and the naming of one, are worth."""
    for words in ([], ["--home", "machines"], ["--home=/srv/fleet", "--ascii"]):
        assert not build_app(words, is_whole=True).registered_groups
    for words in (["-hh"], ["--home", "/srv/fleet", "--help"], ["machnes"]):
        assert build_app(words, is_whole=True).registered_groups
    assert build_app([]).registered_groups, "nothing is typed yet where a verb is completed"


def modules_after(home: Path, *arguments: str) -> set[str]:
    """The top-level modules that `patchdeck ARGUMENTS` loads."""
    script = f"import sys\nsys.argv = {['patchdeck', '--home', str(home), *arguments]!r}\n{LIST_MODULES}"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=60, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.splitlines()[-1].split()}


def test_help_of_every_verb_loads_nothing_heavy(home: Path) -> None:
    """Asking for help costs no engine, store, SSH, database or screen library, and makes no home."""
    script = HELP_OF_EACH.format(home=str(home), paths=verb_paths())
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, encoding="utf-8", cwd=ROOT, timeout=120, check=True
    )
    loaded = {path: set(modules) & HEAVY for path, modules in json.loads(done.stderr).items()}

    assert len(loaded) > 100
    assert {path: heavy for path, heavy in loaded.items() if heavy} == {}
    assert not home.exists()


def test_listing_machines_opens_no_tables(home: Path) -> None:
    """`machines list` reads the state only."""
    loaded = modules_after(home, "machines", "list")

    assert loaded & (HEAVY - {"sqlite3"}) == set()


def test_every_verb_and_option_says_what_it_does() -> None:
    """No verb, argument or option is without help."""
    root = typer.main.get_command(build_app())
    silent = []
    for path in verb_paths():
        command = root
        for word in path:
            command = command.commands[word]  # type: ignore[attr-defined]
        nameless = [parameter.name for parameter in command.params if not getattr(parameter, "help", None)]
        silent += [(path, nameless)] if nameless or not command.help else []
    assert silent == []
