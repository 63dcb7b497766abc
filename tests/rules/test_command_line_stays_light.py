"""The command line starts fast because it imports only what a verb uses."""

import subprocess
import sys

HEAVY = (
    "apprise",
    "asyncssh",
    "cryptography",
    "deltalake",
    "duckdb",
    "fsspec",
    "keyring",
    "obstore",
    "polars",
    "requests",
    "sqlglot",
    "textual",
    "tree_sitter",
)
LIST_MODULES = "import sys, patchdeck\ntry:\n    patchdeck.main()\nfinally:\n    print(*sys.modules, file=sys.stderr)\n"


def modules_after(*arguments: str) -> set[str]:
    """Top-level modules that are loaded once ``patchdeck ARGUMENTS`` has run."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys\nsys.argv = {['patchdeck', *arguments]!r}\n{LIST_MODULES}"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_help_imports_nothing_heavy() -> None:
    """``patchdeck --help`` loads no engine, no store, no SSH and no screen library."""
    loaded = modules_after("--help")
    assert "ops" in loaded
    assert loaded.isdisjoint(HEAVY)
