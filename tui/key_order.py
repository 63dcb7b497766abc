"""Keys as they were typed: each to the screen that it was typed at, none twice, whatever the line or the machine does.

Over a slow line, from a paste or under load keys come many at once. Textual gives those that come while a pane is being
opened to nobody, and those that come while one is being closed to the screen below.
"""

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any  # screens of every kind of answer, as Textual types them
from weakref import WeakKeyDictionary

from textual import events
from textual.message import Message
from textual.screen import Screen
from textual.widget import Widget

from tui.cells.display import ThinDisplay
from tui.presence import is_up

# A key that closed a pane and comes again within this time of the last such key is held, or was pressed once too often:
# it begins nothing on the screen below. Desktops repeat a key that is held after 0.5 s, Linux' console after 0.25 s.
ECHO_SECONDS = 0.5
# What is opened in a thread gets the keys that were typed for it; what takes longer is not waited for by anybody.
MOST_WAITED_SECONDS = 2.0
# Of a paste of a terminal that does not say that it is one.
_MOST_HELD = 20_000
# A key is taken within milliseconds; where nothing tells that it was, the next one waits no longer.
MOST_IN_WORK_SECONDS = 0.25
_LOOK_AGAIN_SECONDS = 0.02


class KeyDone(Message):
    """Comes behind ``key`` by the same way, from the widget that got it up to the app: it was taken, or by nobody."""

    def __init__(self, key: events.Key) -> None:
        super().__init__()
        self.key = key


@dataclass(frozen=True, slots=True, eq=False)
class _Waited:
    """Something that is being opened."""

    until: float
    keeps_escape: bool


@dataclass(frozen=True, slots=True)
class _InWork:
    """A key that was handed to ``target`` and may still do something."""

    key: events.Key
    target: Widget
    until: float


class KeyOrder(ThinDisplay):
    """An app whose keys wait for the one before, and for a pane that is being opened: none is taken for another's.

    Some keys are taken by the widget with the focus, others by the app at last, and those that open a line to type in
    at once: without waiting, they would overtake the key for the view that the line was meant for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[events.Key | events.Paste] = deque()
        self._late: deque[events.Key] = deque()  # typed before those, and come back from a screen that is gone
        self._typed_at: WeakKeyDictionary[events.Event, Screen[Any]] = WeakKeyDictionary()
        self._closing_key: events.Key | None = None
        self._waited_for: _Waited | None = None
        self.key_in_work: events.Key | None = None
        self._in_work: _InWork | None = None
        self._looks_again = False

    async def on_event(self, event: events.Event) -> None:
        """Keeps what is typed before the screen in front has its widgets, and hands it over in its order then."""
        if not isinstance(event, events.Key | events.Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        # The last are lost, not the first: what comes behind a piece that was lost would be taken for something else.
        if len(self._held) < _MOST_HELD or _is_escape(event):
            self._held.append(event)
        await self._hand_over()

    async def _on_key(self, event: events.Key) -> None:
        """What nothing with the focus took is the front screen's; where another one came meanwhile, from anew."""
        self.key_in_work = event
        front = self.screen if self.screen_stack else None
        is_in_front = front is not None and self._typed_at.get(event, front) is front and is_up(front)
        if is_in_front and not self._late and self._waited_for is None:
            return
        event.prevent_default()
        again = events.Key(event.key, event.character)
        again.time = event.time
        self._late.append(again)
        await self._hand_over()

    def closed_by(self, key: events.Key | None) -> None:
        """A pane was closed by ``key``: as long as that is held, it is not meant for the screen below."""
        self._closing_key = key if key is not None and key.key != "escape" else None

    def keep_keys(self, *, even_escape: bool = False) -> Callable[[bool], None]:
        """Keeps what is typed from now on for what is being opened; to be called with whether that is there now.

        Where it will not be there, or takes longer than two seconds, the keys are forgotten, since they would do
        something else on the screen in front. Escape is not kept, and ends the waiting, but with ``even_escape``.
        """
        waited = self._waited_for = _Waited(time.monotonic() + MOST_WAITED_SECONDS, even_escape)

        def hand_over(is_there: bool) -> None:
            if self._waited_for is waited:
                self._waited_for = None
                if not is_there:
                    self._late.clear()
                    self._held.clear()
                self.call_later(self._hand_over)

        return hand_over

    async def _hand_over(self) -> None:
        while (self._late or self._held) and self._takes_keys():
            event = self._late.popleft() if self._late else self._held.popleft()
            if isinstance(event, events.Paste):
                self._closing_key = None
                await super().on_event(event)
            elif not self._is_echo(event):
                await self._hand_over_key(event)

    async def _hand_over_key(self, key: events.Key) -> None:
        self.key_in_work = key
        self._typed_at[key] = self.screen
        target = self.focused or self.screen
        is_text = target.check_consume_key(key.key, key.character)
        await super().on_event(key)
        if not is_text and target.post_message(KeyDone(key)):
            self._in_work = _InWork(key, target, time.monotonic() + MOST_IN_WORK_SECONDS)

    async def on_key_done(self, event: KeyDone) -> None:
        """Hands over the next key."""
        if self._in_work is not None and self._in_work.key is event.key:
            self._in_work = None
            await self._hand_over()

    async def _look_again(self) -> None:
        # Only here: when this comes, so has all that was told before, however much was typed meanwhile.
        self._looks_again = False
        if self._in_work is not None and time.monotonic() >= self._in_work.until:
            self._in_work = None
        await self._hand_over()

    def _has_key_in_work(self) -> bool:
        work = self._in_work
        if work is None:
            return False
        if not work.target.is_attached or work.target.screen is not self.screen:
            self._in_work = None
            return False
        if not self._looks_again:
            self._looks_again = True
            self.set_timer(_LOOK_AGAIN_SECONDS, self._look_again)
        return True

    def _takes_keys(self) -> bool:
        """Whether the key before was taken, the screen in front has its widgets, and nothing is being opened.

        Else it is told when that is so.
        """
        if self.screen_stack and self._has_key_in_work():
            return False
        if self._waited_for is not None and self._goes_on_waiting(self._waited_for):
            return False
        if not self.screen_stack:  # the app ends
            return False
        if is_up(self.screen):
            return True
        return not self.screen.call_later(self.call_later, self._hand_over)

    def _goes_on_waiting(self, waited: _Waited) -> bool:
        kept = [*self._late, *self._held]
        if time.monotonic() < waited.until and (waited.keeps_escape or not any(map(_is_escape, kept))):
            return True
        self._waited_for = None
        newest = kept[-1]
        self._late.clear()
        self._held.clear()
        self._held.append(newest)
        return False

    def _is_echo(self, event: events.Key) -> bool:
        closing = self._closing_key
        if closing is None or event is closing:
            return False
        is_echo = event.key == closing.key and event.time - closing.time < ECHO_SECONDS
        self._closing_key = event if is_echo else None
        return is_echo


def _is_escape(event: events.Event) -> bool:
    return isinstance(event, events.Key) and event.key == "escape"
