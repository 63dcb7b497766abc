"""Secrets that a command gives: `pass show x`, the clients of Vault and 1Password. What it prints is seen by nobody."""

import os
import selectors
import shlex
import signal
import subprocess
import time
from collections.abc import Sequence

from collectors.secrets import Secret, SecretUnavailable
from fleet.errors import BadInput

# A password manager may ask its owner for a touch or a PIN.
DEADLINE_SECONDS = 30.0
MOST_BYTES = 65_536
_MOST_CHARACTERS = 4_096
_PORTION = 8_192


def parse_command(text: str) -> tuple[str, ...]:
    """A program with its arguments, in the quoting of a shell; there never is one.

    Raises:
        BadInput: nothing is left of it, or a quote is open.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        raise BadInput(f"The command {text!r} cannot be split into words: {error}.") from error
    if not words:
        raise BadInput("The command is empty: give a program with its arguments, as in 'pass show servers'.")
    return words


def ask_command(command: Sequence[str], *, deadline_seconds: float = DEADLINE_SECONDS) -> Secret:
    """The first line that ``command`` prints. Blocking.

    Its standard input is empty, and its errors are not read: who knows what it says there.

    Raises:
        SecretUnavailable: it cannot be run, takes too long, fails, or prints no secret; never says what came.
    """
    started = time.monotonic()
    try:
        process = subprocess.Popen(
            [*command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # ended with all that it began
        )
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "an argument cannot be given"
        raise _unavailable(command, f"cannot be run: {reason}") from error
    try:
        printed = _read(process, started + deadline_seconds)
        if printed is not None and len(printed) <= MOST_BYTES:
            process.wait(max(0.1, started + deadline_seconds - time.monotonic()))
    except subprocess.TimeoutExpired:
        printed = None
    finally:
        _end(process)
    return _secret_of(command, printed, process.returncode, deadline_seconds)


def _read(process: "subprocess.Popen[bytes]", deadline: float) -> bytes | None:
    """What it prints, at most a little more than `MOST_BYTES`; None where its end does not come in time."""
    if process.stdout is None:
        raise LookupError("standard output is a pipe")
    printed = b""
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(printed) <= MOST_BYTES:
            left = deadline - time.monotonic()
            if left <= 0 or not selector.select(left):
                return None
            portion = os.read(process.stdout.fileno(), _PORTION)
            if not portion:
                break
            printed += portion
    return printed


def _end(process: "subprocess.Popen[bytes]") -> None:
    # Not poll(): a program that has ended already may have left children, and names their group until it is waited for.
    if process.returncode is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except PermissionError:
            pass  # it became another user, as sudo does: it is not ours to end, nor to wait for
        else:
            process.wait()
    if process.stdout is not None:
        process.stdout.close()


def _secret_of(
    command: Sequence[str], printed: bytes | None, exit_status: int | None, deadline_seconds: float
) -> Secret:
    if printed is None:
        raise _unavailable(command, f"was not done within {deadline_seconds:g} s")
    if len(printed) > MOST_BYTES:
        raise _unavailable(command, f"printed more than {MOST_BYTES:,} bytes")
    if exit_status is None or exit_status < 0:
        raise _unavailable(command, "was ended by a signal")
    if exit_status > 0:
        raise _unavailable(command, f"exited {exit_status}")
    try:
        line = printed.decode("utf-8").split("\n", 1)[0].removesuffix("\r")
    except UnicodeDecodeError:
        # Without its cause: that holds what was printed.
        raise _unavailable(command, "printed what is no UTF-8") from None
    if not line or len(line) > _MOST_CHARACTERS or "\0" in line:
        raise _unavailable(command, f"printed no secret of up to {_MOST_CHARACTERS:,} characters on its first line")
    return Secret(line)


def _unavailable(command: Sequence[str], what: str) -> SecretUnavailable:
    # Its arguments stay away from logs: somebody may have put a token among them.
    return SecretUnavailable(f"The command {os.path.basename(command[0])!r} {what}; run it yourself to see why.")  # noqa: PTH119
