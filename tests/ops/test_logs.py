"""The log: one line an event, nothing secret, nothing on the terminal."""

import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from fleet.roles import Role
from fleet.ssh_logins import Login
from ops import acting_login
from ops.logs import has_log, log_error, log_event, open_log
from ops.permission import Closed, close_to_writing, open_to_writing


class _Password:
    def __str__(self) -> str:
        return "•••"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """An open log; closed again afterwards."""
    path = tmp_path / "patchdeck.log"
    before = logging.getLogger().handlers[:]
    open_log(path)
    yield path
    for handler in logging.getLogger().handlers[:]:
        if handler not in before:
            logging.getLogger().removeHandler(handler)
            handler.close()


def test_event_is_one_line_of_keys_and_values(log: Path) -> None:
    """Values with spaces and quotes are quoted; steering characters and newlines do not get through."""
    log_event("machine-finished", machine="web-01", text='it said "no"\nand \x1b[31mleft', seconds=1.5, nothing="")

    (line,) = log.read_text("utf-8").splitlines()
    assert line.endswith(
        r'event=machine-finished machine=web-01 text="it said \"no\" and ' + '\ufffd[31mleft" seconds=1.5 nothing=""'
    )
    assert " level=info " in line


def test_secret_masks_itself(log: Path) -> None:
    """A secret's type decides how it is written."""
    log_event("login", password=_Password())

    assert "password=•••" in log.read_text("utf-8")


def test_error_keeps_where_it_was_raised(log: Path) -> None:
    """The traceback is one field on the same line."""
    try:
        int("odd")
    except ValueError as error:
        log_error("task-failed", error, machine="web-01")

    (line,) = log.read_text("utf-8").splitlines()
    assert "ValueError: invalid literal" in line
    assert "test_logs.py" in line


def test_other_libraries_warn_in_the_file(log: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """A warning of a library goes to the file with its source, not to the terminal."""
    logging.getLogger("asyncssh").warning("Odd %s", "packet")

    assert 'event="Odd packet" source=asyncssh' in log.read_text("utf-8")
    assert capfd.readouterr().err == ""


def test_python_warnings_go_to_the_file(tmp_path: Path) -> None:
    """asyncssh has cryptography warn of a machine with old key exchanges; that is not for the terminal."""
    path = tmp_path / "patchdeck.log"
    code = (
        "import sys, pathlib, warnings, ops.logs as l; l.open_log(pathlib.Path(sys.argv[1])); warnings.warn('is old')"
    )

    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)

    assert done.stderr == ""
    assert "is old" in path.read_text("utf-8")


def test_large_log_is_set_aside(log: Path) -> None:
    """A log over 10 MiB starts anew when it is opened."""
    log.write_bytes(b"x" * (10 * 1024 * 1024 + 1))

    open_log(log)
    log_event("begin")

    assert log.with_name("patchdeck.log.1").stat().st_size > 10 * 1024 * 1024
    assert len(log.read_text("utf-8").splitlines()) == 1


def test_log_that_cannot_be_written_stops_nothing(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """Without a log the work goes on silently."""
    open_log(tmp_path / "missing" / "patchdeck.log")

    log_event("begin")

    assert capfd.readouterr().err == ""


def test_session_over_ssh_that_changes_nothing_keeps_the_log_of_its_server(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What broke in a viewer's session is found where it is told to be; any other process that reads keeps none."""
    close_to_writing(log.parent, Closed("vera is a viewer", is_asked=False))
    open_log(log)
    assert not has_log()
    monkeypatch.setattr(acting_login, "_ACTING", [Login("vera", Role.VIEWER, "SHA256:x", "0a1b", "192.0.2.9 1 8022")])
    open_log(log)
    log_event("broke")
    open_to_writing(log.parent)
    assert "event=broke" in log.read_text("utf-8")


def test_without_a_log_nothing_is_printed() -> None:
    """Neither an event nor a traceback: a home that is only read has no log, and the terminal is not one."""
    code = "from ops.logs import has_log, log_error; log_error('broke', ValueError('no')); print(has_log())"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert (ended.stdout, ended.stderr) == ("False\n", "")
