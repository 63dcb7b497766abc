"""Whether this process may change a home: asked at the few places through which every change goes.

A home is closed to a process that opened it read-only (`ops.home.open_home`). What keeps somebody who means harm from
writing is not this but the kernel: see docs/decisions/0014-read-only-and-roles.md.
"""

import atexit
import os
import shutil
import tempfile
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fleet.errors import BadInput, NotPermitted
from ops.acting_login import require_own_host
from ops.home_parts import HOME_PARTS, MARKS


@dataclass(frozen=True, slots=True)
class Closed:
    """Why a home is not changed, a sentence without its full stop; ``is_asked``: because that was asked for."""

    reason: str
    is_asked: bool


# By the real path of a home.
_CLOSED: dict[str, Closed] = {}


def close_to_writing(home: Path, closed: Closed) -> None:
    """From now on this process does not change the home at ``home``."""
    _CLOSED[os.path.realpath(home)] = closed


def open_to_writing(home: Path) -> None:
    """From now on this process may change the home at ``home`` again."""
    _CLOSED.pop(os.path.realpath(home), None)


def refusal(home: Path) -> str | None:
    """Why this process does not change the home at ``home``, None where it may."""
    closed = _CLOSED.get(os.path.realpath(home)) if _CLOSED else None
    return None if closed is None else closed.reason


def is_read_only_asked(home: Path) -> bool:
    """Whether somebody asked that this process change nothing in the home at ``home``."""
    closed = _CLOSED.get(os.path.realpath(home))
    return closed is not None and closed.is_asked


def require_writable(home: Path, deed: str = "") -> None:
    """Let pass whoever may change the home at ``home``. ``deed`` says what would be done, as in "assess machines".

    Raises:
        NotPermitted: this process does not change it.
    """
    if (reason := refusal(home)) is not None:
        raise NotPermitted(f"Cannot {deed or 'do that'}: {reason}. Nothing was changed.")


def require_elsewhere(path: Path) -> None:
    """Let pass a file or folder that somebody wants written, unless it is what a home consists of, or in a home that
    this process does not change.

    Raises:
        BadInput: a home consists of it: an answer would take the place of its state.
        NotPermitted: it is in such a home, or this is a session over SSH, which has no files.
    """
    require_own_host(f"write {path}")
    real = os.path.realpath(path)
    for home, closed in _CLOSED.items():
        if real == home or real.startswith(f"{home}{os.sep}"):
            raise NotPermitted(f"Cannot write {path}: {closed.reason}. Name another place. Nothing was changed.")
    if (owner := _home_of(Path(real))) is not None:
        raise BadInput(
            f"Cannot write {path}: the home {owner} consists of it. Name another place. Nothing was changed."
        )


def _home_of(real: Path) -> Path | None:
    """The home that consists of ``real``, or that it is; None where a file of somebody may lie there."""
    for folder in (real, *real.parents):
        if all((folder / name).is_file() for name in MARKS):
            part = real.relative_to(folder).parts[:1]
            return folder if not part or part[0] in HOME_PARTS else None
    return None


@lru_cache(maxsize=1)
def own_scratch() -> Path:
    """A folder of this process, for its user alone and gone at its end: for what the home cannot take."""
    folder = Path(tempfile.mkdtemp(prefix="patchdeck-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
