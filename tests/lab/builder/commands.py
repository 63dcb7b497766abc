"""Running a tool of the host, with its whole output in the error when it fails."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


class ToolFailed(Exception):
    """A tool that the lab needs ended with an error; carries the end of what it printed."""


def run(
    *argv: str | Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes = b"",
    timeout_seconds: float = 300,
) -> bytes:
    """The standard output of ``argv``.

    Raises:
        ToolFailed: it ended with another status than 0, or did not end in time.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words, cwd=cwd, env=env, input=stdin, capture_output=True, timeout=timeout_seconds, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(f"{' '.join(words)[:200]} did not end within {timeout_seconds:.0f} s") from error
    if done.returncode:
        said = (done.stdout + done.stderr).decode(errors="replace")[-4_000:]
        raise ToolFailed(f"{' '.join(words)[:200]} ended with {done.returncode}:\n{said}")
    return done.stdout
