"""Secrets that a command prints: its first line, in time, within bounds, and nobody sees more."""

import signal
import sys
from pathlib import Path

import pytest

from collectors.secrets import SecretUnavailable
from fleet.errors import BadInput
from ops.credentials.commands import MOST_BYTES, ask_command, parse_command


def python(code: str) -> tuple[str, ...]:
    return sys.executable, "-c", code


def test_first_line_is_the_secret() -> None:
    """As `pass show` prints it: the password first, notes below."""
    secret = ask_command(python("print('hun ter2 \\u00e9\\r\\nurl: x')"))
    assert secret.reveal() == "hun ter2 \u00e9"


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("import sys; print('LEAK'); sys.exit(3)", "exited 3"),
        ("import sys; print('LEAK', file=sys.stderr); sys.exit(1)", "exited 1"),
        ("print()", "no secret"),
        ("print('LEAK' * 2000)", "no secret"),
        ("import sys; sys.stdout.buffer.write(b'LEAK\\xff')", "no UTF-8"),
        (f"print('LEAK' * {MOST_BYTES})", "more than"),
        ("import time; print('LEAK', flush=True); time.sleep(60)", "was not done within"),
        ("import os, time; os.close(1); time.sleep(60)", "was not done within"),
        ("import os; os.kill(os.getpid(), 9)", "was ended by a signal"),
    ],
)
def test_command_that_gives_none_is_told_without_what_it_said(code: str, told: str) -> None:
    """Neither what it printed nor its arguments are in the error, nor in what led to it."""
    with pytest.raises(SecretUnavailable, match=told) as caught:
        ask_command(python(code), deadline_seconds=1.0)
    error: BaseException | None = caught.value
    while error is not None:
        assert "LEAK" not in repr(error) + str(error)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def test_program_that_is_not_there_is_told() -> None:
    """By its name."""
    with pytest.raises(SecretUnavailable, match="'no-such-program' cannot be run: No such file"):
        ask_command(("/nowhere/no-such-program", "x"))


def test_what_it_leaves_behind_is_ended(tmp_path: Path) -> None:
    """Children that it began end with it when its time is over."""
    pid_file = str(tmp_path / "pid")
    code = (
        "import subprocess; child = subprocess.Popen(['sleep', '300']); "
        f"open({pid_file!r}, 'w').write(str(child.pid)); child.wait()"
    )
    with pytest.raises(SecretUnavailable):
        ask_command(python(code), deadline_seconds=1.5)
    assert has_ended(int((tmp_path / "pid").read_text()))


def test_nothing_is_read_by_a_shell(tmp_path: Path) -> None:
    """Words are words, whatever stands in them."""
    made = tmp_path / "made"
    assert ask_command(parse_command(f"echo '$(touch {made})' ; `touch {made}`")).reveal().startswith("$(touch")
    assert not made.exists()


def test_standard_input_is_not_the_commands() -> None:
    """What was piped into Patchdeck stays for Patchdeck."""
    assert ask_command(python("import sys; print(repr(sys.stdin.read()))")).reveal() == "''"


def test_child_that_outlives_it_is_ended_too(tmp_path: Path) -> None:
    """One that holds its output open, so that nobody knows whether more is to come."""
    pid_file = tmp_path / "pid"
    with pytest.raises(SecretUnavailable, match="was not done within"):
        ask_command(("sh", "-c", f"sleep 300 & echo $! > {pid_file}; echo x"), deadline_seconds=0.3)
    assert has_ended(int(pid_file.read_text()))


@pytest.mark.parametrize("text", ["", "   ", "pass 'show"])
def test_what_is_no_command_is_refused(text: str) -> None:
    """Nothing, or an open quote."""
    with pytest.raises(BadInput):
        parse_command(text)


def has_ended(pid: int) -> bool:
    """Whether the process ends, which takes a moment after it was told to."""
    for _ in range(500):
        try:
            if Path(f"/proc/{pid}/stat").read_text().split()[2] == "Z":
                return True
        except OSError:
            return True
        signal.sigtimedwait([], 0.01)
    return False
