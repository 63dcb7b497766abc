"""Copying to the terminal's clipboard, wherever it stands: OSC 52, through tmux and screen too, else into a file."""

import base64
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import PatchdeckError
from fleet.hostile import clean, scrub
from ops.acting_login import require_own_host

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

# What terminals take in one OSC 52: k9s and tmux stop at 74,994 bytes, of Base64.
MOST_ENCODED = 74_994
MOST_COPIED = MOST_ENCODED * 3 // 4
# What GNU screen takes in one string: MAXSTR in its screen.h.
_SCREEN_PART = 760
_FORMULA_STARTS = tuple("=+-@＝＋－＠")


@dataclass(frozen=True, slots=True)
class Sending:
    """What is written to the terminal, and by which way that goes, in words."""

    sequence: str
    way: str


def sending_of(text: str, environment: Mapping[str, str]) -> Sending:
    """How ``text`` gets to the clipboard from a terminal that ``environment`` tells of.

    Within tmux it is sent twice: tmux takes it itself where ``set-clipboard`` is on, and hands the wrapped one on where
    ``allow-passthrough`` is. GNU screen hands on short strings only.
    """
    encoded = base64.b64encode(text.encode("utf-8", "replace")).decode("ascii")
    plain = f"\x1b]52;c;{encoded}\a"
    term = environment.get("TERM", "")
    if environment.get("TMUX") or term.startswith("tmux"):
        return Sending(f"{plain}\x1bPtmux;\x1b{plain}\x1b\\", "OSC 52, through tmux")
    if environment.get("STY"):
        parts = (plain[at : at + _SCREEN_PART] for at in range(0, len(plain), _SCREEN_PART))
        return Sending("".join(f"\x1bP{part}\x1b\\" for part in parts), "OSC 52, through screen")
    return Sending(plain, "OSC 52")


def copy_lines(deck: "PatchdeckApp", lines: Sequence[str], what: str) -> None:
    """Copies ``lines``, each without what steers a terminal, and says by which way; ``what`` names them.

    What a terminal would not take goes into a file, which is told.
    """
    text = "\n".join("\t".join(map(scrub, line.split("\t"))) for line in lines)
    if len(text.encode()) > MOST_COPIED:
        _put_aside(deck, text, what)
        return
    deck.copy_to_clipboard(text)
    deck.say(f"Copied {clean(what)} to the terminal's clipboard ({sending_of('', os.environ).way}).")


def table_lines(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """A table as lines of cells with tabs between them, as spreadsheets take it; no cell of it is a formula there."""
    return ["\t".join(map(_cell, cells)) for cells in (headings, *rows)]


def _cell(text: str) -> str:
    harmless = " ".join(scrub(text.replace("\t", " ").replace("\n", " ").replace("\r", " ")).split(" "))
    is_number = harmless.replace(",", "").replace(".", "", 1).lstrip("+-").isdecimal()
    return f"'{harmless}" if harmless.lstrip().startswith(_FORMULA_STARTS) and not is_number else harmless


def _put_aside(deck: "PatchdeckApp", text: str, what: str) -> None:
    try:
        require_own_host("write a file")
        descriptor, name = tempfile.mkstemp(prefix="patchdeck-copied-", suffix=".tsv")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
    except (OSError, PatchdeckError) as error:
        deck.say(f"{clean(what)} is too long for a terminal's clipboard, and {clean(str(error))}", is_error=True)
        return
    deck.say(f"{clean(what)} is too long for a terminal's clipboard: it is in {Path(name)}.")
