"""A saved query in the user's editor: again until it can be asked, and never lost."""

import shutil
import sys
import tempfile
from pathlib import Path

from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.editor import open_editor
from ops.cli.terminal import say
from ops.home import Home
from ops.query_files import change_query, read_text
from query.library import SavedQuery


def edit_in_editor(home: Home, query: SavedQuery, *, force: bool = False) -> SavedQuery:
    """Opens a copy of ``query``, one of the user's, in $VISUAL or $EDITOR, and keeps what comes back.

    On a terminal a text that cannot be asked can be edited again. What is not kept stays in a file, which the error
    names. A text that was not changed is not written.

    Raises:
        BadInput: there is no editor, or it failed; the text cannot be used; somebody else changed the query meanwhile.
    """
    folder = Path(tempfile.mkdtemp(prefix="patchdeck-edit-"))
    before = query.path.read_bytes()
    path = folder / query.path.name
    path.write_bytes(before)
    try:
        kept = _keep(home, query, path, before, force=force)
    except BadInput as error:
        if not path.exists() or path.read_bytes() == before:
            shutil.rmtree(folder)
            raise
        again = f"patchdeck queries save {query.name} --replace -f {path}"
        raise BadInput(f"{error} Your text is kept in {path}; once it is right: {again}") from error
    shutil.rmtree(folder)
    return kept


def _keep(home: Home, query: SavedQuery, path: Path, before: bytes, *, force: bool) -> SavedQuery:
    while True:
        open_editor(path)
        if path.exists() and path.read_bytes() == before:
            say("Nothing was changed.")
            return query
        try:
            return change_query(home, query, before, read_text(path), force=force)
        except BadInput as error:
            if not sys.stdin.isatty():
                raise
            say(f"patchdeck: {error}")
            if not confirm("Edit again?", ""):
                raise
