"""A definition in the user's editor: again until it can be read, and never lost."""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from fleet.deployments.deployment import Deployment
from fleet.edit_conflicts import EditConflict, merge_edits
from fleet.errors import BadInput
from ops.cli.confirmation import confirm
from ops.cli.edit_conflict_talk import Choice, ask_choice, conflict_lines
from ops.cli.editor import open_editor
from ops.cli.terminal import say
from ops.deployments.definition_files import write_definition
from ops.deployments.definition_sources import read_definition_file
from ops.deployments.definitions import Defined, change, define, find_deployment
from ops.deployments.editing import Draft, read_draft
from ops.home import Home
from ops.state.audit import utc_now
from ops.state.deployments import NO_SOURCE, Source, StoredDeployment

_Kept = TypeVar("_Kept")


def edit_in_editor(home: Home, draft: Draft) -> StoredDeployment:
    """Opens the draft in $VISUAL or $EDITOR, and keeps what comes back.

    On a terminal broken text can be edited again. What is not kept stays in a file, which the error names.

    Raises:
        BadInput: there is no editor, or it failed; the text cannot be used; somebody else changed the deployment.
    """

    def keep(deployment: Deployment, source: Source) -> StoredDeployment:
        try:
            return change(home, draft.stored, deployment, source)
        except EditConflict as conflict:
            return _settled(home, conflict, deployment, source)

    return _edited(draft, keep, f"edit {draft.stored.deployment.name} -f")


def _settled(home: Home, conflict: EditConflict, mine: Deployment, source: Source) -> StoredDeployment:
    """The deployment as whoever sits there wants it, of two edits.

    Raises:
        EditConflict: nobody says, or it was changed once more meanwhile.
    """
    theirs = find_deployment(home, mine.name)
    choice = ask_choice(conflict)
    if choice is Choice.THEIRS:
        return theirs
    if choice is Choice.MINE:
        merged = merge_edits(conflict.seen, theirs.deployment, mine)
        assert isinstance(merged, Deployment)
        # A text that does not say what is kept would mislead whoever edits it next.
        return change(home, theirs, merged, source if merged == mine else NO_SOURCE)
    for line in conflict_lines(conflict):
        say(line)
    raise conflict


def define_in_editor(home: Home, begun: Deployment) -> Defined:
    """Opens a definition that is ``begun`` in $VISUAL or $EDITOR, and keeps what comes back as a new deployment.

    Raises:
        BadInput: as `edit_in_editor`, or there is a deployment of that name.
    """
    not_kept_yet = StoredDeployment(begun, NO_SOURCE, 0, utc_now(), "")
    draft = Draft(not_kept_yet, Source(write_definition(begun, "toml"), "toml"))
    return _edited(draft, lambda deployment, source: define(home, deployment, source), "add -f")


def _edited(draft: Draft, keep: Callable[[Deployment, Source], _Kept], verb: str) -> _Kept:
    folder = Path(tempfile.mkdtemp(prefix="patchdeck-edit-"))
    path = folder / f"{draft.stored.deployment.name}.{draft.source.format}"
    path.write_bytes(draft.source.text.encode())
    try:
        kept = _keep(draft, path, keep)
    except BadInput as error:
        if _text_of(path) in (None, draft.source.text.encode()):
            shutil.rmtree(folder)
            raise
        raise BadInput(
            f"{error} Your text is kept in {path}; once it is right: patchdeck deployments {verb} {path}"
        ) from error
    shutil.rmtree(folder)
    return kept


def _text_of(path: Path) -> bytes | None:
    """None where the editor left no file: some write aside and rename, and are killed in between."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def take_edited(home: Home, draft: Draft, path: str) -> StoredDeployment:
    """Keeps the text of a file that was made of the draft; ``-``: standard input.

    Raises:
        BadInput: it cannot be read or used.
    """
    try:
        deployment, source = read_draft(draft, read_definition_file(path))
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from error
    return change(home, draft.stored, deployment, source)


def _keep(draft: Draft, path: Path, keep: Callable[[Deployment, Source], _Kept]) -> _Kept:
    while True:
        open_editor(path)
        try:
            deployment, source = read_draft(draft, read_definition_file(str(path)))
        except BadInput as error:
            if not sys.stdin.isatty():
                raise
            say(f"patchdeck: {error}")
            if not confirm("Edit again?", ""):
                raise
            continue
        return keep(deployment, source)
