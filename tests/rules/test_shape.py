"""The code keeps its shape: small files named by a noun, functions that fit one glance."""

import ast
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROOMS = ("fleet", "collectors", "query", "ops", "tui")
EXCEPTIONS = tomllib.loads((Path(__file__).parent / "exceptions.toml").read_text(encoding="utf-8"))

# House style: "small files", "functions that fit one glance". The numbers are ours: a file is read in one
# sitting, a function is seen without scrolling at 80x50.
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_FUNCTION = 40
VAGUE_NAMES = {"utils", "util", "helpers", "helper", "common", "misc", "base_utils"}


def tracked(pattern: str) -> list[Path]:
    """Files of the repository, committed or about to be, that match ``pattern``."""
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", pattern],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / line for line in listing.stdout.splitlines() if (ROOT / line).exists()]


MODULES = [path for path in tracked("*.py") if path.relative_to(ROOT).parts[0] in ROOMS]


Trees = dict[Path, ast.Module]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.fixture(scope="module")
def trees() -> Trees:
    """Every module, parsed once."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in MODULES}


def test_modules_are_small_and_named_by_a_noun() -> None:
    """A module is read in one sitting, and its name says what it owns."""
    allowed = EXCEPTIONS["file_lines"]
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    assert [name_of(path) for path in MODULES if path.stem in VAGUE_NAMES] == []
    too_long = {name_of(p): n for p, n in sizes.items() if n > allowed.get(name_of(p), MOST_LINES_OF_A_FILE)}
    assert too_long == {}


def test_functions_fit_one_glance(trees: Trees) -> None:
    """Each function, its docstring apart, is seen without scrolling."""
    allowed = EXCEPTIONS["function_lines"]
    too_long = {
        f"{name_of(path)}:{node.name}": length
        for path, tree in trees.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (length := body_lines(node)) > allowed.get(f"{name_of(path)}:{node.name}", MOST_LINES_OF_A_FUNCTION)
    }
    assert too_long == {}


def test_no_exception_outlives_its_need() -> None:
    """An exception from the sizes is listed only while something needs it."""
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in MODULES}
    stale = [name for name in EXCEPTIONS["file_lines"] if sizes.get(name, 0) <= MOST_LINES_OF_A_FILE]
    assert stale == []


def test_packages_only_export(trees: Trees) -> None:
    """Nothing happens at import: a module's top level holds declarations only, never a bare call."""
    calls = [
        f"{name_of(path)}:{node.lineno}"
        for path, tree in trees.items()
        for node in tree.body
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)
    ]
    assert calls == []


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body
    has_docstring = isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant)
    statements = body[1:] if has_docstring and len(body) > 1 else body
    return (statements[-1].end_lineno or 0) - statements[0].lineno + 1
