"""Templates of the title and the text of messages: words with a dollar before them, and nothing that computes.

A language with loops and conditions was left out on purpose: it needs a sandbox, can run for ever, and tells the line
of a mistake at best. What people want of conditions is here otherwise: a line whose words are all empty falls away.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fleet.alerts.severity import Severity
from fleet.errors import BadInput, ExpressionMistake, Position, nearest_name
from fleet.hostile import clean
from fleet.messages import Message

WORDS: Mapping[str, str] = MappingProxyType(
    {
        "title": "the title, one line",
        "text": "what happened and what to do",
        "severity": "Critical, Error, Warning or Informational",
        "mark": "the severity in brackets and a blank; empty for Informational",
        "kind": "what it is about, for example alert.opened",
        "at": "when it happened, in UTC",
        "facts": "all facts, a line each",
        "items": "the machines or runs that it is about, a line each; of many the first",
        "count": "how many there are in all",
        "more": "how many are not listed, in words; empty where all are",
        "id": "the message's id",
        "home": "which Patchdeck it comes from",
    }
)
FACT = "fact "
DEFAULT_TITLE = "$mark$title"
DEFAULT_TEXT = "$text\n\n$facts\n\n$items\n$more\n\n$home"
_PLACE = re.compile(r"\$(?:(?P<dollar>\$)|(?P<name>[A-Za-z_]+)|\{(?P<braced>[^{}]*)\})?")
_LONGEST_TITLE = 250
_LONGEST_TEXT = 100_000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line: ``text`` as it is, or what ``word`` stands for."""

    text: str = ""
    word: str = ""


@dataclass(frozen=True, slots=True)
class MessageTemplate:
    """A template that was read: the pieces of each line."""

    lines: tuple[tuple[Piece, ...], ...]


def parse_template(text: str) -> MessageTemplate:
    """Reads a template of lines of text.

    Raises:
        ExpressionMistake: a dollar that begins nothing, or a word that stands for nothing; shows the place.
    """
    return MessageTemplate(
        tuple(tuple(_pieces(line, number)) for number, line in enumerate(text.splitlines() or [""], 1))
    )


def parse_title(text: str) -> MessageTemplate:
    """Reads a template of one line.

    Raises:
        ExpressionMistake: as `parse_template`.
        BadInput: it has several lines.
    """
    if len(text.splitlines()) > 1:
        raise BadInput("The template of a title has one line.")
    return parse_template(text)


def render_title(template: MessageTemplate, message: Message, home: str) -> str:
    """The title of ``message``: one line that no header can be smuggled into; never empty."""
    return (
        clean(_render(template, message, home), _LONGEST_TITLE) or clean(message.title, _LONGEST_TITLE) or "Patchdeck"
    )


def render_text(template: MessageTemplate, message: Message, home: str) -> str:
    """The text of ``message``: lines without what steers a terminal; no empty lines at its ends, nor two in a row."""
    text = "\n".join(clean(line) for line in _render(template, message, home).split("\n"))
    text = re.sub(r"\n{3,}", "\n\n", text).strip("\n")
    return text if len(text) <= _LONGEST_TEXT else f"{text[:_LONGEST_TEXT]}…"


def _pieces(line: str, number: int) -> Iterator[Piece]:
    end = 0
    for match in _PLACE.finditer(line):
        if match.start() > end:
            yield Piece(line[end : match.start()])
        end = match.end()
        if match["dollar"]:
            yield Piece("$")
            continue
        word = match["name"] if match["name"] is not None else match["braced"]
        position = Position(number, match.start() + 1, line)
        if word is None:
            raise ExpressionMistake("This dollar begins no word: write $title, ${fact Deployment}, or $$.", position)
        yield Piece(word=_known(word.strip(), position))
    if end < len(line):
        yield Piece(line[end:])


def _known(word: str, position: Position) -> str:
    if word.startswith(FACT) and word.removeprefix(FACT).strip():
        return f"{FACT}{word.removeprefix(FACT).strip()}"
    if word.casefold() in WORDS:
        return word.casefold()
    near = nearest_name(word, WORDS)
    hint = f" Did you mean {near!r}?" if near else f" There are {', '.join(WORDS)}, and ${{fact NAME}}."
    raise ExpressionMistake(f"There is no word {word!r} in templates.{hint}", position)


def _render(template: MessageTemplate, message: Message, home: str) -> str:
    values = _values(message, home)
    facts = {name.casefold(): value for name, value in message.facts.items()}
    lines: list[str] = []
    room = _LONGEST_TEXT
    for pieces in template.lines:
        said = [_value(piece, values, facts) for piece in pieces]
        words = [text for piece, text in zip(pieces, said, strict=True) if piece.word]
        if room >= 0 and (not words or any(words)):
            lines.append("".join(_as_much(said, room)))
            room -= len(lines[-1])
    return "\n".join(lines)


def _as_much(texts: Iterable[str], room: int) -> Iterator[str]:
    """Of ``texts`` what is used: a word that stands a thousand times for a long text would make hundreds of MB."""
    for text in texts:
        yield text
        room -= len(text)
        if room < 0:
            return


def _value(piece: Piece, values: Mapping[str, str], facts: Mapping[str, str]) -> str:
    if not piece.word:
        return piece.text
    if piece.word.startswith(FACT):
        return facts.get(piece.word.removeprefix(FACT).casefold(), "")
    return values[piece.word]


def _values(message: Message, home: str) -> Mapping[str, str]:
    left = message.item_count - len(message.items)
    return {
        "title": message.title,
        "text": message.text,
        "severity": message.severity.value,
        "mark": "" if message.severity is Severity.INFORMATIONAL else f"[{message.severity.value}] ",
        "kind": message.kind.value,
        "at": f"{message.at:%Y-%m-%d %H:%M:%S} UTC",
        "facts": "\n".join(f"{name}: {value}" for name, value in message.facts.items()),
        "items": "\n".join(f"- {item}" for item in message.items),
        "count": f"{message.item_count:,}" if message.item_count else "",
        "more": f"and {left:,} more" if left > 0 else "",
        "id": message.id,
        "home": home,
    }
