"""The live demo's processes: they end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from fleet.errors import PatchdeckError
from ops.demo_live_processes import find_peers

ROOT = Path(__file__).parents[2]
_OPEN = "import signal; from ops.demo_live import open_live_demo\nwith open_live_demo(1): print('open', flush=True); "


def is_alive(pid: int) -> bool:
    """Whether the process still works; one that nobody waited for is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def children_of(pid: int) -> list[int]:
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_machines_and_service_end_with_a_killed_demo(number: signal.Signals, tmp_path: Path) -> None:
    """Nobody is left to tell them: their standard input ends."""
    demo = subprocess.Popen(
        [sys.executable, "-c", f"{_OPEN}signal.pause()"],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    assert demo.stdout.readline() == "open\n"
    children = children_of(demo.pid)

    demo.send_signal(number)
    demo.communicate(timeout=30)
    deadline = time.monotonic() + 30
    while any(is_alive(pid) for pid in children):
        assert time.monotonic() < deadline, "a process of the demo lives on"
        time.sleep(0.05)
    assert len(children) == 2


def test_an_installation_without_peers_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line instead of a missing module."""
    monkeypatch.setattr("ops.demo_live_processes.__file__", str(tmp_path / "ops" / "demo_live_processes.py"))
    with pytest.raises(PatchdeckError, match="live demo"):
        find_peers()
