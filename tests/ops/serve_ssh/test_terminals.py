"""What a client may say of its terminal, and how it gets it back."""

import pytest

from ops.serve_ssh.client_terminal import ClientTerminal
from ops.serve_ssh.running import app_environment
from ops.serve_ssh.terminals import Size, size_of, terminal_environment, terminal_name


@pytest.mark.parametrize(
    ("said", "size"),
    [((0, 0), (80, 24)), ((200, 60), (200, 60)), ((2**32 - 1, 2**31), (1000, 400)), ((80, 0), (80, 24))],
)
def test_size_is_bounded(said: tuple[int, int], size: tuple[int, int]) -> None:
    """Nothing at all is 80x24; nothing is larger than a wall."""
    assert size_of(*said) == Size(*size)


@pytest.mark.parametrize("said", ["", "../../etc/passwd", "x" * 41, "xterm;id", "a b", "\x1b[2J", "-x"])
def test_kind_of_terminal_that_is_no_name_is_the_usual_one(said: str) -> None:
    """It becomes part of a path."""
    assert terminal_name(said) == "xterm-256color"


def test_of_the_clients_environment_only_its_terminal_counts() -> None:
    """Colours, and whether it can show more than ASCII."""
    said = {"COLORTERM": "24bit", "NO_COLOR": "x", "LD_PRELOAD": "/x.so", "LC_ALL": "de_DE.UTF-8", "PATH": "/evil"}
    told = terminal_environment("tmux-256color", said)
    assert told == {"TERM": "tmux-256color", "LANG": "C.UTF-8", "COLORTERM": "truecolor", "NO_COLOR": "1"}
    assert "PATCHDECK_ASCII" in terminal_environment("xterm", {"LANG": "de_DE.ISO-8859-15"})
    assert "PATCHDECK_ASCII" not in terminal_environment("xterm", {"LANG": "C.utf8"})
    assert "COLORTERM" not in terminal_environment("xterm", {"COLORTERM": "$(id)"})


def test_apps_have_the_servers_environment_without_its_terminal() -> None:
    """Credentials of the store stay, programs and sessions of whoever started the server do not."""
    own = {"AWS_PROFILE": "x", "SSH_CONNECTION": "x", "TERM": "x", "EDITOR": "vi", "LC_ALL": "C", "SUDO_UID": "5"}
    assert app_environment(own) == {"AWS_PROFILE": "x"}


@pytest.mark.parametrize("step", [1, 7, 4096])
def test_terminal_of_an_app_that_died_is_put_back(step: int) -> None:
    """Whatever it had switched, however its bytes came; the other screen goes last."""
    terminal = ClientTerminal()
    written = b"\x1b[?1049h\x1b[?1000h\x1b[?1006h\x1b[?25l\x1b[>1uabc\x1b[?2004h\x1b[?2026h\x1b[?2026l"
    for at in range(0, len(written), step):
        terminal.passes(written[at : at + step])
    assert terminal.restoring() == (b"\x1b[<u\x1b[0m\x1b[?1000l\x1b[?1006l\x1b[?2004l\x1b[?25h\x1b[?1049l")


def test_terminal_that_the_app_gave_back_is_left_alone() -> None:
    """Nothing is sent after a clean end."""
    terminal = ClientTerminal()
    terminal.passes(b"\x1b[?1049h\x1b[?25l\x1b[>1u ... \x1b[<u\x1b[?25h\x1b[?1049l")
    assert terminal.restoring() == b""
