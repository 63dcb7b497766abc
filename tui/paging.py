"""A text in the user's pager: the terminal is lent to it, and taken back when it ends."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from fleet.hostile import scrub
from ops.acting_login import require_own_host
from tui.lending import in_editor

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

_PAGERS = ("less", "more")


def show_paged(deck: "PatchdeckApp", text: str, suffix: str) -> None:
    """Opens ``text`` in $PAGER, in a file whose name ends in ``suffix``; without what steers a terminal."""
    harmless = "\n".join(map(scrub, text.split("\n")))
    in_editor(deck, lambda: _page(harmless, suffix))


def _page(text: str, suffix: str) -> None:
    """Waits until the pager is left.

    Raises:
        BadInput: there is none, or it cannot be started.
        NotPermitted: this is a session over SSH, which starts no program.
    """
    require_own_host("start a pager")
    command = _pager()
    folder = Path(tempfile.mkdtemp(prefix="patchdeck-page-"))
    try:
        path = folder / f"report{suffix}"
        path.write_text(text, encoding="utf-8")
        # Shown is what machines said: the pager is to start nothing of its own.
        subprocess.run([*command, str(path)], check=False, env={**os.environ, "LESSSECURE": "1"})
    except OSError as error:
        raise BadInput(f"The pager {shlex.join(command)} cannot be started: {error.strerror}. Set $PAGER.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pager() -> list[str]:
    wanted = os.environ.get("PAGER", "").strip()
    if wanted:
        try:
            return shlex.split(wanted)
        except ValueError as error:
            raise BadInput(f"$PAGER is not usable: {error}.") from error
    found = next((name for name in _PAGERS if shutil.which(name)), None)
    if found is None:
        raise BadInput("There is no pager: set $PAGER, or write the report to a file with w.")
    return [found]
