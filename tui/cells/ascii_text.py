"""Text for terminals that show nothing but ASCII: of each character a stand-in that is as wide."""

import unicodedata
from functools import lru_cache

from rich.cells import cell_len

_STAND_INS = {
    **dict(zip("·•×–—−…‹›«»°µ", ".*x---~<><>ou", strict=True)),
    **dict(zip("‘’“”", "''\"\"", strict=True)),
    **dict(zip("←→↑↓↔↕↳⏎", "<>^v-|>$", strict=True)),
    **dict(zip("▴▲▾▼▸▶◂◀", "^^vv>><<", strict=True)),
    **dict(zip("●○■□◆✓✔✗✘", "*o#o*++xx", strict=True)),
    # What rises and what grows: one sign for each step, the fuller the heavier.
    **dict(zip("▁▂▃▄▅▆▇█", "_.:-=+*#", strict=True)),
    **dict(zip("▏▎▍▌▋▊▉▐▕▔▀", "|:-=+*##|~^", strict=True)),
    **dict(zip("░▒▓", ".:%", strict=True)),
}
_NOT_SHOWN = "?"


def in_ascii(text: str) -> str:
    """``text`` in as many cells, with a sign of ASCII for what Patchdeck draws, and ``?`` for each cell of all else.

    What stands in for a letter is never another letter: a name in other letters might be another machine's.
    """
    return text if text.isascii() else "".join(map(_stand_in, text))


@lru_cache(maxsize=1_024)
def _stand_in(character: str) -> str:
    if character.isascii():
        return character
    if (known := _STAND_INS.get(character)) is not None:
        return known
    if 0x2500 <= ord(character) <= 0x257F:
        return _of_box(unicodedata.name(character))
    return _NOT_SHOWN * cell_len(character)


def _of_box(name: str) -> str:
    """Lines stay lines: what runs both ways is a corner or a crossing."""
    if "DIAGONAL" in name:
        return "/"
    runs = (
        "HORIZONTAL" in name or "LEFT" in name or "RIGHT" in name,
        "VERTICAL" in name or "UP" in name or "DOWN" in name,
    )
    return {(True, False): "-", (False, True): "|"}.get(runs, "+")
