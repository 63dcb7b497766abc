"""The app in a session over SSH: no program and no file of the server, whatever key asks for one."""

import importlib
import pkgutil
import re

import pytest
from textual.binding import Binding
from textual.dom import DOMNode

import tui.screens
from fleet.errors import NotPermitted
from fleet.roles import Role
from fleet.ssh_logins import Login
from ops import acting_login
from ops.importing.disk_files import DiskFiles
from tui.command_words import _files
from tui.served import _FILES, _PROGRAMS, why_not_served

_TELLS = re.compile(r"\$(EDITOR|PAGER)|(to|into) a file\b")


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process serves an admin."""
    login = Login("ada", Role.ADMIN, "SHA256:x", "0a1b", "192.0.2.9 50000 8022")
    monkeypatch.setattr(acting_login, "_ACTING", [login])


def screens() -> list[type[DOMNode]]:
    """Every class with keys in the modules of screens."""
    modules = [
        importlib.import_module(f"tui.screens.{each.name}") for each in pkgutil.iter_modules(tui.screens.__path__)
    ]
    found = {each for module in modules for each in vars(module).values() if isinstance(each, type)}
    return sorted((each for each in found if issubclass(each, DOMNode)), key=lambda each: each.__name__)


@pytest.mark.usefixtures("served")
def test_every_key_for_a_program_or_a_file_says_why_not() -> None:
    """Known by what the key tells of itself, so that a new one is not forgotten."""
    silent = [
        (screen.__name__, binding.action)
        for screen in screens()
        for binding in screen.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding) and _TELLS.search(binding.tooltip)
        if not why_not_served(screen.__new__(screen), binding.action)
    ]
    assert silent == []


def test_every_key_that_is_barred_exists() -> None:
    """No name outlives its key."""
    known = {
        f"{screen.__name__}.{binding.action}"
        for screen in screens()
        for binding in screen.__dict__.get("BINDINGS", ())
        if isinstance(binding, Binding)
    }
    assert known >= _PROGRAMS | _FILES


@pytest.mark.usefixtures("served")
def test_no_path_is_completed_or_read() -> None:
    """What lies on the server is not shown, not even by its name."""
    assert not _files("import /et", "/et", 7).words
    with pytest.raises(NotPermitted, match="serve-ssh"):
        DiskFiles().read("/etc/passwd")
    with pytest.raises(NotPermitted, match="serve-ssh"):
        DiskFiles().matching("/etc/*")


def test_on_the_host_itself_nothing_is_barred() -> None:
    """The same app as ever."""
    assert not any(why_not_served(screen.__new__(screen), "write") for screen in screens())
