"""The user's editor: $VISUAL or $EDITOR, else one that is there."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path

from fleet.errors import BadInput
from ops.acting_login import require_own_host

_EDITORS = ("sensible-editor", "vi", "nano")


def open_editor(path: Path) -> None:
    """Opens ``path`` and waits until the editor is closed.

    Raises:
        BadInput: there is no editor, or it cannot be started or failed.
        NotPermitted: this is a session over SSH, which starts no program.
    """
    require_own_host("start an editor")
    command = _editor()
    try:
        status = subprocess.run([*command, str(path)], check=False).returncode
    except OSError as error:
        raise BadInput(f"The editor {shlex.join(command)} cannot be started: {error.strerror}. Set $EDITOR.") from error
    if status != 0:
        raise BadInput(f"The editor {shlex.join(command)} ended with {status}: nothing was changed.")


def _editor() -> list[str]:
    wanted = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if wanted:
        try:
            return shlex.split(wanted)
        except ValueError as error:
            raise BadInput(f"$EDITOR is not usable: {error}.") from error
    found = next((name for name in _EDITORS if shutil.which(name)), None)
    if found is None:
        raise BadInput("There is no editor: set $EDITOR, or change single values with options.")
    return [found]
