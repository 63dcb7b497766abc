"""The editor of queries: Textual's text area with colours for both languages, completion, and the place of an error."""

from collections.abc import Callable
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.message import Message
from textual.widgets import TextArea
from textual.widgets.text_area import TextAreaTheme

from query.completion.candidates import Candidate, Completion
from query.completion.statements import statement_at
from query.language import QueryLanguage
from tui.tones import Tone
from tui.widgets.completion_list import MOST_ROWS, CompletionList
from tui.widgets.detail import wrap_pieces
from tui.widgets.highlighting import THEME_NAME, error_place, highlight_kql, query_theme
from tui.widgets.line import Piece

Completer = Callable[[str, int], Completion]
# Path, both titles, headings and keys, and 19 rows of the answer.
_ANSWER_LINES = 24
# What else stands in the title.
_TITLE_CELLS = 22
# From so many letters on, names are offered without being asked for.
_LETTERS = 2
_EDITING = {"backspace": "delete_left", "delete": "delete_right", "f7": "select_all"}
_STEERING = {"up": -1, "down": 1, "pageup": 1 - MOST_ROWS, "pagedown": MOST_ROWS - 1}


class QueryEditor(TextArea):
    """A text area for queries. Tab leaves it, unless a name is offered: no pane may be a trap."""

    DEFAULT_CSS = """
    QueryEditor, QueryEditor:focus {
        border: none; padding: 0 1; height: auto; scrollbar-size: 1 1;
    }
    QueryEditor:focus { min-height: 5; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", "leave editor", tooltip="Cancel the running query, else leave the editor"),
        Binding(
            "ctrl+@,ctrl+space",
            "complete",
            "complete",
            show=False,
            tooltip="Offer what may stand here; tab or enter takes it, escape closes the list",
        ),
    ]

    # Of the class too: Textual colours the text before an editor's own fields are there.
    query_language = QueryLanguage.SQL
    _error_at: tuple[int, int] | None = None

    class Pasted(Message):
        """Something was pasted."""

    def __init__(self, text: str, popup: CompletionList) -> None:
        super().__init__(text, tab_behavior="focus", show_line_numbers=False, soft_wrap=True)
        self.cursor_blink = False
        self.completer: Completer | None = None
        self._popup = popup
        self._is_typing = False
        self._start = 0

    def on_mount(self) -> None:
        """Turns highlighting on after the first paint: the grammar takes a while to load."""
        base = TextAreaTheme.get_builtin_theme("css")
        if base is not None:
            self.register_theme(query_theme(base))
            self.theme = THEME_NAME
        self.call_after_refresh(self._highlight)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many lines as the text has, two fifths of the screen at most; one fifth while the answer is read.

        On a low screen it has none then: the rows of the answer come first.
        """
        # Not by max-height: the pane around it would still be as high as the text, and the answer below the screen.
        if self.has_focus:
            most = viewport.height * 2 // 5
        else:
            most = max(0, min(viewport.height // 5, viewport.height - _ANSWER_LINES))
        return min(super().get_content_height(container, viewport, width), most)

    @property
    def folded_text(self) -> list[Piece]:
        """How the text begins, in whole words that a title has room for, while no line of it is shown."""
        if self.has_focus or self.app.size.height > _ANSWER_LINES:
            return []
        return wrap_pieces([Piece(self.text, Tone.DIM)], self.app.size.width - _TITLE_CELLS)[0]

    def on_focus(self) -> None:
        """Takes the room to write in."""
        self.refresh(layout=True)

    def on_blur(self) -> None:
        """Leaves the room to the answer."""
        self._popup.close()
        self.refresh(layout=True)

    # Languages

    def set_query_language(self, language: QueryLanguage) -> None:
        """Colours and completes ``language`` from now on."""
        self.query_language = language
        self._popup.close()
        self._highlight()

    def _highlight(self) -> None:
        is_sql = self.query_language is QueryLanguage.SQL
        self.language = "sql" if is_sql and "sql" in self.available_languages else None
        self._draw_anew()

    def _build_highlight_map(self) -> None:
        super()._build_highlight_map()
        if self.query_language is QueryLanguage.KQL:
            self._highlights |= highlight_kql(self.text)
        # The text may be another one already: an error is forgotten when that is told.
        if self._error_at is not None and self._error_at[0] < self.document.line_count:
            row, column = self._error_at
            start, end = error_place(self.document.get_line(row), column)
            self._highlights[row].append((start, end, "error.place"))

    def _watch_show_vertical_scrollbar(self) -> None:
        """Wraps the text anew; goes to the cursor only once that is where it belongs.

        Textual's own goes there in the midst of an undo, when the cursor still stands behind the end: the app broke.
        """
        if self.wrap_width:
            self._rewrap_and_refresh_virtual_size()
        self.call_after_refresh(self.scroll_cursor_visible)

    def _draw_anew(self) -> None:
        self._build_highlight_map()
        self.refresh()

    # The place of an error

    def mark_error(self, row: int, column: int) -> None:
        """Goes to the place of an error and underlines it, until the text changes."""
        self._error_at = (min(row, self.document.line_count - 1), column)
        self.go_to_error()
        self._draw_anew()

    def go_to_error(self) -> bool:
        """Puts the cursor at the place of the error; whether there is one."""
        if self._error_at is None:
            return False
        self.move_cursor(self._error_at)
        return True

    def forget_error(self) -> None:
        """Nothing is underlined any more."""
        if self._error_at is not None:
            self._error_at = None
            self._draw_anew()

    # What is asked

    @property
    def cursor_index(self) -> int:
        """How many characters stand before the cursor."""
        return self._index_of(self.cursor_location)

    def location_of(self, index: int) -> tuple[int, int]:
        """The line and column, 0 for the first, behind so many characters."""
        before = self.text[:index]
        return before.count("\n"), index - (before.rfind("\n") + 1)

    def _index_of(self, location: tuple[int, int]) -> int:
        row, column = location
        return sum(len(line) + 1 for line in self.document.lines[:row]) + column

    @property
    def selected_part(self) -> tuple[str, int]:
        """The selection and where it begins; nothing and 0 where none is selected."""
        start = min(self.selection)
        return self.selected_text, self._index_of(start)

    @property
    def statement_part(self) -> tuple[str, int]:
        """The statement that the cursor is in and where it begins."""
        text = self.text
        start, end = statement_at(text, self.cursor_index, self.query_language)
        return text[start:end], start

    # Completion

    async def on_key(self, event: events.Key) -> None:
        """Steers the list of candidates while there is one; notes that what follows is typed.

        Keys that edit are obeyed here, between the letters: as bindings they would come behind what a terminal sent
        together with them.
        """
        if self._popup.is_open and self._steer(event.key):
            event.stop()
            event.prevent_default()
            return
        self._is_typing = event.is_printable or event.key == "backspace"
        if not self._is_typing:
            self._popup.close()
        if event.key in _EDITING:
            event.stop()
            event.prevent_default()
            await self.run_action(_EDITING[event.key])

    def on_paste(self) -> None:
        """Tells that something was pasted, once it is there."""
        self.call_after_refresh(self.post_message, self.Pasted())

    def on_text_area_changed(self) -> None:
        """Offers names while letters are typed."""
        if self._is_typing:
            self._is_typing = False
            self.offer(is_asked_for=False)

    def on_text_area_selection_changed(self) -> None:
        """A cursor that left the word by any way takes no name any more."""
        if self._popup.is_open and not self._start <= self.cursor_index:
            self._popup.close()

    def action_complete(self) -> None:
        """Offers what may stand at the cursor."""
        self.offer(is_asked_for=True)

    def offer(self, *, is_asked_for: bool) -> None:
        """Offers what may stand at the cursor; if not asked for, only where plainly a name is being written."""
        if self.completer is None:
            return
        text, index = self.text, self.cursor_index
        found = self.completer(text, index)
        self._start = found.start
        typed = text[found.start : index]
        candidates = found.candidates
        if not is_asked_for and (not _is_begun(text[:index], typed) or _is_whole(typed, candidates)):
            candidates = ()
        self._popup.offer(candidates, self.cursor_screen_offset - Offset(len(typed), 0))

    def stop_offering(self) -> None:
        """Offers nothing for what was typed until now."""
        self._is_typing = False
        self._popup.close()

    def offer_again(self) -> None:
        """Offers anew, where something is offered or a value is being written: more is known by now."""
        index = self.cursor_index
        if self.has_focus and (self._popup.is_open or self.text[index - 1 : index] in ("'", '"')):
            self.offer(is_asked_for=False)

    def _steer(self, key: str) -> bool:
        """Does what ``key`` means to the list; whether it means anything."""
        chosen = self._popup.chosen
        if key in _STEERING:
            self._popup.move(_STEERING[key])
        elif key == "escape":
            self._popup.close()
        elif key in ("tab", "enter") and chosen is not None:
            typed = self.text[self._start : self.cursor_index]
            if key == "enter" and _is_whole(typed, (chosen,)):
                self._popup.close()
                return False
            self._take(chosen)
        else:
            return False
        return True

    def _take(self, candidate: Candidate) -> None:
        self._popup.close()
        start = self.location_of(self._start)
        self.replace(candidate.text, start, self.cursor_location, maintain_selection_offset=False)
        self.move_cursor(self.location_of(self._start + len(candidate.text)))


def _is_begun(before: str, typed: str) -> bool:
    """Whether it is plain from the text up to the cursor that a name or value is being written."""
    if typed[:1] in ("'", '"', "["):
        return True
    last = before[-1:]
    return len(typed) >= _LETTERS or last == "." or (before.rstrip().endswith("|") and last == " ")


def _is_whole(typed: str, candidates: tuple[Candidate, ...]) -> bool:
    """Whether ``typed`` is all that could be taken."""
    return len(candidates) == 1 and candidates[0].text.rstrip("(").casefold() == typed.casefold()
