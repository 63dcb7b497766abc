"""The app in a real pseudo-terminal, sending what changes and sending all: the same screens, a tenth of the bytes."""

import pyte

from tests.tui.real_terminal import Start, Terminal

KEYS = (
    b"j",
    b"jjj",
    b"\x1b[6~",
    b"j",
    b"G",
    b"k",
    b"g",
    b"/mail",
    b"\r",
    b"\x1b",
    b"\r",
    b"\t",
    b"\x1b",
    b"?",
    b"\x1b",
    b"2",
    b"1",
)


def seen(cell: pyte.screens.Char) -> object:
    """Of a blank only its background, and what makes it more than that."""
    more = (cell.underscore, cell.reverse, cell.strikethrough)
    ink = (cell.fg, cell.bold, cell.italics) if cell.data.strip() or any(more) else None
    return (cell.data.strip(), cell.bg, more, ink)


def cells_of(app: Terminal) -> list[list[object]]:
    """What one sees on the screen of ``app``."""
    screen = app.screen
    return [[seen(screen.buffer[y][x]) for x in range(screen.columns)] for y in range(screen.lines)]


def settle(app: Terminal) -> None:
    """Waits for the first screen."""
    app.until(lambda: app.shows("Machines 24") and app.shows("? keys"))
    while app.read(0.3):
        pass


def test_every_screen_is_the_same_cell_for_cell(terminal: Start) -> None:
    """Moving, paging, filtering, going in and out, another view: at each step, and with far fewer bytes."""
    thin, whole = terminal(80, 24), terminal(80, 24, PATCHDECK_WHOLE_SCREEN="1")
    for app in (thin, whole):
        settle(app)
    for key in KEYS:
        for app in (thin, whole):
            app.send(key)
            app.read(0.1)
        thin.until(lambda: thin.read(0.1) + whole.read(0.1) == 0 and cells_of(thin) == cells_of(whole))

    assert len(thin.raw) * 5 < len(whole.raw)


def test_bytes_of_a_step_are_those_of_two_rows(terminal: Start) -> None:
    """The row that the cursor leaves, and the one that it enters; of a pane the pane, what is below it stays."""
    app = terminal(80, 24)
    settle(app)
    assert len(app.raw) < 10_000
    for key, most in ((b"j", 400), (b"j", 400), (b"s", 1_500), (b"\x1b", 2_500), (b"/", 500), (b"m", 3_500)):
        before = len(app.raw)
        app.send(key)
        while app.read(0.5) or len(app.raw) == before:
            pass
        assert len(app.raw) - before < most, key


def test_redrawing_sends_the_whole_screen_again(terminal: Start) -> None:
    """Whatever somebody else has written over it."""
    app = terminal(80, 24)
    settle(app)
    shown = cells_of(app)
    app.stream.feed(b"\x1b[5;5HBroadcast message from root\x1b[m")
    app.send(b"\x0c")

    app.until(lambda: app.read(0.1) == 0 and cells_of(app) == shown)
