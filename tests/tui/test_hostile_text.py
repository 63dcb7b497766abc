"""Text of machines on the screen: shown as it is, never obeyed."""

import ast
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from rich.segment import Segment
from textual.app import App
from textual.color import Color
from textual.pilot import Pilot

from fleet.assessments import Assessment
from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.failures import Failure, FailureKind, Finding, FindingKind, Severity
from fleet.machines import Machine
from fleet.updates import Blocker
from ops.assess_commit import store_batch
from ops.home import Home
from ops.state.candidates import CandidateBook
from ops.state.database import opened
from tui.app import PatchdeckApp
from tui.control_filter import ControlFilter
from tui.screens.machine import MachineScreen
from tui.widgets.table import BigTable

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


def hostile_assessments(machines: list[Machine], assessment: Callable[[Machine, int], Assessment]) -> list[Assessment]:
    found = []
    for number, (machine, payload) in enumerate(zip(machines, PAYLOADS, strict=True)):
        good = assessment(machine, 8)
        facts = replace(good.facts, os_full_name=payload, kernel=payload, reboot_reason=payload, fqdn=payload)
        updates = tuple(
            replace(
                update,
                name=payload,
                offered_version=payload,
                repository=payload,
                blocker=Blocker.HELD,
                blocker_detail=payload,
            )
            for update in good.updates[:1]
        )
        finding = Finding(FindingKind.REPOSITORY_FAILING, Severity.ERROR, payload, payload)
        failure = Failure(FailureKind.LOGIN_REFUSED, payload, payload, payload) if number % 5 == 4 else None
        kept = () if failure else updates
        found.append(replace(good, facts=facts, updates=kept, findings=(finding,), failure=failure))
    return found


async def test_no_screen_obeys_what_a_machine_says(
    empty_home: Home,
    deck: Deck,
    until: UntilOf,
    text_of: TextOf,
    machine: Callable[[int, str], Machine],
    assessment: Callable[[Machine, int], Assessment],
    enrol: Callable[[Home, list[Machine]], None],
) -> None:
    """Every screen shows control characters, markup and formulas as harmless text, and none of them crashes it."""
    machines = [machine(number, f"web-{number:02d}") for number in range(1, len(PAYLOADS) + 1)]
    machines = [replace(each, enabled=True) for each in machines]
    enrol(empty_home, machines)
    store_batch(empty_home, "batch-1", hostile_assessments(machines, assessment))
    app = deck(empty_home)

    def harmless() -> None:
        lines = text_of(app).split("\n")
        assert not [line for line in lines if STEERING.search(line)]

    async with app.run_test(size=(160, 50)) as pilot:
        await until(pilot)(lambda: app.screen.query_one(BigTable).contents)
        harmless()
        for each in machines:
            app.open_machine(each.id)
            await until(pilot)(lambda: isinstance(app.screen, MachineScreen))
            for _ in range(4):
                await pilot.press("tab", "down")
                await pilot.pause()
                harmless()
            await pilot.press("escape")
        await pilot.press("2")
        await until(pilot)(lambda: len(app.screen.query_one(BigTable).contents) >= 10)
        harmless()
        await pilot.press("enter")
        await pilot.pause()
        harmless()
        app.show_query("SELECT Computer, Product, PackageRepository, NotInstallableDetail FROM Update")
        await until(pilot)(lambda: "Answer 12 rows" in text_of(app))
        harmless()
        for payload in PAYLOADS:
            app.say(payload, is_error=True)
        app.run_command("[/x] \x1b[6n")
        await pilot.press("v")
        await pilot.pause()
        harmless()
        await pilot.press("escape")
        app.action_said()
        await pilot.pause()
        harmless()


async def test_no_screen_obeys_what_a_candidate_says(
    empty_home: Home, deck: Deck, until: UntilOf, text_of: TextOf
) -> None:
    """Nor what introduced itself or was found by a probe, in the list, below it and where it is approved."""
    now = datetime(2026, 11, 23, tzinfo=UTC)
    with opened(empty_home.state_file) as connection:
        for number, payload in enumerate(PAYLOADS):
            CandidateBook(connection).put(
                Candidate(
                    f"id-{number}", payload, CandidateOrigin.TOKEN, CandidateState.PENDING, now, now, payload,
                    came_from=payload, system=payload, host_keys=(payload,), tags={"a": payload}, note=payload,
                )
            )  # fmt: skip
    app = deck(empty_home)
    async with app.run_test(size=(160, 50)) as pilot:
        await pilot.press("6")
        await until(pilot)(lambda: len(app.screen.query(BigTable)) and len(app.screen.query_one(BigTable).contents))
        for _ in PAYLOADS:
            await pilot.press("down", "enter")
            await pilot.pause()
            assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]
            await pilot.press("escape")
        assert not [line for line in text_of(app).split("\n") if STEERING.search(line)]


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
