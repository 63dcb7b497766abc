"""Streams that are closed, full or cut off, and signals: one line or none, and the documented exit code."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from ops.exit_codes import ExitCode

ROOT = Path(__file__).parents[3]
ENDLESS = "SELECT range FROM range(100000000000)"

Shell = Callable[..., subprocess.CompletedProcess[str]]
Begin = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def shell(environment: dict[str, str], tmp_path: Path) -> Shell:
    """Runs a line of bash in which `patchdeck` is ours."""
    line_begin = f'patchdeck() {{ "{sys.executable}" "{ROOT / "patchdeck.py"}" "$@"; }}; set -o pipefail; '

    def run(line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", line_begin + line],
            capture_output=True,
            encoding="utf-8",
            env=environment,
            cwd=tmp_path,
            timeout=200,
            check=False,
        )

    return run


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("patchdeck query 'SELECT 1' >&-", ExitCode.FAILED),
        ("patchdeck tables list --json >/dev/full", ExitCode.FAILED),
        ("patchdeck query - <&-", ExitCode.USAGE),
        ("patchdeck secrets init <&-", ExitCode.USAGE),
    ],
)
def test_a_closed_or_full_stream_is_one_line(shell: Shell, line: str, code: int) -> None:
    """What was not foreseen would say AttributeError."""
    shell("patchdeck machines add web-01")

    ended = shell(line)

    assert ended.returncode == code
    assert ended.stderr.count("\n") == 1
    assert "Error" not in ended.stderr


def test_a_full_standard_output_is_named(shell: Shell) -> None:
    """No space left says nothing without saying where."""
    assert "standard output: No space left on device" in shell("patchdeck query 'SELECT 1' >/dev/full").stderr


def test_a_closed_standard_error_changes_nothing_else(shell: Shell) -> None:
    """Talk is lost, data and exit code are not."""
    ended = shell("patchdeck machines add web-01 2>&-; patchdeck machines list --json 2>&-")

    assert ended.returncode == ExitCode.OK
    assert "web-01" in ended.stdout


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_data_is_utf8_whatever_the_locale(shell: Shell, encoding: str) -> None:
    """A replacement would be a loss that nobody sees."""
    ended = shell(f"PYTHONIOENCODING={encoding} patchdeck query 'SELECT chr(8594) AS x' --format csv")

    assert "\N{RIGHTWARDS ARROW}" in ended.stdout


@pytest.mark.parametrize("verb", ["query 'SELECT range FROM range(100000)' --format csv", "--help"])
def test_a_reader_that_has_had_enough_is_no_failure(shell: Shell, verb: str) -> None:
    """`| head` ends it without a word."""
    ended = shell(f"patchdeck {verb} | true")

    assert (ended.returncode, ended.stderr) == (ExitCode.OK, "")


def test_ctrl_c_while_a_group_asks_its_query(shell: Shell, begin: Begin, environment: dict[str, str]) -> None:
    """Code 130 without a word, as of any other query."""
    shell("patchdeck machines add web-01; patchdeck settings set query.memory_mib 64")  # little: it soon makes a file
    folder = Path(environment["PATCHDECK_HOME"]) / "queries"
    folder.mkdir()
    (folder / "slow.sql").write_text(
        "-- title: Slow\nSELECT range AS Computer FROM range(100000000000) ORDER BY hash(range)"
    )
    process = begin("groups", "preview", "--query", "slow")
    wait_for_file(process, folder.parent, "temp/*")

    process.send_signal(signal.SIGINT)
    _, talk = process.communicate(timeout=200)

    assert (process.returncode, talk) == (ExitCode.INTERRUPTED, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signals_interrupt_a_query_alike(begin: Begin, tmp_path: Path, number: signal.Signals) -> None:
    """Code 130, no word, and nothing of the file that was being written is left."""
    output = tmp_path / "out"
    output.mkdir()
    process = begin("query", ENDLESS, "--limit", "0", "-o", str(output / "answer.csv"))
    wait_for_file(process, output, "*")

    process.send_signal(number)
    _, talk = process.communicate(timeout=200)

    assert (process.returncode, talk) == (ExitCode.INTERRUPTED, "")
    assert list(output.iterdir()) == []


def wait_for_file(process: "subprocess.Popen[str]", folder: Path, pattern: str) -> None:
    """Returns once ``process`` has made a file there."""
    while not list(folder.glob(pattern)):
        assert process.poll() is None
        time.sleep(0.02)
