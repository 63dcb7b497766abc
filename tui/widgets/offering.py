"""What the prompt offers: completions of what is typed, and what was typed before; in a list above the line."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from textual.css.query import NoMatches
from textual.geometry import Offset
from textual.widget import Widget
from textual.widgets import Input

from tui.completing import MOST_OFFERED, Offers
from tui.widgets.searching import HistorySearch

if TYPE_CHECKING:
    from tui.widgets.completion_list import CompletionList


class Offering:
    """Steers the text of ``entry`` by what fits it; ``owner`` is the prompt around it."""

    def __init__(self, owner: Widget, entry: Input) -> None:
        self._owner = owner
        self._entry = entry
        self._complete: Callable[[str], Offers] | None = None
        self._history: Sequence[str] = ()
        # What is gone through: where it is put, the words, which of them stands there (-1: none yet).
        self._offers = Offers()
        self._at = -1
        self._typed = ""
        self._steps_back = 0  # from the end: the history may come in while the line is open already
        self._put = ""
        self._search: HistorySearch | None = None

    def begin(self, complete: Callable[[str], Offers] | None, history: Sequence[str]) -> None:
        """Begins anew with a line."""
        self._complete, self._history = complete, history
        self._steps_back = 0
        self._offers, self._at, self._put = Offers(), -1, ""
        self._search = None

    def turn(self, step: int) -> None:
        """Completes as far as all that fits agrees; again, goes through it."""
        if self._is_listed:
            self._go(step)
            return
        self._search = None
        text = self._entry.value
        if self._complete is None:
            self._entry.action_cursor_right()
            return
        offers = self._complete(text)
        if len(offers.words) == 1:
            self._write(text[: offers.start] + offers.words[0])
            return
        if len(offers.common) > len(text) - offers.start:
            text = text[: offers.start] + offers.common
            self._write(text)
        self._offer(offers, text)

    def offer_again(self) -> None:
        """Completes as if nothing had been offered yet, unless something was chosen already."""
        if self._at < 0 and self._search is None:
            self.close()
            self.turn(1)

    @property
    def searched(self) -> str | None:
        """What is looked for in what was typed before, None where nothing is."""
        return self._search.wanted if self._search is not None else None

    def search(self) -> None:
        """Looks for the text in what was typed before, and for what is typed from now on; again, for the next older."""
        if self._search is not None:
            self._go(1)
            return
        before = self._entry.value
        self._find(HistorySearch(self._history, before, before))

    def search_key(self, key: str, character: str | None) -> bool:
        """Takes a key that says what to look for; any other ends the search, and the line that was found stays."""
        if self._search is None:
            return False
        search = self._search.typed(key, character)
        if search is None:
            self._search = None
            self.close()
            return False
        self._find(search)
        return True

    def give_up(self) -> bool:
        """Ends the search with the line as it was before; whether there was one."""
        search, self._search = self._search, None
        if search is None:
            return False
        self.close()
        self._write(search.before)
        return True

    def _find(self, search: HistorySearch) -> None:
        self.close()
        self._search = search
        found = search.found[:MOST_OFFERED]
        self._offer(Offers(0, found), self._entry.value)
        # What stands in the line is what enter takes, also where nothing was found.
        if found:
            self._choose(0)
        else:
            self._write(search.wanted)

    def recall(self, step: int) -> None:
        """Puts the line that was typed before, or after, in the place of this one; past the newest, what was typed."""
        if self._is_listed:
            self._go(step)
            return
        self._search = None
        back = max(0, min(len(self._history), self._steps_back - step))
        if back == self._steps_back:
            return
        if not self._steps_back:
            self._typed = self._entry.value
        self._steps_back = back
        self._write(self._history[-back] if back else self._typed)

    def text_changed(self, text: str) -> None:
        """Offers nothing any more where something else was typed."""
        # A change that was told late, while the next key was at work already, says nothing any more.
        if text == self._entry.value and text != self._put:
            self._search = None
            self.close()
            self._put = ""

    def close(self) -> bool:
        """Offers nothing any more; whether anything was offered."""
        was_listed = self._is_listed
        self._offers, self._at = Offers(), -1
        if was_listed:
            self._popup().close()
        return was_listed

    @property
    def _is_listed(self) -> bool:
        return bool(self._offers.words)

    def _offer(self, offers: Offers, text: str) -> None:
        self._offers, self._at, self._typed, self._put = offers, -1, text, text
        if not offers.words:
            return
        column = self._entry.region.x + min(offers.start, self._entry.size.width)
        from query.completion.candidates import Candidate, Sort

        offered = [Candidate(word, Sort.PLAIN, offers.meanings.get(word, "")) for word in offers.words]
        self._popup().offer(offered, Offset(column, self._entry.region.y))

    def _go(self, step: int) -> None:
        self._choose(self._at + step if self._at >= 0 else min(0, step))

    def _choose(self, at: int) -> None:
        words = self._offers.words
        if not words:
            return
        popup, before = self._popup(), max(0, self._at)
        self._at = at % len(words)
        if popup.is_open:
            popup.move(self._at - before)
        self._write(self._typed[: self._offers.start] + words[self._at])

    def _write(self, text: str) -> None:
        self._put = text
        self._entry.value = text
        self._entry.cursor_position = len(text)

    def _popup(self) -> "CompletionList":
        """The list, which is made when it is first wanted."""
        from tui.widgets.completion_list import CompletionList

        with suppress(NoMatches):
            return self._owner.screen.query_one("#prompt-offers", CompletionList)
        popup = CompletionList(self._choose)
        popup.id = "prompt-offers"
        self._owner.screen.mount(popup)
        return popup
