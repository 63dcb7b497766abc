"""The real command line in a process of its own, with a home of its own."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
import typer

from ops.cli import main

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run of `patchdeck` ended."""

    code: int
    out: str
    err: str


Patchdeck = Callable[..., Ended]
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture(autouse=True, scope="session")
def verbs_read_once() -> Iterator[None]:
    """What typer reads of a verb is read once a process, as for its user: here one process runs thousands of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("typer.main.get_params_from_function", cache(typer.utils.get_params_from_function))
        yield


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the home of this test is; not made yet."""
    return tmp_path / "home"


@pytest.fixture
def environment(tmp_path: Path, home: Path) -> dict[str, str]:
    """The environment of a user who has nothing: no keys, no known hosts, no other home."""
    user_home = tmp_path / "user"
    user_home.mkdir()
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in {"PATH", "LANG", "LC_ALL", "COVERAGE_PROCESS_START"}
    }
    return kept | {"HOME": str(user_home), "PATCHDECK_HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def patchdeck_process(environment: dict[str, str], tmp_path: Path) -> Patchdeck:
    """Runs `patchdeck ARGUMENTS` in a process of its own, with ``given`` on standard input."""

    def run(*arguments: str, given: str = "", code: int = 0) -> Ended:
        done = subprocess.run(
            [sys.executable, str(ROOT / "patchdeck.py"), *arguments],
            input=given,
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
            timeout=120,
            check=False,
        )
        return checked(Ended(done.returncode, done.stdout, done.stderr), code)

    return run


@pytest.fixture
def begin(environment: dict[str, str]) -> Iterator[Begin]:
    """Starts `patchdeck ARGUMENTS` in a process of its own, which is killed if it outlives the test."""
    begun: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> "subprocess.Popen[str]":
        command = [sys.executable, str(ROOT / "patchdeck.py"), *arguments]
        pipe = subprocess.PIPE
        begun.append(subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True))
        return begun[-1]

    yield start
    for process in begun:
        process.kill()
        process.communicate()


@pytest.fixture
def patchdeck(
    environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> Patchdeck:
    """Runs `patchdeck ARGUMENTS` in this process: the same, and a hundred times faster."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, given: str = "", code: int = 0) -> Ended:
        monkeypatch.setattr(sys, "argv", ["patchdeck", *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(given))
        capfd.readouterr()
        ended = main(lambda request: 0)
        out, err = capfd.readouterr()
        return checked(Ended(ended, out, err), code)

    return run


def checked(ended: Ended, code: int) -> Ended:
    """``ended``, which ended with ``code`` and without a traceback."""
    assert "Traceback" not in ended.err
    assert ended.code == code, ended.err
    return ended
