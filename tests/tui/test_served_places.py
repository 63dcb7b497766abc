"""Every place in the code where a program is started, or the app goes to a path: what keeps whoever is served over SSH
from it is written down here, so that no new one comes about unseen.
"""

import ast
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from fleet.errors import NotPermitted
from fleet.roles import Role
from fleet.ssh_logins import Login
from ops import acting_login
from ops.cli.editor import open_editor
from ops.exporting.folders import made_aside
from ops.reports.writing import write_file
from ops.service import starting
from tui import channel_making, clipboard, exporting, lending, paging
from tui.command_words import _files

ROOT = Path(__file__).parents[2]
_PROGRAMS = {
    "os.fork",
    "os.forkpty",
    "os.popen",
    "os.posix_spawn",
    "os.posix_spawnp",
    "os.system",
    "pty.fork",
    "pty.spawn",
    "subprocess.Popen",
    "subprocess.call",
    "subprocess.check_call",
    "subprocess.check_output",
    "subprocess.run",
}
_PROGRAM_METHODS = {
    "create_subprocess_exec",
    "create_subprocess_shell",
    "subprocess_exec",
    "subprocess_shell",
    "suspend",
}
_FILES = {"open", "io.open", "os.open", "os.listdir", "os.scandir", "os.walk", "written_aside"}
_FILE_METHODS = {
    "NamedTemporaryFile",
    "TemporaryDirectory",
    "exists",
    "expanduser",
    "glob",
    "is_dir",
    "is_file",
    "iterdir",
    "mkdir",
    "mkdtemp",
    "mkstemp",
    "read_bytes",
    "read_text",
    "rglob",
    "stat",
    "symlink_to",
    "touch",
    "unlink",
    "write_bytes",
    "write_text",
}
# Reading all of the code as a tree takes seconds.
_NAMES_PROGRAMS = re.compile(r"\bos\.(fork|popen|posix_spawn|system|exec|spawn)|\bpty\.|subprocess|\bsuspend\(")
_SERVICE, _HOST, _DEFINED = "the service's own process", "no session reaches it", "only what the host's admins defined"
_REFUSED, _OWN = "refused by require_own_host or require_elsewhere", "a path of ours, not the user's"
# Which programs may be begun, and by whom; a session of a viewer or operator begins none at all, by the kernel.
PROGRAMS = {
    "collectors/transports/local.py _start": "the probes of a machine that the form of machines does not make",
    "collectors/transports/ssh_link.py _run_proxy_command": "ProxyCommand of the owner's ssh_config; names are checked",
    "ops/apart/reader.py _begin": "Patchdeck itself, which reads what machines gave",
    "ops/cli/editor.py open_editor": _REFUSED,
    "ops/credentials/commands.py ask_command": _DEFINED,
    "ops/demo_live_processes.py _running": _HOST,
    "ops/deployments/console_scripts.py run_on_console": _DEFINED,
    "ops/messages/carrying/carrier.py _begin": "Patchdeck itself, which delivers messages",
    "ops/messages/carrying/program.py carry": _DEFINED,
    "ops/serve_ssh/app_parents.py _begin_parent": _HOST,
    "ops/service/installing.py _linger": _HOST,
    "ops/service/process.py main": _SERVICE,
    "ops/service/starting.py _start": "Patchdeck's service, by an admin's session, without what ends with that",
    "ops/service/units.py run_systemctl": "starts the unit of the service, where there is one",
    "ops/sudo_checks.py _run": _HOST,
    "ops/workers/shares.py __init__": "Patchdeck itself, which assesses",
    "tui/app_parent.py _fork": _HOST,
    "tui/lending.py _given_terminal": _REFUSED,
    "tui/paging.py _page": _REFUSED,
}
FILES = {
    "tui/app_parent.py _fork": _HOST,
    "tui/channel_making.py _read_key": _REFUSED,
    "tui/clipboard.py _put_aside": _REFUSED,
    "tui/command_words.py _files": "offers nothing in a session",
    "tui/config_watch.py _read_stamp": _OWN,
    "tui/deployment_deeds.py work": _REFUSED,
    "tui/deployment_deeds.py write_record": _REFUSED,
    "tui/editing.py _edited": "behind tui/lending.py",
    "tui/exporting.py _write_arrow": _REFUSED,
    "tui/exporting.py _write_rows": _REFUSED,
    "tui/paging.py _page": _REFUSED,
    "tui/query_deeds.py export": "its key is barred (tui/served.py)",
    "tui/report_deeds.py work": "its key is barred (tui/served.py)",
    "tui/report_deeds.py write": "its key is barred (tui/served.py)",
    "tui/screens/file_form.py made": "a path is only made, and refused where it is used",
}


