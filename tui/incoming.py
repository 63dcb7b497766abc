"""What comes from the terminal: keys, clicks, what is pasted; and answers that nobody waits for, which are no keys."""

import re
from collections.abc import Callable, Generator, Iterable
from contextlib import suppress

from textual import events
from textual._parser import ParseEOF, ParseTimeout, Peek1, Read1
from textual._time import get_time
from textual._xterm_parser import (
    BRACKETED_PASTE_END,
    BRACKETED_PASTE_START,
    XTermParser,
    _re_mouse_event,
    _re_terminal_mode_response,
)
from textual.keys import Keys
from textual.message import Message

# Takes a character, and says how long it waits for the next.
Reading = Generator[Read1 | Peek1, str, None]

_ESC = "\x1b"
_CONTROL = "\x1b["
# What ends a sequence that is nobody's key: no terminal sends it within one.
_NO_KEY = "\x9c"
# ECMA-48, 5.4: parameters, intermediates, a final. "[" behind "ESC [" begins the function keys of Linux' console, and
# "M" a click in three bytes that follow.
_WHOLE = re.compile(r"\x1b(?:\[(?!\[|M)[0-?]*[ -/]*[@-~]|O[0-9;]*[@-~])")
# How answers begin that are strings: OSC (colours, titles), DCS (versions, settings), APC (pictures). Alt with a key
# begins so, too, and ends there.
_STRINGS = {f"{_ESC}]": "0123456789lL", f"{_ESC}P": "0123456789>!$+", f"{_ESC}_": "G"}
# Textual gives up at 32, and takes for keys what it has by then.
_LONGEST_KNOWN = 30
# A line may be so slow, or lose so much, that it stops within a sequence, or within what is pasted.
_LATE_SECONDS = 1.0
_LATE_PASTE_SECONDS = 10.0
# A sequence of which the beginning was taken for a key, as long as nothing came behind it.
_LATE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-Z\\-~]|O[A-DFHP-S]|[]P_][0-9lLG>!$+][^\a\x1b]*(?:\a|\x1b\\))")
_MOST_PASTED = 4 * 2**20


class IncomingParser(XTermParser):
    """Textual's parser, by which nothing becomes a key but a key.

    By itself it types what it does not know letter by letter, and each letter is a command here: what a terminal
    answers to a program that ran before, the rest of a sequence that came late, what follows an ESC that is pasted.
    """

    def __init__(self, debug: bool = False) -> None:
        self._taken = ("", 0.0)
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """The events that ``data`` brings; where it is empty, no more will come."""
        (taken, at), self._taken = self._taken, ("", 0.0)
        if taken and get_time() - at < _LATE_SECONDS and (late := _LATE.match(taken + data)):
            data = data[late.end() - len(taken) :]
            if not data:
                return ()
        return super().feed(data)

    def tick(self) -> Iterable[Message]:
        """The events that silence brings, where it has lasted long enough."""
        yield from super().tick()
        if self._timeout_time is None and self._awaiting.timeout is not None:  # silence is waited for once more
            self._timeout_time = get_time() + self._awaiting.timeout

    def parse(self, token_callback: Callable[[Message], None]) -> Reading:
        """Reads characters; ``token_callback`` gets what they mean."""
        known = super().parse(lambda token: None if isinstance(token, events.Paste) else token_callback(token))
        awaited = next(known)
        sequence = ""
        while True:
            try:
                character = yield from self._next(awaited, sequence)
            except ParseTimeout as silence:
                awaited, sequence = known.throw(silence), ""
                continue
            except ParseEOF:
                return
            awaited = known.send(character)
            if sequence + character == BRACKETED_PASTE_START:
                token_callback(events.Paste((yield from _pasted())))
                for end in BRACKETED_PASTE_END:
                    awaited = known.send(end)
            is_open = awaited.timeout is not None
            sequence = "" if not is_open else _ESC if character == _ESC else sequence + character

    def _next(self, awaited: Read1 | Peek1, sequence: str) -> Generator[Read1 | Peek1, str, str]:
        """The next character behind ``sequence``; in the place of what is no key and no answer known, what ends it."""
        is_control = sequence.startswith(_CONTROL)
        try:
            character = yield awaited
        except ParseTimeout:
            if not is_control:
                self._taken = sequence, get_time()
                raise
            try:
                character = yield Read1(_LATE_SECONDS)
            except ParseTimeout:
                if sequence == _CONTROL:
                    raise
                return _NO_KEY
        if character in _STRINGS.get(sequence, ""):
            return (yield from _behind_string())
        if is_control and len(sequence) >= _LONGEST_KNOWN and character != _ESC:
            return (yield from _behind_control(character))
        return character

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[events.Key]:
        try:
            keys = [*super()._sequence_to_key_events(sequence, alt)]
        except (ValueError, OverflowError):  # a number that is no character's
            keys = []
        if keys or _re_mouse_event.match(sequence) or _re_terminal_mode_response.match(sequence):
            return keys
        is_nothing = sequence.endswith(_NO_KEY) or _WHOLE.fullmatch(sequence) is not None
        return [events.Key(Keys.Ignore, sequence)] if is_nothing else []


def _pasted() -> Generator[Read1 | Peek1, str, str]:
    """What is pasted, until its end or until nothing comes any more: whatever it holds, it is text."""
    letters: list[str] = []
    end = list(BRACKETED_PASTE_END)
    with suppress(ParseTimeout):
        while letters[-len(end) :] != end:
            letter = yield Read1(_LATE_PASTE_SECONDS)
            if len(letters) < _MOST_PASTED or letter in end:
                letters.append(letter)
    text = "".join(letters).removesuffix(BRACKETED_PASTE_END)
    return text[:_MOST_PASTED].replace("\0", "")


def _behind_string() -> Generator[Read1 | Peek1, str, str]:
    """Leaves out a string of the terminal, to its BEL or ST, or until nothing comes any more."""
    with suppress(ParseTimeout):
        while (letter := (yield Read1(_LATE_SECONDS))) not in ("\a", _NO_KEY):
            if letter != _ESC:
                continue
            if (yield Read1(_LATE_SECONDS)) == "[":  # it was cut, and this is another sequence
                return (yield from _behind_control("["))
            break
    return _NO_KEY


def _behind_control(letter: str) -> Generator[Read1 | Peek1, str, str]:
    """Leaves out a control sequence from ``letter`` on, to its final, or until nothing comes any more."""
    with suppress(ParseTimeout):
        while letter == "[" or not "@" <= letter <= "~":
            letter = yield Read1(_LATE_SECONDS)
    return _NO_KEY
