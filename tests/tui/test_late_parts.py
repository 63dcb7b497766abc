"""What the app's start leaves out is not imported before the first screen, and there when it is wanted."""

import subprocess
import sys

import pytest

# Engines, stores and connections; what only verbs, or screens that are not the first, need.
LEFT_OUT = frozenset(
    {
        "apprise",
        "asyncssh",
        "cryptography",
        "dateutil",
        "deltalake",
        "duckdb",
        "keyring",
        "markdown_it",
        "polars",
        "pydantic",
        "requests",
        "rich.markdown",
        "rich.syntax",
        "rich.traceback",
        "sqlglot",
        "ssl",
        "textual.types",
        "textual.widgets._data_table",
        "textual.widgets._directory_tree",
        "textual.widgets._markdown",
        "textual.widgets._select",
        "textual.widgets._text_area",
        "tree_sitter",
        "typer",
        "winrm",
    }
)
OPENED = """
import sys
sys.argv = ["patchdeck", "--home", sys.argv[1]]
from ops.cli import command_session
command_session.require_terminal = lambda: None
import patchdeck, tui.opening
def look(app):
    app.call_after_refresh(app.exit)
    app.run(headless=True)
    print(*sys.modules)
    return 0
tui.opening.open_app = lambda home, **options: look(tui.opening.app_over(home, **options))
sys.exit(patchdeck.main())
"""
COMPLETED = """
from tui.late_parts import complete, import_asyncio, import_textual
import_asyncio(), import_textual()
import asyncio, asyncio.base_events, asyncio.selector_events, asyncio.sslproto, sys
assert asyncio.sslproto.ssl is None and "textual.app" in sys.modules
complete()
import ssl, textual.types
assert asyncio.base_events.ssl is asyncio.selector_events.ssl is asyncio.sslproto.ssl is ssl
assert issubclass(asyncio.sslproto.SSLAgainErrors[0], ssl.SSLError)
assert textual.types.DirEntry.__module__ == "textual.widgets._directory_tree"
asyncio.run(asyncio.wait_for(asyncio.sleep(0), 60))
"""


def _run(program: str, *arguments: object) -> str:
    words = [sys.executable, "-c", program, *map(str, arguments)]
    return subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout


def test_first_screen_needs_little(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Opened over a new home and drawn, the app has loaded none of what it can do without."""
    loaded = {*_run(OPENED, tmp_path_factory.mktemp("new") / "home").split()}
    assert "tui.screens.machines" in loaded
    assert not loaded & LEFT_OUT


def test_what_was_left_out_is_whole_later() -> None:
    """asyncio has its TLS, and Textual's module of types is its own."""
    _run(COMPLETED)
