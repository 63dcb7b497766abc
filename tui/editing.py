"""Queries in the user's own editor: the text on the screen, and saved queries."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput
from query.language import QueryLanguage
from query.limits import MAX_QUERY_CHARACTERS
from tui.lending import in_editor

if TYPE_CHECKING:
    from query.library import SavedQuery
    from tui.app import PatchdeckApp
    from tui.screens.asking_screen import AskingScreen


def edit_text(screen: "AskingScreen") -> None:
    """Opens the text of the editor in $EDITOR; what comes back takes its place, as one step to undo."""
    before, language = screen.editor.text, screen.language
    after = in_editor(screen.deck, lambda: _edited(before, language))
    if after is not None and after != before:
        editor = screen.editor
        editor.replace(after, (0, 0), editor.document.end, maintain_selection_offset=False)
    screen.set_focus(screen.editor)


def edit_saved(deck: "PatchdeckApp", saved: "SavedQuery", then: Callable[[], None]) -> None:
    """Opens the file of ``saved`` in $EDITOR, as ``patchdeck queries edit`` does, and does ``then``."""
    from ops.cli.query_editor import edit_in_editor

    kept = in_editor(deck, lambda: edit_in_editor(deck.home, saved))
    if kept is not None:
        deck.say(f"{kept.name} is {kept.path}.")
        then()


def _edited(text: str, language: QueryLanguage) -> str:
    """What the user made of ``text``.

    Raises:
        BadInput: there is no editor, it failed, or what it left is no text that can be a query.
    """
    from ops.cli.editor import open_editor

    folder = Path(tempfile.mkdtemp(prefix="patchdeck-edit-"))
    try:
        path = folder / f"query.{language.value}"
        path.write_text(f"{text}\n", encoding="utf-8")
        open_editor(path)
        after = path.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"What the editor left cannot be read: {error}.") from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if len(after) > MAX_QUERY_CHARACTERS:
        raise BadInput(f"A query may have {MAX_QUERY_CHARACTERS:,} characters; this text has {len(after):,}.")
    return after
