"""The app in a real pseudo-terminal: what it draws, how it leaves the terminal, what it sends when nothing happens."""

import os
import signal

import pytest

from ops.home import Home
from tests.tui.real_terminal import Start

# A screen of 120x40 takes about twice as many bytes to draw, a step or a word that comes and goes far fewer.
_OF_A_WHOLE_SCREEN = 2_500


def test_app_paints_moves_and_leaves_the_terminal_sane(terminal: Start) -> None:
    """At 80x24 the whole list with header and footer; q ends with 0, the cursor shown and the other screen left."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("cache-ams-01"))
    app.until(lambda: app.shows("? keys"))
    app.send(b"j")
    app.send(b"/mail")
    app.until(lambda: app.shows("6 of 24"))
    app.send(b"\r")
    app.until(lambda: app.shows("filter: mail"))
    app.send(b"\x1b")
    app.until(lambda: not app.shows("filter: mail"))
    app.send(b":missing curl\r")
    app.until(lambda: app.shows("Missing updates"))
    app.send(b"1/web\rq")
    app.until(lambda: b"\x1b[?1049l" in app.raw and b"\x1b[?25h" in app.raw)
    assert b"\x1b[?1003h" not in app.raw
    assert b"\x1b[?1006l" in app.raw


def test_idle_app_sends_nothing(terminal: Start) -> None:
    """With nothing new the app looks every second and writes not one byte."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys") and app.shows("of 24 assessed"))
    while app.read(1.5) or app.shows("New here?"):  # a look for the first time, and a word that goes by itself
        pass
    assert app.read(3.2) == 0
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)


def test_sixteen_colours_and_none_are_enough(terminal: Start) -> None:
    """Without colours the same words are on the screen, and no colour is sent."""
    app = terminal(80, 24, NO_COLOR="1", COLORTERM="", TERM="xterm")
    app.until(lambda: app.shows("non-compliant") and app.shows("unreachable"))
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)
    assert b"38;2" not in app.raw


def test_filter_and_its_enter_may_come_at_once(terminal: Start) -> None:
    """A slow line delivers a word, its enter and the next keys together: the filter stands, the keys act behind it."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    app.send(b"/mail\rj ")
    app.until(lambda: app.shows("filter: mail") and app.shows("1 marked"))
    assert any(line.startswith("* mail") for line in app.screen.display)
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)


def test_text_and_its_f5_may_come_at_once(terminal: Start) -> None:
    """The key has priority over the editor's, but does not overtake what was typed before it."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("cache-ams-01"))
    app.send(b"3")
    app.until(lambda: app.shows("f5 asks") and app.shows("leave editor"))
    app.send(b"\x1b[18~SELECT 41 + 1 AS Whole, 'typed' || ' before' AS Words\x1b[15~")
    app.until(lambda: app.shows("Answer 1 row") and app.shows("typed before"))
    assert not app.shows("Answer of before")


def test_leaving_does_not_wait_for_a_query(terminal: Start, fleet_home: Home) -> None:
    """ctrl+q in the middle of one that takes hours ends, with no word on the terminal and no file left behind."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("cache-ams-01"))
    app.send(b"3")
    app.until(lambda: app.shows("leave editor"))
    app.send(b"\x1b[18~SELECT count(*) FROM range(100000000) a, range(100000000) b\x1b[15~")
    app.until(lambda: app.shows("esc cancels"))
    app.send(b"\x11")
    app.until(lambda: os.waitid(os.P_PID, app.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None)
    app.read(0.2)
    assert not app.raw.partition(b"\x1b[?1049l")[2].strip(b"\x1b[]?0123456789;=<>hlu\r\n")
    assert not list(fleet_home.temp_dir.glob("*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_gives_the_terminal_back(terminal: Start, number: signal.Signals) -> None:
    """Told to end from outside, the app leaves as by its own key: no other screen, no mouse, and exit code 130."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    os.kill(app.pid, number)
    app.until(lambda: b"\x1b[?1049l" in app.raw and b"\x1b[?1000l" in app.raw and b"\x1b[?25h" in app.raw)
    ended = os.waitid(os.P_PID, app.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    assert (ended.si_code, ended.si_status) == (os.CLD_EXITED, 130)


@pytest.mark.parametrize("ignored", [signal.SIGHUP, pytest.param(signal.SIGURG, marks=pytest.mark.soak)])
def test_lost_terminal_ends_the_app(terminal: Start, ignored: signal.Signals) -> None:
    """A line that breaks ends the app, also where SIGHUP is ignored as by nohup; it never spins on."""
    before = signal.signal(ignored, signal.SIG_IGN)
    try:
        app = terminal(80, 24)
    finally:
        signal.signal(ignored, before)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    app.send(b"jjjj")
    app.hang_up()
    ended = os.waitid(os.P_PID, app.pid, os.WEXITED | os.WNOWAIT)
    assert ended is not None
    assert ended.si_code == os.CLD_EXITED


def test_terminal_of_sixteen_colours_and_ascii_gets_nothing_else(terminal: Start, fleet_home: Home) -> None:
    """Setting app.ascii: frames, arrows and what was cut have stand-ins, on each screen; colours are the terminal's."""
    fleet_home.config_file.write_text("[app]\nascii = true\n")
    app = terminal(80, 24, TEXTUAL_COLOR_SYSTEM="16")
    app.until(lambda: app.shows("- Machines 24 -") and app.shows("? keys"))
    app.send(b"?")
    app.until(lambda: app.shows("- Keys that work here -"))
    app.send(b"\x1b")
    app.until(lambda: not app.shows("- Keys that work here -"))
    app.send(b"2")
    app.until(lambda: app.shows("- Missing updates"))
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)
    assert app.raw.isascii()
    assert b"38;5;" not in app.raw


