"""The app in a real tmux, which is a terminal of its own: sending what changes and sending all make the same panes."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pyte
import pytest

from ops.home import Home
from tests.tui.cells.test_thin_terminal import seen
from tests.tui.real_terminal import PROGRAM, ROOT

KEYS = (("j",), ("NPage",), ("G",), ("g",), ("/", "m", "a", "i"), ("Enter",), ("Escape",), ("?",), ("Escape",), ("2",))


@dataclass(frozen=True, slots=True)
class Pane:
    """A pane of 80x24 in a tmux server of its own."""

    socket: Path

    def tmux(self, *words: str) -> str:
        """What tmux answers to ``words``."""
        # Whoever runs the tests may sit in a tmux.
        environment = {name: value for name, value in os.environ.items() if name not in ("TMUX", "NO_COLOR")}
        command = ["tmux", "-S", str(self.socket), "-f", "/dev/null", *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    def cells(self) -> list[list[object]]:
        """What one sees in it."""
        screen = pyte.Screen(80, 24)
        pyte.Stream(screen).feed("\r\n".join(self.tmux("capture-pane", "-p", "-e", "-N").splitlines()[:24]))
        return [[seen(screen.buffer[y][x]) for x in range(80)] for y in range(24)]


@pytest.fixture
def pane(tmp_path: Path, fleet_home: Home) -> Iterator[Callable[..., Pane]]:
    """Starts the app in a tmux."""
    started: list[Pane] = []

    def start(**environment: str) -> Pane:
        opened = Pane(tmp_path / f"tmux-{len(started)}")
        variables = [f"{name}={value}" for name, value in {"COLORTERM": "truecolor", **environment}.items()]
        app = ("env", "-C", str(ROOT), *variables, sys.executable, "-c", PROGRAM, str(fleet_home.path))
        opened.tmux("new-session", "-d", "-x", "80", "-y", "24", *app)
        opened.tmux("set", "-g", "status", "off")
        started.append(opened)
        return opened

    yield start
    for each in started:
        each.tmux("kill-server")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is not installed")
def test_panes_of_tmux_are_the_same_cell_for_cell(pane: Callable[..., Pane]) -> None:
    """Moving, paging, filtering, help, another view: at each step."""
    thin, whole = pane(), pane(PATCHDECK_WHOLE_SCREEN="1")
    for each in (thin, whole):
        until(lambda each=each: "? keys" in each.tmux("capture-pane", "-p"))  # type: ignore[misc]  # bound at once
    until(lambda: thin.cells() == whole.cells())
    for keys in KEYS:
        before = thin.cells()
        for each in (thin, whole):
            each.tmux("send-keys", *keys)
        until(lambda before=before: before != thin.cells() == whole.cells())  # type: ignore[misc]


def until(condition: Callable[[], bool]) -> None:
    """Waits for ``condition``."""
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
