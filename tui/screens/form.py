"""A form over the screen: labelled fields, one line each, and one line for what is wrong."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Input

from fleet.errors import PatchdeckError
from fleet.hostile import scrub
from tui.key_order import KeyOrder
from tui.screens.overlay import Overlay
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Line, Piece
from tui.widgets.word_suggester import WordSuggester

Made = TypeVar("Made")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name in the answers, its label, what it begins with, and a hint shown while it is empty.

    One of ``choices`` is completed while it is typed, or one of ``words`` where several stand in the field; the right
    arrow takes it.
    """

    name: str
    label: str
    value: str = ""
    hint: str = ""
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def mark(self) -> str:
        """What its widgets are called by: the name, unless that has letters that Textual takes in no id."""
        return self.name if _PLAIN_NAME.fullmatch(self.name) else f"x-{self.name.encode().hex()}"

    @property
    def suggester(self) -> Suggester | None:
        """What completes it."""
        if self.words:
            return WordSuggester(self.words)
        return SuggestFromList(self.choices, case_sensitive=False) if self.choices else None


class Form(Overlay[Made]):
    """Fields in a box. Subclasses make the answer of the texts in `made`; what it refuses is told, nothing is lost.

    ``reason`` is why what stands in the fields was refused before: it is told until something is changed.
    """

    DEFAULT_CSS = """
    Form .field { height: 1; }
    Form .field > Line { width: 18; background: $surface; }
    Form .field > Input, Form .field > Input:focus {
        border: none; height: 1; padding: 0 1; width: 1fr; background: $panel;
    }
    Form .field > Input:focus { background: $primary 20%; }
    Form .hint { height: auto; min-height: 1; max-height: 4; padding: 0; margin: 1 0; background: $surface; }
    Form .keys { background: $surface; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", priority=True, tooltip="Take what is written"),
        # Before the field has the key: what is typed ahead, on a slow link, goes to the field that is next.
        Binding("tab", "app.focus_next", "next", show=False, priority=True, tooltip="The next field"),
        Binding("shift+tab", "app.focus_previous", "previous", show=False, priority=True, tooltip="The field before"),
        Binding("down", "app.focus_next", "next", show=False, tooltip="The next field"),
        Binding("up", "app.focus_previous", "previous", show=False, tooltip="The field before"),
    ]
    TAKES = "takes it"

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self._reason = reason

    def fields(self) -> Sequence[Field]:
        """The fields, from the top."""
        return ()

    def made(self, texts: dict[str, str]) -> Made:
        """The answer that ``texts`` make, by the fields' names.

        Raises:
            PatchdeckError: they make none; says which and why.
        """
        raise NotImplementedError

    def content(self) -> ComposeResult:
        """The fields and the line below them."""
        for field in self.fields():
            with Horizontal(classes="field"):
                yield Line(id=f"label-{field.mark}")
                # Selected, the first letter would take the place of all that stands there. Textual measures what it
                # does not clean: signs without a width would push the row beyond its edge.
                entry = Input(
                    scrub(field.value),
                    placeholder=field.hint,
                    suggester=field.suggester,
                    select_on_focus=False,
                    id=f"field-{field.mark}",
                )
                entry.cursor_blink = False
                yield entry
        yield from self.below_fields()
        yield Detail(classes="hint")
        yield Line(classes="keys")

    def below_fields(self) -> ComposeResult:
        """What stands between the fields and the hint."""
        yield from ()

    def texts(self) -> dict[str, str]:
        """What stands in the fields now, by their names."""
        return {field.name: self.query_one(f"#field-{field.mark}", Input).value.strip() for field in self.fields()}

    def on_mount(self) -> None:
        """Shows labels and keys."""
        for field in self.fields():
            self.query_one(f"#label-{field.mark}", Line).show([Piece(field.label, Tone.DIM)])
        self.query_one(".keys", Line).show(self.keys())
        if self._reason:
            self.tell(Piece(self._reason, Tone.BAD))
        else:
            self.hint()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Passes on what is changed; Textual tells of what the fields begin with, too, which ends no reason."""
        event.stop()
        texts = self.texts()
        if not self._reason or any(texts[field.name] != scrub(field.value).strip() for field in self.fields()):
            self.changed((event.input.id or "").removeprefix("field-"))

    def changed(self, name: str) -> None:
        """Looks at the new text of the field ``name``, where something follows from it."""

    def keys(self) -> Sequence[Piece]:
        """The keys, below everything."""
        return (
            Piece("enter", Tone.KEY),
            Piece(f" {self.TAKES}  ", Tone.DIM),
            Piece("tab", Tone.KEY),
            Piece(" next field", Tone.DIM),
        )

    def hint(self) -> None:
        """Shows what the form is about, where there is something to say."""

    def tell(self, *pieces: Piece) -> None:
        """Shows ``pieces`` below the fields."""
        self.query_one(".hint", Detail).show([pieces])

    def refuse(self, error: PatchdeckError) -> None:
        """Tells what is wrong with what is written."""
        self.tell(Piece(str(error), Tone.BAD))

    def action_take(self) -> None:
        """Gives the answer, or tells what is wrong; once the keys before have come to their field.

        On a slow link, or when pasted, the enter comes together with what was typed before it.
        """
        self.taken_by = cast("KeyOrder", self.app).key_in_work
        (self.focused or self).call_later(self._take)

    def _take(self) -> None:
        if self.is_over or not self.is_active:  # enter came twice, or something came in front
            return
        try:
            answer = self.made(self.texts())
        except PatchdeckError as error:
            self.refuse(error)
            return
        self.dismiss(answer)