def test_a_terminal_that_was_smaller_for_a_moment_shows_all_again(terminal: Start) -> None:
    """It tells the size that it had, and has lost what it showed."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    app.until(lambda: app.read(0.2) == 0)
    app.screen.reset()
    os.kill(app.pid, signal.SIGWINCH)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))


def test_the_first_screen_is_drawn_once_and_in_few_bytes(terminal: Start) -> None:
    """Neither Textual's own word of the size nor a terminal's report of it in band draws all of it again."""
    app = terminal(120, 40)
    app.until(lambda: app.shows("? keys") and app.shows("of 24 assessed"))
    app.until(lambda: sum(bool(row.strip()) for row in app.screen.display) >= 24 + 4)  # path, title, heads, keys
    while app.read(1.5):
        pass
    first = len(app.raw)
    app.send(b"\x1b[48;40;120;800;1200t")  # as a terminal answers ``CSI ? 2048 h``
    app.send(b"j")
    app.until(lambda: len(app.raw) > first)
    while app.read(1.5):
        pass
    stepped = len(app.raw) - first
    assert stepped < _OF_A_WHOLE_SCREEN
    assert first <= 10_000
    app.send(b"\x1b[48;40;120;800;1200t")  # once more: it was another one meanwhile
    app.until(lambda: len(app.raw) - first - stepped > _OF_A_WHOLE_SCREEN)


def test_any_size_at_any_time_keeps_cursor_and_filter(terminal: Start) -> None:
    """Large, tiny and back, faster than anything can be drawn: the same row under the cursor, the same filter."""
    app = terminal(80, 24)
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    app.send(b"/mail\rj ")
    app.until(lambda: app.shows("filter: mail") and app.shows("1 marked"))
    marked = next(line for line in app.screen.display if line.startswith("* mail"))
    for columns, rows in ((200, 60), (20, 5), (1, 1), (30, 3), (20, 5)):
        app.resize(columns, rows)
    app.until(lambda: app.read(0.1) == 0)
    assert len(app.screen.display) == 5
    app.resize(80, 24)
    app.until(lambda: marked in app.screen.display and app.shows("filter: mail") and app.shows("? keys"))
    app.send(b"q")
    app.until(lambda: b"\x1b[?1049l" in app.raw)


def test_terminal_is_believed_not_what_a_shell_says_of_it(terminal: Start) -> None:
    """An old COLUMNS counts for nothing, and a byte that is no letter in UTF-8 is shown, and ends nothing."""
    app = terminal(80, 24, COLUMNS="60", LINES="10")
    app.until(lambda: app.shows("? keys") and app.shows("of 24 assessed"))
    assert app.screen.display[23].endswith("? keys ")
    app.send(b"\x1b[?62;1;6c/mail\xf6")
    app.until(lambda: app.shows("filter: mail\ufffd"))
    app.resize(100, 30)
    app.until(lambda: "filter: mail" in app.screen.display[1] and "/ mail\ufffd" in app.screen.display[29])
    app.send(b"\x1b\x11")
    app.until(lambda: b"\x1b[?1049l" in app.raw)
