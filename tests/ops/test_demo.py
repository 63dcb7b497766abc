"""The demo: a copy that is gone afterwards, with the clock at its moment."""

import hashlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.errors import PatchdeckError
from ops.demo import find_sample_data, open_demo
from ops.missing import list_missing
from ops.statuses import statuses_of

ROOT = Path(__file__).parents[2]


def digest(folder: Path) -> str:
    """Of every file below ``folder`` that belongs to the sample home, by name and content."""
    hashed = hashlib.sha256()
    for path in sorted((folder / "tables").rglob("*")):
        if path.is_file():
            hashed.update(f"{path.relative_to(folder)} {hashlib.sha256(path.read_bytes()).hexdigest()}".encode())
    return hashed.hexdigest()


def test_the_sample_fleet_is_whole_and_fresh_at_its_moment() -> None:
    """At least sixty machines, most of them assessed; what they miss is in the tables."""
    with open_demo() as demo:
        statuses = statuses_of(demo.home, ["all"])
        missing = list_missing(demo.home)
        assessed = [status for status in statuses if status.compliance(demo.now).is_assessed]

    assert len(statuses) >= 60
    assert len(assessed) > len(statuses) / 2
    assert {found.machine_id for found in missing} <= {status.machine.id for status in statuses}
    assert missing


def test_the_clock_of_the_demo_goes_on() -> None:
    """What is assessed again in the demo is newer than what was there."""
    with open_demo() as demo:
        clock = demo.clock()
        first = clock()
        second = clock()

    assert demo.now <= first < second


def test_nothing_is_left_and_the_sample_is_untouched() -> None:
    """Whatever is done in the demo is forgotten."""
    source = find_sample_data()
    before = digest(source)

    with open_demo() as demo:
        (demo.home.path / "scribble").write_text("x")
        path = demo.home.path

    assert not path.exists()
    assert digest(source) == before


def test_an_installation_without_samples_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """One line instead of a missing file."""
    monkeypatch.setattr("ops.demo.__file__", str(tmp_path / "ops" / "demo.py"))

    with pytest.raises(PatchdeckError, match="sample data"):
        find_sample_data()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP], ids=lambda number: number.name)
def test_a_killed_demo_leaves_nothing_behind(number: signal.Signals, tmp_path: Path) -> None:
    """Closing the terminal ends the process by that signal, and the copy is gone."""
    script = (
        "import signal; from ops.demo import open_demo\nwith open_demo(): print('open', flush=True); signal.pause()"
    )
    demo = subprocess.Popen(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=os.environ | {"TMPDIR": str(tmp_path)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert demo.stdout is not None
    assert demo.stdout.readline() == "open\n"

    demo.send_signal(number)

    assert demo.wait(timeout=60) == -number
    assert list(tmp_path.iterdir()) == []
