"""Completion in a real bash, which is typed to over a pty."""

import os
import pty
import select
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

BASH = shutil.which("bash")
pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")
_SECONDS = 60
Typed = Callable[[str, str], str]


@pytest.fixture
def typed(named: Path, environment: dict[str, str]) -> Iterator[Typed]:
    """Types keys to a bash with our completion, and gives the screen once ``end`` is there."""
    assert BASH is not None
    command = Path(sys.executable).with_name("patchdeck")
    own = environment | {"PS1": "$ ", "TERM": "dumb", "PATH": f"{command.parent}:{environment['PATH']}"}
    child, fd = pty.fork()
    if child == 0:
        os.execve(BASH, ["bash", "--norc", "--noprofile", "-i"], own)

    def until(end: str) -> str:
        seen, deadline = "", time.monotonic() + _SECONDS
        while end not in seen:
            assert select.select([fd], [], [], max(0, deadline - time.monotonic()))[0], seen
            seen += os.read(fd, 65536).decode(errors="replace")
        return seen

    def type_keys(keys: str, end: str) -> str:
        os.write(fd, keys.encode())
        return until(end)

    type_keys('eval "$(patchdeck completion bash)"; bind "set bell-style none"; echo rea""dy\n', "\nready")
    yield type_keys
    os.close(fd)
    os.waitpid(child, 0)


def test_bash_completes_verbs_names_and_targets_with_colons(typed: Typed) -> None:
    """In one session: what is unique is written out, behind a colon as well, and a blank follows."""
    assert "machines" in typed("patchdeck mach\t", "machines ")
    assert "show" in typed("sh\t", "show ")
    assert "web-0" in typed("we\t", "web-0")
    typed("\x15", "")
    typed("patchdeck assess tag:e\t", "tag:env=prod ")


def test_what_a_machine_says_is_quoted(typed: Typed) -> None:
    """A tag with blanks and a command in it is one word that runs nothing."""
    assert r"\$\(touch\ /tmp/x\)\ b " in typed("patchdeck assess tag:ro\t", r"\ b ")


def test_what_a_machine_says_is_quoted_in_quotes_too(typed: Typed) -> None:
    """Within double quotes a shell would run it as well; single ones are opened anew behind one of its own."""
    assert r"\$(touch /tmp/x) b" in typed('patchdeck assess "tag:ro\t', ") b")
    typed("\x15", "")
    assert "$(touch /tmp/x) b" in typed("patchdeck assess 'tag:ro\t", ") b")
