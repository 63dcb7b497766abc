"""The service as people meet it: started, looked at, killed and ended by the real command line."""

import json
import os
import pty
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from ops.home import Home, open_home
from ops.service import ensure_running
from ops.service.lease import find_holder
from ops.service.stopping import stop_service

_ROOT = Path(__file__).parents[3]
_PROGRAM = str(_ROOT / "patchdeck.py")
_PATIENCE_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of `patchdeck` ended."""

    code: int
    out: str
    err: str


Patchdeck = Callable[..., Ended]


@pytest.fixture
def environment(tmp_path: Path, home: Home) -> dict[str, str]:
    """The environment of a user who has nothing."""
    (tmp_path / "user").mkdir()
    kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    return kept | {"HOME": str(tmp_path / "user"), "PATCHDECK_HOME": str(home.path), "PYTHONPATH": str(_ROOT)}


@pytest.fixture
def patchdeck(environment: dict[str, str]) -> Patchdeck:
    """Runs `patchdeck ARGUMENTS`."""

    def run(*arguments: str) -> Ended:
        command = [sys.executable, _PROGRAM, *arguments]
        done = subprocess.run(
            command, capture_output=True, text=True, env=environment, timeout=_PATIENCE_SECONDS, check=False
        )
        assert "Traceback" not in done.stderr
        return Ended(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(autouse=True)
def ended_with_the_test(home: Home) -> Iterator[None]:
    """No service outlives its test."""
    yield
    holder = find_holder(home)
    if holder is not None:
        os.kill(holder.pid, signal.SIGKILL)
        _wait_for(lambda: find_holder(home) is None)


def _wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _pid(home: Home) -> int:
    holder = find_holder(home)
    assert holder is not None
    return holder.pid


def _foreground(environment: dict[str, str]) -> subprocess.Popen[str]:
    command = [sys.executable, _PROGRAM, "service", "run"]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment)


def _wait_until_ready(process: subprocess.Popen[str]) -> None:
    assert process.stderr is not None
    assert "works" in process.stderr.readline()


def test_it_is_started_looked_at_and_ended(patchdeck: Patchdeck, home: Home) -> None:
    """The exit code of status says whether it runs; starting and ending again change nothing."""
    assert patchdeck("service", "status").code == 10
    started = patchdeck("service", "start")
    assert started.code == 0
    assert f"process {_pid(home)} " in started.err
    assert patchdeck("service", "start").err == started.err
    shown = patchdeck("service", "status", "--json")
    (row,) = json.loads(shown.out)
    assert shown.code == 0
    assert (row["running"], row["pid"], row["troubles"]) == (True, _pid(home), [])
    assert patchdeck("service", "stop").err.startswith("Ended: process")
    assert patchdeck("service", "stop").err.startswith("No service")
    assert patchdeck("service", "status").code == 10
    actions = [entry["action"] for entry in json.loads(patchdeck("audit", "--json").out)]
    assert actions == ["service.stop", "service.begin"]


def test_a_second_one_in_the_foreground_is_refused(
    patchdeck: Patchdeck, home: Home, environment: dict[str, str]
) -> None:
    """It says who holds the lease, with an exit code of its own; SIGTERM ends the first in order."""
    first = _foreground(environment)
    _wait_until_ready(first)
    second = patchdeck("service", "run")
    assert second.code == 9
    assert f"process {first.pid} " in second.err
    first.terminate()
    assert first.wait(_PATIENCE_SECONDS) == 0
    assert find_holder(home) is None
    assert 'event="service ended"' in home.log_file.read_text("utf-8")


def test_a_killed_service_is_followed_at_once(patchdeck: Patchdeck, home: Home) -> None:
    """kill -9 leaves neither a lock nor a holder that is believed."""
    patchdeck("service", "start")
    killed = _pid(home)
    os.kill(killed, signal.SIGKILL)
    _wait_for(lambda: find_holder(home) is None)
    assert patchdeck("service", "status").code == 10
    assert patchdeck("service", "start").code == 0
    assert _pid(home) != killed


@pytest.mark.soak
def test_six_services_race_and_one_works(home: Home, environment: dict[str, str]) -> None:
    """All others end with the code of a held lease."""
    racing = [_foreground(environment) for _ in range(6)]
    try:
        _wait_for(lambda: sum(process.poll() is not None for process in racing) == 5)
        assert sorted(process.poll() or 0 for process in racing) == [0] + [9] * 5
        (winner,) = (process for process in racing if process.poll() is None)
        assert _pid(home) == winner.pid
    finally:
        for process in racing:
            process.kill()
            process.communicate()


def test_twenty_callers_at_once_have_one_service(home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each is told of the same process."""
    monkeypatch.setenv("HOME", str(tmp_path))
    said: list[str] = []
    callers = [threading.Thread(target=lambda: said.append(ensure_running(home))) for _ in range(20)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert len(said) == 20
    assert len(set(said)) == 1
    assert f"process {_pid(home)} " in said[0]


def test_it_outlives_the_terminal_that_started_it(home: Home, environment: dict[str, str]) -> None:
    """The terminal is closed, and its session is hung up; the service belongs to neither."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(sys.executable, [sys.executable, _PROGRAM, "service", "start"], environment)
    with suppress(OSError):  # Linux tells the end of a terminal as an error
        while os.read(terminal, 1024):
            pass
    os.close(terminal)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGHUP)
    os.waitpid(child, 0)
    service = _pid(home)
    os.kill(service, signal.SIGHUP)
    assert os.getsid(service) != os.getsid(0)
    assert Path(f"/proc/{service}/stat").read_text().split()[6] == "0"  # no controlling terminal: proc(5)
    assert stop_service(home, _PATIENCE_SECONDS) is not None


def test_what_keeps_it_from_starting_is_told(patchdeck: Patchdeck, home: Home) -> None:
    """In one line, by whoever wanted to start it."""
    home.config_file.write_text('[service]\nassess_every = ["web-1 often"]\n', "utf-8")
    ended = patchdeck("service", "start")
    assert ended.code == 1
    assert "service.assess_every: 'web-1 often' is not usable" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert patchdeck("service", "run").code == 2


def test_a_run_that_is_asked_for_has_the_service_work_on_it(patchdeck: Patchdeck, home: Home, tmp_path: Path) -> None:
    """`deployments run` starts it; the run goes on without the one who asked, and ends by itself."""
    failure = {"kind": "connection-refused", "tried": "connect", "came_back": "refused.", "remedy": "Start sshd."}
    transcript = tmp_path / "web-1.json"
    transcript.write_text(json.dumps({"format": 1, "replies": [{"failure": failure}]}), "utf-8")
    patchdeck("machines", "add", "web-1", "--transport", "scripted", "--transcript", str(transcript))
    added = patchdeck("deployments", "add", "patches", "--target", "web-1", "--class", "security")
    assert added.code == 0, added.err
    asked = patchdeck("deployments", "run", "patches", "--yes")
    assert asked.code == 0, asked.err
    assert find_holder(home) is not None

    def is_over() -> bool:
        return '"status": "Failed"' in patchdeck("deployments", "status", "patches", "--json").out

    _wait_for(is_over)


def test_a_run_of_a_killed_service_is_taken_up_by_the_next(patchdeck: Patchdeck, home: Home, tmp_path: Path) -> None:
    """The run was in the middle of its first machine; nobody had to ask again."""
    transcript = tmp_path / "slow.json"
    transcript.write_text(json.dumps({"format": 1, "replies": [{"exit_status": 0, "delay_seconds": 100}]}), "utf-8")
    patchdeck("machines", "add", "slow", "--transport", "scripted", "--transcript", str(transcript))
    patchdeck("deployments", "add", "patches", "--target", "slow", "--class", "security")
    patchdeck("deployments", "run", "patches", "--yes")
    _wait_for(lambda: "works on run" in patchdeck("service", "status").out)
    os.kill(_pid(home), signal.SIGKILL)
    _wait_for(lambda: find_holder(home) is None)
    assert patchdeck("service", "start").code == 0
    _wait_for(lambda: "works on run" in patchdeck("service", "status").out)
    stopped = patchdeck("service", "stop")
    assert "goes on with the next service" in stopped.err
    assert home.log_file.read_text("utf-8").count('event="run taken up"') == 2


def test_it_runs_in_no_home_that_is_not_there(tmp_path: Path) -> None:
    """A home that vanished is not made again by a service."""
    home = open_home(tmp_path / "gone")
    (home.path / "version").unlink()
    home.path.rmdir()
    with pytest.raises(Exception, match="gone"):
        ensure_running(home)
