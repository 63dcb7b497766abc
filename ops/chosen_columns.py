"""Which columns a user wants to see on which screen of the app, in which order: kept in the home, each user's apart."""

import json
import os
from collections.abc import Mapping

from collectors.handed_down import folder_mode
from collectors.known_hosts_file import only_writer
from ops.asked_queries import file_beside_queries
from ops.home import Home
from ops.permission import refusal

Chosen = Mapping[str, tuple[str, ...]]


def read_chosen_columns(home: Home) -> Chosen:
    """By the name of a screen: the names of its columns; nothing where the file is missing or says nothing usable.

    Raises:
        OSError: it cannot be read.
    """
    path = file_beside_queries(home, ".columns")
    if not path.exists():
        return {}
    try:
        document = json.loads(path.read_text(encoding="utf-8", errors="replace"))
    except ValueError:
        return {}
    if not isinstance(document, dict):
        return {}
    return {str(screen): tuple(map(str, names)) for screen, names in document.items() if isinstance(names, list)}


def keep_chosen_columns(home: Home, screen: str, names: tuple[str, ...]) -> None:
    """Keeps the columns of ``screen``; none are those that Patchdeck chooses. Not in a home that is only read.

    Raises:
        OSError: it cannot be written, or another process holds the folder for long.
    """
    if refusal(home.path) is not None:
        return
    path = file_beside_queries(home, ".columns")
    path.parent.mkdir(mode=folder_mode(home.path), exist_ok=True)
    with only_writer(path.parent):
        chosen = {**read_chosen_columns(home), screen: names}
        text = json.dumps({each: list(those) for each, those in chosen.items() if those}, indent=1)
        aside = path.with_suffix(".columns-new")
        aside.unlink(missing_ok=True)
        descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text + "\n")
        aside.replace(path)
