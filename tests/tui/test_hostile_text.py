"""Text of machines on the screen: shown as it is, never obeyed."""

import ast
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.pilot import Pilot

from ops.home import Home
from tui.app import PatchdeckApp
from tui.control_filter import ControlFilter

Deck = Callable[[Home], PatchdeckApp]
UntilOf = Callable[[Pilot[int]], Callable[[Callable[[], object]], Awaitable[None]]]
TextOf = Callable[[App[int]], str]

PAYLOADS = (
    "[@click=app.boom]x[/]",
    "[/]",
    "[/foo]",
    "arr[0] a[b='",
    "[link=https://example.com]y[/link]",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x07",
    "\x1b[6n",
    "\x9b31m",
    "a\x00b\rc\nd",
    "host\u202egnp.exe",
    "zero\u200bwidth\U000e0041",
    "漢字 wide",
    "=cmd|' /C calc'!A0",
    "x" * 5_000,
)
STEERING = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0000-\U000e0fff]")
ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_filter_lets_no_control_character_out(payload: str) -> None:
    """Whatever a widget forgot to clean, the last filter replaces; the length of the text stays."""
    segments = ControlFilter().apply([Segment(payload)], Color(0, 0, 0))
    text = "".join(segment.text for segment in segments)
    assert not STEERING.search(text)
    assert len(text) == len(payload)


def test_copied_text_is_clean(empty_home: Home, deck: Deck, monkeypatch: pytest.MonkeyPatch) -> None:
    """The clipboard gets no control characters either."""
    app = deck(empty_home)
    copied: list[str] = []
    monkeypatch.setattr(app, "copy_to_clipboard", copied.append)  # the terminal's side, which a test lacks
    monkeypatch.setattr(app, "notify", lambda *_, **__: None)
    app.copy("a\x1b[6nb", "row")
    assert not STEERING.search(copied[0])


async def test_crash_shows_no_local_variable(
    empty_home: Home, deck: Deck, until: UntilOf, capsys: pytest.CaptureFixture[str]
) -> None:
    """A crash is one line on the screen; what was in the variables is not."""
    app = deck(empty_home)

    def explode() -> None:
        password = "hunter2"  # a local variable that must not be shown
        raise ZeroDivisionError(len(password))

    with pytest.raises(ZeroDivisionError):  # noqa: PT012  # the app ends inside its own context
        async with app.run_test() as pilot:
            await until(pilot)(lambda: app.fleet.is_empty)
            app.call_later(explode)
            await until(pilot)(lambda: not app.is_running)
    shown = capsys.readouterr().err
    assert "patchdeck: the app broke: ZeroDivisionError." in shown
    assert "hunter2" not in shown


# Widgets and calls of Textual that read markup from a plain str.
_READS_MARKUP = {
    "Static",
    "Label",
    "Button",
    "Option",
    "Tree",
    "Checkbox",
    "Collapsible",
    "Select",
    "RichLog",
    "Tabs",
    "Tab",
}
_METHODS = {"notify", "add_row", "add_column", "add_option", "add_leaf", "set_title", "update"}
_ATTRIBUTES = {"border_title", "border_subtitle", "tooltip", "loading"}
MODULES = sorted((ROOT / "tui").rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_reaches_a_widget_that_reads_markup(path: Path) -> None:
    """Only literals are given to widgets that read markup; everything else is drawn by our own."""
    offences = [
        f"{path.name}:{node.lineno}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.Call) and _is_offence(node)
    ]
    assert offences == []


def _is_offence(node: ast.Assign | ast.Call) -> bool:
    if isinstance(node, ast.Assign):
        targets = [target.attr for target in node.targets if isinstance(target, ast.Attribute)]
        return bool(_ATTRIBUTES.intersection(targets)) and not isinstance(node.value, ast.Constant)
    if not node.args:
        return False
    function = node.func
    name = (
        function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""
    )
    is_plain = any(
        each.arg == "markup" and isinstance(each.value, ast.Constant) and each.value.value is False
        for each in node.keywords
    )
    reads = name in _READS_MARKUP or (name in _METHODS and isinstance(function, ast.Attribute))
    return reads and not is_plain and not all(isinstance(argument, ast.Constant) for argument in node.args)
