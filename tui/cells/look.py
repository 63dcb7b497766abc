"""How a cell looks, and the shortest sequence from one look to another."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

# What ends an attribute: 22 ends both bold and dim.
_ENDS = {
    "1": "22",
    "2": "22",
    "3": "23",
    "4": "24",
    "21": "24",
    "5": "25",
    "6": "25",
    "7": "27",
    "8": "28",
    "9": "29",
    "51": "54",
    "52": "54",
    "53": "55",
}
# A blank with one of these is not just its background.
_SHOWN_ON_BLANKS = frozenset({"4", "21", "7", "9", "53", "51", "52", "5", "6"})


@dataclass(frozen=True, slots=True)
class Look:
    """Colours as their SGR parameters (``38;2;1;2;3``), empty for the terminal's own, and attributes by number."""

    foreground: str = ""
    background: str = ""
    attributes: tuple[str, ...] = ()

    @property
    def is_plain_when_blank(self) -> bool:
        """Whether a blank that looks so is its background and nothing else."""
        return not self.attributes or _SHOWN_ON_BLANKS.isdisjoint(self.attributes)

    @property
    def of_blank(self) -> "Look":
        """What a blank that looks so shows of it: two blanks that are alike on the screen look the same."""
        return _blank(self.background) if self.is_plain_when_blank else self


PLAIN = Look()


@lru_cache(maxsize=4_096)
def _blank(background: str) -> Look:
    return Look(background=background) if background else PLAIN


@lru_cache(maxsize=16_384)
def parse_look(parameters: str) -> Look:
    """The look that SGR with ``parameters`` (``1;38;5;7``) gives to a plain pen."""
    foreground = background = ""
    attributes = []
    for parameter in map(_shorter, _split(parameters)):
        number = int(parameter.partition(";")[0])
        if 30 <= number <= 38 or 90 <= number <= 97:
            foreground = parameter
        elif 40 <= number <= 48 or 100 <= number <= 107:
            background = parameter
        elif parameter in _ENDS:
            attributes.append(parameter)
    return Look(foreground, background, tuple(sorted(attributes)))


@lru_cache(maxsize=16_384)
def change_look(old: Look, new: Look) -> str:
    """What turns a pen of the look ``old`` into one of ``new``; empty where they are the same."""
    if old == new:
        return ""
    anew = ";".join(["", *new.attributes, *filter(None, (new.foreground, new.background))])
    steps = ";".join(_steps(old, new))
    return f"\x1b[{min(steps, anew, key=len) if steps else anew}m"


def _steps(old: Look, new: Look) -> Iterator[str]:
    gone = [each for each in old.attributes if each not in new.attributes]
    ends = dict.fromkeys(_ENDS[each] for each in gone)
    yield from ends
    for each in new.attributes:
        if each not in old.attributes or _ENDS[each] in ends:
            yield each
    if old.foreground != new.foreground:
        yield new.foreground or "39"
    if old.background != new.background:
        yield new.background or "49"


def _palette() -> dict[str, int]:
    """The numbers of xterm's colours from 16 on, by ``red;green;blue``: a cube, then greys; a colour's first one."""
    steps = (0, 95, 135, 175, 215, 255)
    cube = [f"{red};{green};{blue}" for red in steps for green in steps for blue in steps]
    greys = [f"{grey};{grey};{grey}" for grey in range(8, 239, 10)]
    return {colour: number for number, colour in reversed([*enumerate([*cube, *greys], 16)])}


_PALETTE = _palette()


def _shorter(parameter: str) -> str:
    """A colour by its number where the terminal's palette has exactly it: half the bytes."""
    kind, colour = parameter[:5], parameter[5:]
    number = _PALETTE.get(colour) if kind in ("38;2;", "48;2;") else None
    return parameter if number is None else f"{kind[:2]};5;{number}"


def _split(parameters: str) -> Iterator[str]:
    """The parameters one by one, those of a colour together."""
    numbers = iter(parameters.split(";"))
    for number in numbers:
        if number in ("38", "48"):
            kind = next(numbers, "5")
            count = 3 if kind == "2" else 1
            yield ";".join((number, kind, *(next(numbers, "0") for _ in range(count))))
        elif number:
            yield number