def test_every_program_that_is_started_is_known() -> None:
    """In the app and whatever it calls."""
    found = {place for room in ("tui", "ops", "collectors", "query", "fleet") for place in _places(room, _is_program)}
    assert found == PROGRAMS.keys()


def test_every_path_that_the_app_goes_to_is_known() -> None:
    """Its own rooms alone: what `ops` does with a path is asked for by one of these, or is a verb's."""
    assert set(_places("tui", _is_file)) == FILES.keys()


@pytest.fixture
def served(monkeypatch: pytest.MonkeyPatch) -> None:
    """This process serves an admin, who is confined by nothing but our own code."""
    login = Login("ada", Role.ADMIN, "SHA256:x", "0a1b", "192.0.2.9 50000 8022")
    monkeypatch.setattr(acting_login, "_ACTING", [login])


_ANY: Any = SimpleNamespace()  # Any: stands for an app or an engine, which nothing is asked of
REFUSED: tuple[Callable[[Path], object], ...] = (
    open_editor,
    lambda path: paging._page("text", path.suffix),
    lambda _: lending._given_terminal(_ANY).__enter__(),
    lambda path: channel_making._read_key(str(path)),
    lambda path: exporting.write_answer(_ANY, _ANY, path, _ANY),
    lambda path: write_file(path, "text"),
    lambda path: made_aside(path).__enter__(),
)


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("way", REFUSED)
def test_ways_to_programs_and_files_are_refused(tmp_path: Path, way: Callable[[Path], object]) -> None:
    """Below the keys, so that it does not matter which key or command leads there; nothing is made."""
    with pytest.raises(NotPermitted, match="serve-ssh"):
        way(tmp_path / "answer.csv")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("served")
def test_what_is_too_long_to_copy_is_in_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said instead."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    said: list[str] = []
    deck: Any = SimpleNamespace(say=lambda text, **_: said.append(text))
    clipboard._put_aside(deck, "text", "The table")
    assert "serve-ssh" in said[0]
    assert list(tmp_path.iterdir()) == []
    assert not _files("import /et", "/et", 7).words


@pytest.mark.usefixtures("served")
def test_service_begun_by_a_session_has_nothing_that_ends_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the session's folder nor its client."""
    monkeypatch.setenv("TMPDIR", "/tmp/patchdeck-session-0a1b")
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.9 50000 192.0.2.1 8022")
    monkeypatch.setenv("AWS_PROFILE", "kept")
    given = starting._own_environment()
    assert given["AWS_PROFILE"] == "kept"
    assert not given.keys() & {"TMPDIR", "SSH_CONNECTION"}


def _places(room: str, is_meant: Callable[[str], bool]) -> Iterator[str]:
    for path in sorted((ROOT / room).rglob("*.py")):
        text = path.read_text()
        if room != "tui" and not _NAMES_PROGRAMS.search(text):
            continue
        for function in ast.walk(ast.parse(text)):
            if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                calls = (each for each in ast.walk(function) if isinstance(each, ast.Call))
                if any(is_meant(ast.unparse(call.func)) for call in calls):
                    yield f"{path.relative_to(ROOT)} {function.name}"


def _is_program(called: str) -> bool:
    method = called.rpartition(".")[2]
    return called in _PROGRAMS or called.startswith(("os.exec", "os.spawn")) or method in _PROGRAM_METHODS


def _is_file(called: str) -> bool:
    return called in _FILES or called.rpartition(".")[2] in _FILE_METHODS
