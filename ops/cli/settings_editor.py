"""The whole config.toml in the user's editor: again until it can be used, and never lost."""

import shutil
import sys
import tempfile
from pathlib import Path

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.editor import open_editor
from ops.cli.terminal import say
from ops.home import Home
from ops.permission import require_writable
from ops.settings.changing import Changed, ConfigText, replace_config
from ops.settings.config_text import read_raw
from ops.settings.known import read_config

_NEW = """\
# Settings of this home: patchdeck settings list shows all of them. What is not here has its default.
# [assess]
# concurrency = 50
"""


def edit_config(home: Home, *, asks_again: bool = True) -> Changed:
    """Opens a copy of config.toml in $VISUAL or $EDITOR, and puts what comes back in its place once it can be used.

    On a terminal, and where ``asks_again``, a text that cannot be used can be edited again. What is not kept stays in a
    file, which the error names.

    Raises:
        BadInput: there is no editor, or it failed; the text cannot be used; somebody changed the file meanwhile.
        NotPermitted: this process does not change the home.
        HomeUnusable: the file cannot be read or written.
    """
    require_writable(home.path, "change settings")
    seen = ConfigText(read_raw(home.config_file))
    before = _NEW if seen.text is None else seen.text
    folder = Path(tempfile.mkdtemp(prefix="patchdeck-edit-"))
    path = folder / "config.toml"
    path.write_bytes(before.encode())
    try:
        changed = _keep(home, path, before, seen, asks_again=asks_again)
    except BadInput as error:
        if (read_raw(path) if path.exists() else before) == before:
            shutil.rmtree(folder)
            raise
        raise BadInput(f"{error} Your text is kept in {path}.") from error
    shutil.rmtree(folder)
    return changed


def _keep(home: Home, path: Path, before: str, seen: ConfigText, *, asks_again: bool) -> Changed:
    while True:
        open_editor(path)
        after = read_raw(path)
        if after is None or after == before:
            return Changed(read_config(home), is_changed=False)
        try:
            return replace_config(home, after, seen)
        except BadInput as error:
            if not asks_again or not sys.stdin.isatty():
                raise
            say(f"patchdeck: {error}")
            if not confirm("Edit again?", ""):
                raise
