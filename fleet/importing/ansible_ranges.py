"""Names of hosts with ranges, as Ansible has them: ``web[01:50:2]``, ``db-[a:f].example.com``, with a port behind."""

import re
from itertools import product
from string import ascii_letters

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.fields import parse_port

_RANGE = re.compile(r"\[([^\[\]]*)\]")
_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.%]*:[^\]]*\]|[^:]+|[^:]*(?:\[[^\]]*\][^:]*)+):(?P<port>\d+)")
_MOST_NAMES = 100_000


def expand_names(pattern: str) -> tuple[list[str], int | None]:
    """The names that ``pattern`` stands for, in order, and the port behind it.

    Raises:
        BadInput: a range in it cannot be read, or has too many names.
    """
    match = _PORT.fullmatch(pattern)
    names, port = (match["host"], parse_port(match["port"])) if match else (pattern, None)
    if _is_address(names):
        return [names.strip("[]")], port
    parts: list[list[str]] = []
    count, at = 1, 0
    for found in _RANGE.finditer(names):
        values = _values(found[1], pattern)
        count *= len(values)
        if count > _MOST_NAMES:
            raise BadInput(f"{clean(pattern, 80)!r} stands for more than {_MOST_NAMES:,} names.")
        parts += [[names[at : found.start()]], values]
        at = found.end()
    return ["".join(each) for each in product(*parts, [names[at:]])], port


def _is_address(text: str) -> bool:
    """Whether it is an IPv6 address, in brackets or not, and no range."""
    inner = text.removeprefix("[").removesuffix("]")
    return inner.count(":") >= 2 and "[" not in inner and re.fullmatch(r"[0-9A-Fa-f:.]+(%\w+)?", inner) is not None


def _values(text: str, pattern: str) -> list[str]:
    parts = text.split(":")
    if len(parts) not in (2, 3):
        raise _bad(pattern, "a range is written [01:50] or [01:50:2]")
    first, last = parts[0], parts[1]
    step = int(parts[2]) if len(parts) == 3 and parts[2].isdecimal() and len(parts[2]) < 7 else 1
    if len(parts) == 3 and (not parts[2].isdecimal() or not step):
        raise _bad(pattern, "the step of a range is a number from 1")
    if len(first) == 1 and len(last) == 1 and first in ascii_letters and last in ascii_letters:
        begin, end = ascii_letters.index(first), ascii_letters.index(last)
        letters = list(ascii_letters[begin : end + 1 : step])
        if not letters:
            raise _bad(pattern, "a range begins before it ends")
        return letters
    return _numbers(first or "0", last, step, pattern)


def _numbers(first: str, last: str, step: int, pattern: str) -> list[str]:
    if not (first.isdecimal() and last.isdecimal() and first.isascii() and last.isascii() and len(last) < 10):
        raise _bad(pattern, "a range goes from number to number, or from letter to letter")
    if first.startswith("0") and len(first) > 1 and len(first) != len(last):
        raise _bad(pattern, "both ends of a range with leading zeros have as many digits")
    begin, end = int(first), int(last)
    if begin > end:
        raise _bad(pattern, "a range begins before it ends")
    if (end - begin) // step >= _MOST_NAMES:
        raise BadInput(f"{clean(pattern, 80)!r} stands for more than {_MOST_NAMES:,} names.")
    width = len(first) if first.startswith("0") else 0
    return [f"{number:0{width}d}" if width else str(number) for number in range(begin, end + 1, step)]


def _bad(pattern: str, why: str) -> BadInput:
    return BadInput(f"{clean(pattern, 80)!r} cannot be read: {why}.")
