"""The kinds of values in a definition: how each is read, from whichever format, and written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from types import MappingProxyType
from typing import Any, TypeVar

from fleet.deployments.reboot_times import parse_clock_time
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput, UnknownName
from ops.deployments.definition_tree import Listed, Node, Scalar, Table, refused

_WHOLE = re.compile(r"[+-]?[0-9]{1,9}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,25})?([eE][+-]?[0-9]{1,3})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_NOTHING = ("", "~", "null", "Null", "NULL")
_TRUE, _FALSE = ("true", "True", "TRUE"), ("false", "False", "FALSE")
_GREATEST = 10**9
_When = TypeVar("_When", date, datetime)


class NotFitting(Exception):
    """A value is not of the kind that its key takes; ``node`` is the one that is not, ``reason`` what else is wrong."""

    def __init__(self, node: Node, reason: str = "") -> None:
        super().__init__(reason)
        self.node = node
        self.reason = reason


# Any: what a kind gives is what the field behind its key holds, and each holds something else.
@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of value. ``expected`` says in words what it takes. ``read`` raises `NotFitting` for another type, and
    `BadInput` (without a line) for a value that cannot be used. ``write`` gives what the writers of TOML and YAML take.
    """

    expected: str
    read: Callable[[Node], Any]
    write: Callable[[Any], Any] = lambda value: value


def read_value(kind: Kind, node: Node, key: str) -> Any:
    """What ``node`` says, as the value of ``key``.

    Raises:
        BadInput: it does not fit; begins with the line.
    """
    try:
        return kind.read(node)
    except NotFitting as error:
        if error.reason:
            raise refused(error.node.line, f"{key}: {error.reason}") from error
        given = f" = {_shown(error.node)}" if isinstance(error.node, Scalar) else ""
        raise refused(error.node.line, f"{key}{given} does not fit: it takes {kind.expected}.") from error
    except BadInput as error:
        raise refused(node.line, f"{key}: {error}") from error


def parsed_text(
    expected: str, parse: Callable[[str], Any], write: Callable[[Any], str], *, number: bool = False
) -> Kind:
    """Text that ``parse`` reads; with ``number`` a whole number stands for its digits."""
    text = _text_or_number if number else _text
    return Kind(expected, lambda node: parse(text(node)), write)


def choice(words: Mapping[str, Any]) -> Kind:
    """One of ``words``, in any case, which stand for values."""
    expected = " or ".join(f'"{word}"' for word in words)

    def read(node: Node) -> Any:
        word = _text(node)
        if word.casefold() not in words:
            raise BadInput(f"{UnknownName('such value', word[:100], words)} It takes {expected}.")
        return words[word.casefold()]

    by_value = {value: word for word, value in words.items()}
    return Kind(expected, read, lambda value: by_value[value])


def list_of(kind: Kind, expected: str) -> Kind:
    """A list of values of ``kind``, as a tuple."""

    def read(node: Node) -> tuple[Any, ...]:
        if not isinstance(node, Listed):
            raise NotFitting(node)
        return tuple(_read_item(kind, item) for item in node.items)

    return Kind(expected, read, lambda values: [kind.write(value) for value in values])


def _read_item(kind: Kind, item: Node) -> Any:
    try:
        return kind.read(item)
    except BadInput as error:  # with the line of the item, not of the list
        raise NotFitting(item, str(error)) from error


def _text(node: Node) -> str:
    if not isinstance(node, Scalar) or not isinstance(node.value, str):
        raise NotFitting(node)
    if node.is_plain and node.value in _NOTHING:
        raise NotFitting(node)
    return node.value


def _text_or_number(node: Node) -> str:
    if isinstance(node, Scalar) and type(node.value) is int and abs(node.value) <= _GREATEST:
        return str(node.value)
    return _text(node)


def _truth(node: Node) -> bool:
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    if isinstance(node, Scalar) and node.is_plain and node.value in (*_TRUE, *_FALSE):
        return node.value in _TRUE
    raise NotFitting(node)


def _whole(node: Node) -> int:
    if isinstance(node, Scalar):
        if type(node.value) is int and abs(node.value) <= _GREATEST:
            return node.value
        if node.is_plain and _WHOLE.fullmatch(str(node.value)):
            return int(str(node.value))
    raise NotFitting(node)


def _number(node: Node) -> float:
    if isinstance(node, Scalar):
        value: Any = node.value
        if node.is_plain and _NUMBER.fullmatch(str(value)):
            value = float(str(value))
        if type(value) in (int, float) and abs(value) <= _GREATEST:  # what is infinite or no number is not
            return float(value)
    raise NotFitting(node)


def _day(node: Node) -> date:
    if isinstance(node, Scalar):
        if isinstance(node.value, date) and not isinstance(node.value, datetime):
            return node.value
        if isinstance(node.value, str) and _DAY.fullmatch(node.value):
            return _existing(date.fromisoformat, node.value)
    raise NotFitting(node)


def _moment(node: Node) -> datetime:
    if isinstance(node, Scalar):
        if isinstance(node.value, datetime):
            return _without_zone(node.value)
        if isinstance(node.value, str) and _MOMENT.fullmatch(node.value):
            return _existing(datetime.fromisoformat, node.value)
    raise NotFitting(node)


def _clock(node: Node) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, time):
        return f"{node.value:%H:%M}" if node.value == node.value.replace(second=0, microsecond=0) else _text(node)
    text = _text(node)
    parse_clock_time(text)
    return text


def _zone(node: Node) -> str:
    text = _text(node)
    find_zone(text)
    return text


def _without_zone(moment: datetime) -> datetime:
    if moment.tzinfo is not None:
        raise BadInput(f"{moment.isoformat()} has an offset: leave it out, time-zone says what the time means.")
    return moment


def _existing(parse: Callable[[str], _When], text: str) -> _When:
    try:
        return parse(text)
    except ValueError as error:
        raise BadInput(f"{text} is no day or time that exists.") from error


def _texts(node: Node) -> Mapping[str, str]:
    if not isinstance(node, Table):
        raise NotFitting(node)
    return MappingProxyType({name: _text(value) for name, value in node.entries.items()})


def _shown(node: Scalar) -> str:
    shown = repr(node.value) if isinstance(node.value, str) else str(node.value)
    shown = shown.lower() if isinstance(node.value, bool) else shown
    return shown if len(shown) <= 80 else f"{shown[:79]}…"


def plain_number(value: float) -> str:
    """``value`` in digits without an exponent, exactly as it was given: 4, 4.5, 0.0000001."""
    text = f"{Decimal(repr(value)):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


TEXT = Kind("a text", _text)
TRUTH = Kind("true or false", _truth)
WHOLE = Kind("a whole number", _whole)
NUMBER = Kind("a number", _number)
DAY = Kind("a day such as 2026-12-31", _day)
MOMENT = Kind("a day and time without zone, such as 2026-12-08T02:30:00", _moment)
CLOCK = Kind("a time of day such as 22:30", _clock)
ZONE = Kind("a text", _zone)
TEXTS = Kind("names with texts", _texts, dict)
