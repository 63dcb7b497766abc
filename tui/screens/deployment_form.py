"""The editor of a deployment, in steps: beside what is typed stands which machines it means and what it comes to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar
from uuid import uuid4

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widgets import Input

from fleet.deployments.deployment import Deployment
from fleet.deployments.update_rules import UpdateRules
from fleet.errors import PatchdeckError
from fleet.updates import Classification
from ops.apart.reader import ask_apart
from tui.composing import compose_deployment
from tui.deployment_steps import FIELDS, STEPS, step_of
from tui.newest_work import NewestWork
from tui.rows.deployment_rows import start_lines
from tui.screens.form import Field, Form
from tui.step_fields import FieldMistake
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from ops.deployments.outlook import Foreseen
    from tui.app import PatchdeckApp

# Between two letters less time goes by; longer would feel late.
PAUSE_SECONDS = 0.25
# From here on it is told that what is shown is of what was typed before; most answers are there by then.
SLOW_SECONDS = 1.0
_UNNAMED = "not-named-yet"
# What it comes to has as many lines as the fields of the step leave, within these.
_LEAST_LINES, _MOST_LINES = 6, 14
_CHROME_LINES = 5
_WHEN = step_of("first")

_Lines = tuple[tuple[Piece, ...], ...]


@dataclass(frozen=True, slots=True)
class Written:
    """What the form gave, and whether it is only the beginning."""

    deployment: Deployment
    goes_on_in_editor: bool


def empty_deployment() -> Deployment:
    """What a new one begins with: security and critical updates, on no machine yet."""
    return Deployment("", (), UpdateRules(classes=(Classification.CRITICAL, Classification.SECURITY)))


class DeploymentForm(Form[Written]):
    """Gives the deployment that was made of ``begun``; ``texts`` is what was typed before, where that was refused.

    The name of one that is not new stays, since its history hangs on it.
    """

    DEFAULT_CSS = """
    DeploymentForm > .box { width: 112; }
    DeploymentForm TabLine { background: $surface; padding: 0; }
    DeploymentForm .hint { height: 6; max-height: 14; margin: 0; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("pagedown", "turn(1)", "next step", priority=True, tooltip="The next step"),
        Binding("pageup", "turn(-1)", "step before", show=False, priority=True, tooltip="The step before"),
        Binding("ctrl+e", "go_on", "editor", priority=True, tooltip="Go on in $EDITOR, with the definition as a file"),
    ]

    def __init__(
        self,
        deck: "PatchdeckApp",
        begun: Deployment | None = None,
        *,
        is_new: bool = True,
        texts: dict[str, str] | None = None,
        reason: str = "",
    ) -> None:
        super().__init__(reason)
        self.TAKES = "adds it" if is_new else "keeps it"
        self._deck = deck
        self._begun = begun or empty_deployment()
        self._is_new = is_new
        self._typed = texts or {}
        self._step = 0
        self._mistake = ""
        self._writing = uuid4().hex
        self._tried: Deployment | None = None
        self._shown: Deployment | None = None
        self._is_slow = False
        self._comes_to: _Lines = ((Piece("Looking for the machines …", Tone.DIM),),)
        self._starts: _Lines = ()
        self._time: _Lines = ()
        self._looking: NewestWork[Foreseen] = NewestWork(
            deck, self, self._show, self._fail, pause_seconds=PAUSE_SECONDS, what="looking ahead"
        )

    def title_text(self) -> str:
        """What is defined."""
        return "New deployment" if self._is_new else f"Deployment {self._begun.name}"

    def fields(self) -> Sequence[Field]:
        """All fields of all steps."""
        return tuple(
            Field(each.name, each.label, self._typed.get(each.name, each.text_of(self._begun)), each.hint)
            for each in FIELDS.values()
            if self._is_new or each.name != "name"
        )

    def content(self) -> ComposeResult:
        """The steps above the fields."""
        yield TabLine()
        yield from super().content()

    def on_mount(self) -> None:
        """Begins with the first step."""
        self._show_step(0)

    def on_unmount(self) -> None:
        """Gives back what was read of the machines."""
        from ops.deployments.outlook import forget_outlook

        forget_outlook()

    def on_resize(self) -> None:
        """Gives what it comes to the lines that the fields leave."""
        room = self.size.height - _CHROME_LINES - len(STEPS[self._step].fields)
        self.query_one(".hint", Detail).styles.height = min(_MOST_LINES, max(_LEAST_LINES, room))

    def keys(self) -> Sequence[Piece]:
        """The steps and the editor are there too."""
        more = (("  pgdn", " next step"), ("  ctrl+e", " $EDITOR"))
        pieces = [piece for key, does in more for piece in (Piece(key, Tone.KEY), Piece(does, Tone.DIM))]
        return (*super().keys(), *pieces)

    def texts(self) -> dict[str, str]:
        """What stands in the fields; of one that is not new the name is its own."""
        return {"name": self._begun.name} | super().texts()

    def made(self, texts: dict[str, str]) -> Written:
        """The deployment.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        return Written(compose_deployment(texts, self._begun, self._deck.clock()), goes_on_in_editor=False)

    def refuse(self, error: PatchdeckError) -> None:
        """Tells what is wrong, in its step, with the cursor in the field."""
        self._mistake = str(error)
        if isinstance(error, FieldMistake) and error.field in self.texts():
            self._show_step(step_of(error.field))
            self._blame(error.field)
            if self._is_new or error.field != "name":
                self.query_one(f"#field-{error.field}", Input).focus()
        self._show_lines()

    def action_turn(self, step: int) -> None:
        """Goes to another step."""
        self._show_step((self._step + step) % len(STEPS))
        for each in STEPS[self._step].fields:
            if each.name in super().texts():
                self.query_one(f"#field-{each.name}", Input).focus()
                break

    def action_go_on(self) -> None:
        """Gives what is written so far, to be gone on with in the editor."""
        try:
            deployment = self.made(self.texts()).deployment
        except PatchdeckError as error:
            self.refuse(error)
            return
        self.dismiss(Written(deployment, goes_on_in_editor=True))

    # What it comes to

    def hint(self) -> None:
        """What it comes to."""
        self._look()

    def tell(self, *pieces: Piece) -> None:
        """Tells why what stands in the fields was refused, above what it comes to."""
        self._look()
        self._mistake = "".join(piece.text for piece in pieces)
        self._show_lines()

    def changed(self, name: str) -> None:
        """Looks anew what it comes to."""
        del name
        self._look()

    def _look(self) -> None:
        texts, now = self.texts(), self._deck.clock()
        self._is_slow = False
        try:
            tried = compose_deployment({**texts, "name": texts["name"] or _UNNAMED}, self._begun, now)
        except PatchdeckError as error:
            self._looking.drop()
            self._tried, self._mistake = None, str(error)
            self._blame(error.field if isinstance(error, FieldMistake) else "")
            self._show_lines()
            return
        self._mistake = ""
        self._blame("")
        if tried == self._tried:
            self._show_lines()
            return
        self._tried = tried
        self._looking.ask(lambda: self._look_ahead(tried, now))
        self.set_timer(SLOW_SECONDS, lambda: self._tell_slowness(tried))
        self._show_lines()

    def _look_ahead(self, tried: Deployment, now: datetime) -> "Foreseen":
        from ops.deployments.outlook import look_ahead

        return ask_apart(self._deck.home, look_ahead, tried, now, self._writing)

    def _tell_slowness(self, tried: Deployment) -> None:
        if self._tried is tried and self._shown is not None and self._shown is not tried:
            self._is_slow = True
            self._show_lines()

    def _show(self, foreseen: "Foreseen") -> None:
        from ops.cli.outlook_text import Weight, outlook_lines

        tones = {Weight.PLAIN: Tone.NORMAL, Weight.NOTE: Tone.PENDING, Weight.BAD: Tone.BAD}
        assert self._tried is not None
        self._shown, self._is_slow = self._tried, False
        told = outlook_lines(self._tried, foreseen)
        self._comes_to = tuple((Piece(text, tones[weight]),) for weight, text in told)
        self._time = self._comes_to[2:3] if foreseen.outlook.machines else ()
        starts = start_lines(foreseen.starts, self._deck.clock())
        self._starts = tuple(starts) or ((Piece("It has no start to come: it runs when asked.", Tone.DIM),),)
        self._show_lines()

    def _fail(self, error: PatchdeckError) -> None:
        self._tried, self._mistake = None, str(error)
        self._show_lines()

    def _show_lines(self) -> None:
        said = [(Piece(self._mistake, Tone.BAD),)] if self._mistake else []
        if self._is_slow:
            said.append((Piece("Looking again … Until then, what it came to before:", Tone.PENDING),))
        # A low screen has few lines: what the step is about comes first.
        first = (*self._starts[:2], *self._time) if self._step == _WHEN else ()
        wrong = [line for line in self._comes_to if line[0].tone is Tone.BAD]
        lines = dict.fromkeys((*said, *wrong, *first, *self._comes_to, *self._starts))
        self.query_one(".hint", Detail).show(lines)

    # Steps

    def _show_step(self, number: int) -> None:
        self._step = number
        shown = {each.name for each in STEPS[number].fields}
        for row in self.query(".field").results(Horizontal):
            entry = row.query_one(Input)
            row.display = (entry.id or "").removeprefix("field-") in shown
        names = [f"{place} {step.title}" for place, step in enumerate(STEPS, start=1)]
        self.query_one(TabLine).show_tabs(names, number, "pgdn")
        self.on_resize()
        self._show_lines()

    def _blame(self, field: str) -> None:
        """Marks the label of the field that is wrong; a sign, not colour alone."""
        for each in self.fields():
            is_wrong = each.name == field
            piece = Piece(f"! {each.label}" if is_wrong else each.label, Tone.BAD if is_wrong else Tone.DIM)
            self.query_one(f"#label-{each.name}", Line).show([piece])
