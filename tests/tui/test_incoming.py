"""What a terminal sends, and what of it becomes a key, a click or a pasted text."""

import itertools

import pytest
from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._xterm_parser import XTermParser
from textual.message import Message

from tui import incoming
from tui.incoming import IncomingParser

# What terminals say of themselves: attributes, versions, colours, sizes, titles, settings, pictures, protocols.
ANSWERS = (
    "\x1b[?62;1;6c",
    "\x1b[?64;1;2;6;9;15;16;17;18;21;22;28;29;31c",
    "\x1b[>41;370;0c",
    "\x1b[?1u",
    "\x1b[8;24;80t",
    "\x1b[0n",
    "\x1b[?997;1n",
    "\x1b[1114112u",
    "\x1b[?25;1$y",
    "\x1b]11;rgb:1c1c/1c1c/1c1c\x1b\\",
    "\x1b]10;rgb:1c1c/1c1c/1c1c\a",
    "\x1b]lquit\x1b\\",
    "\x1bP>|XTerm(370)\x1b\\",
    "\x1bP1$r0m\x1b\\",
    "\x1bP1+r544e=787465726d\x1b\\",
    "\x1b_Gi=31;OK\x1b\\",
)


class Clock:
    """A time that a test moves on."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """The time."""
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The parser's clock."""
    made = Clock()
    monkeypatch.setattr(incoming, "get_time", made)
    monkeypatch.setattr("textual._parser.get_time", made)
    return made


def came(parser: XTermParser, *parts: str, clock: Clock | None = None, pause: float = 0.0) -> list[Message]:
    """The events of ``parts``, which come one after the other, with a ``pause`` behind each."""
    found: list[Message] = []
    for part in parts:
        found += parser.feed(part)
        if clock is not None:
            for _ in range(int(pause * 10)):
                clock.now += 0.1
                found += parser.tick()
    return found


def said(messages: list[Message]) -> list[str]:
    """Keys by their names, what was pasted behind ``paste:``, all else by its kind."""
    return [
        each.key if isinstance(each, events.Key)
        else f"paste:{each.text}" if isinstance(each, events.Paste)
        else type(each).__name__
        for each in messages
    ]  # fmt: skip


def alone(beginning: str) -> list[str]:
    """The key that ``beginning`` is for Textual where nothing comes behind it."""
    parser = XTermParser()
    pending = [*parser.feed(beginning)]
    return said([*pending, *parser.feed("")]) if len(beginning) <= len("\x1b]") else []


def test_what_nobody_asked_for_is_no_key(clock: Clock) -> None:
    """An answer to whatever ran before, whole or in parts wherever a line may break it; the key behind it counts."""
    typed = {
        (answer, at): keys
        for answer in ANSWERS
        for at in range(1, len(answer))
        if (keys := said(came(IncomingParser(), answer[:at], answer[at:], "j", clock=clock, pause=0.2)))
        not in (["j"], [*alone(answer[:at]), "j"])
    }
    assert typed == {}
    assert said(came(IncomingParser(), "\x1b]4;1;rgb:\x1b[200Aj")) == ["j"]  # cut, and another one behind it


def test_every_key_that_textual_knows_is_still_one() -> None:
    """Whatever terminal it is of; clicks, focus and sizes, too."""
    others = ["\x1b[<0;3;4M", "\x1b[<65;3;4M", "\x1b[I", "\x1b[O", "\x1b[48;24;80;0;0t", "\x1b[?2026;2$y", "\x1b[97;5u"]
    differ = [
        sequence
        for sequence in [*ANSI_SEQUENCES_KEYS, *others, "\x1bx", "ä", "\x1b[5;6R"]
        if said(came(IncomingParser(), sequence)) != said(came(XTermParser(), sequence))
    ]
    assert differ == []


def test_key_that_a_line_breaks_is_that_key_or_none(clock: Clock) -> None:
    """The rest of an arrow is `A`, which would assess the fleet: it is dropped, so late as it comes."""
    for sequence, at in itertools.product(("\x1b[A", "\x1b[1;5A", "\x1b[15~", "\x1bOP"), (1, 2, 3, 4)):
        if at >= len(sequence):
            continue
        keys = said(came(IncomingParser(), sequence[:at], sequence[at:], "j", clock=clock, pause=0.3))
        assert keys[-1] == "j"
        assert keys[:-1] in (alone(sequence[:at]), said(came(IncomingParser(), sequence))), (sequence, at)


def test_escape_and_alt_are_keys_as_before(clock: Clock) -> None:
    """Nothing comes behind them."""
    for beginning in ("\x1b", "\x1b]", "\x1b[", "\x1bP", "\x1bO", "\x1bx"):
        assert said(came(IncomingParser(), beginning, "j", clock=clock, pause=1.5)) == [*alone(beginning), "j"]


def test_what_is_pasted_is_text_whatever_it_holds(clock: Clock) -> None:
    """Sequences in it are no keys, wherever the line breaks; NUL alone is left out."""
    text = "web\x1b[A\x1bq:quit\r\x1b]0;x\a\n\x1b[200~ä\x1b[201"
    whole = f"\x1b[200~{text}\x00\x1b[201~"
    for at in range(1, len(whole)):
        keys = said(came(IncomingParser(), whole[:at], whole[at:], "j"))
        assert keys == [f"paste:{text}", "j"], at
    assert said(came(IncomingParser(), "\x1b[200~never ended", clock=clock, pause=11)) == ["paste:never ended"]


def test_paste_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is more is left out, and is no key."""
    monkeypatch.setattr(incoming, "_MOST_PASTED", 20)
    assert said(came(IncomingParser(), f"\x1b[200~{'x~1' * 50}\x1b[201~j")) == [f"paste:{('x~1' * 50)[:20]}", "j"]
