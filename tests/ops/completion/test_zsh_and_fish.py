"""Completion in a real zsh and a real fish, which are typed to over a pty."""

import fcntl
import os
import pty
import select
import shutil
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest

_SECONDS = 60
ZSH = ["zsh", "-f", "-i"]
FISH = ["fish", "--no-config", "--interactive"]
BEGIN = {
    # Without a list of what there is between the lines, and without the questions of a first start.
    "zsh": "PS1='> '; autoload -U compinit; compinit -u -D; source <(patchdeck completion zsh); echo rea''dy\n",
    "fish": "function fish_prompt; echo -n '> '; end; set fish_greeting; set fish_autosuggestion_enabled 0; "
    "patchdeck completion fish | source; echo rea''dy\n",
}
Line = Callable[[], str]


class Typist:
    """Types to a shell on a terminal of 160 columns; ``line`` is the last line that begins with its prompt."""

    def __init__(self, fd: int) -> None:
        self.fd = fd
        self.screen = pyte.Screen(160, 50)
        self._stream = pyte.ByteStream(self.screen)

    @property
    def line(self) -> str:
        """What stands behind the prompt."""
        begun = [line for line in self.screen.display if line.startswith("> ")]
        return begun[-1][2:] if begun else ""

    def until(self, holds: Callable[[], bool]) -> None:
        """Reads until ``holds``."""
        deadline = time.monotonic() + _SECONDS
        while not holds():
            assert time.monotonic() < deadline, "\n".join(filter(str.strip, self.screen.display))
            if select.select([self.fd], [], [], 0.2)[0]:
                data = os.read(self.fd, 65_536)
                self._stream.feed(data)
                if b"\x1b[c" in data or b"\x1b[0c" in data:  # fish asks what the terminal is
                    os.write(self.fd, b"\x1b[?62;22c")

    def type(self, keys: str, wanted: str) -> None:
        """Types ``keys`` in the place of the line, and waits until ``wanted`` stands there."""
        os.write(self.fd, b"\x15")
        self.until(lambda: not self.line.strip())
        os.write(self.fd, keys.encode())
        self.until(lambda: self.line.rstrip() == wanted)

    def shows(self, text: str) -> bool:
        """Whether ``text`` is on the screen."""
        return any(text in line for line in self.screen.display)


@contextmanager
def shell(command: list[str], own: dict[str, str]) -> Iterator[Typist]:
    """``command`` on a terminal, with our completion."""
    found = shutil.which(command[0])
    assert found is not None
    child, fd = pty.fork()
    if child == 0:
        os.execve(found, command, own)
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 160, 0, 0))
    typist = Typist(fd)
    try:
        os.write(fd, BEGIN[command[0]].encode())
        typist.until(lambda: any(line.strip() == "ready" for line in typist.screen.display))
        yield typist
    finally:
        os.close(fd)
        os.waitpid(child, 0)


@pytest.mark.parametrize("command", [ZSH, FISH], ids=["zsh", "fish"])
def test_verbs_names_and_targets_are_completed_and_quoted(
    command: list[str], named: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    """In one session: what is unique is written out, behind a colon too; a tag with a command in it runs nothing."""
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    program = Path(sys.executable).with_name("patchdeck")
    own = environment | {"TERM": "xterm-256color", "PATH": f"{program.parent}:{environment['PATH']}"}
    own |= {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path), "PATCHDECK_HOME": str(named), "LC_ALL": "C.UTF-8"}
    with shell(command, own) as typist:
        typist.type("patchdeck mach\t", "patchdeck machines")
        typist.type("patchdeck machines sh\t", "patchdeck machines show")
        typist.type("patchdeck assess tag:e\t", "patchdeck assess tag:env=prod")
        typist.type("patchdeck query --format mark\t", "patchdeck query --format markdown")
        typist.type("patchdeck machines show we\t", "patchdeck machines show web-0")
        quoted = r"tag:room=\$\(touch\ /tmp/x\)\ b"
        typist.type("patchdeck assess tag:ro\t", f"patchdeck assess {quoted}")
