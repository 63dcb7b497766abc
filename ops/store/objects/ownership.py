"""Whose the tables under a URL are: of one home, which alone writes them; others may read.

Numbers of commits tell what of a batch is stored already. Two homes would take the same numbers, and one's rows would
be left out as if they were there.
"""

import json
import socket
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from uuid import uuid4

from fleet.errors import HomeUnusable
from fleet.hostile import clean
from ops.home import Home
from ops.permission import refusal
from query.object_problems import explain_store_error
from query.objects import open_objects
from query.place import Place

_MARKER = "_patchdeck.json"


def home_id(home: Home) -> str:
    """What tells ``home`` from others; a copy of it is the same home. Empty where it has none, and is only read.

    Raises:
        HomeUnusable: it cannot be kept.
    """
    path = home.id_file
    try:
        if not path.exists():
            if refusal(home.path) is not None:
                return ""
            aside = path.with_name(f".{path.name}.{uuid4().hex}")
            aside.write_text(f"{uuid4()}\n", "ascii")
            with suppress(FileExistsError):
                path.hardlink_to(aside)
            aside.unlink()
        return path.read_text("ascii").strip()
    except OSError as error:
        raise HomeUnusable(f"Cannot use {path}: {error.strerror}.") from error


@lru_cache(maxsize=8)
def claim(place: Place, local: Path) -> None:
    """Make sure that the tables at ``place`` are those of the home that ``place.access.owner`` names; once a process.

    ``local`` is where that home had its tables before.

    Raises:
        HomeUnusable: they are another's, the store cannot be asked, or the home's own rows still lie in ``local``.
    """
    from obstore.exceptions import AlreadyExistsError

    ours = place.access.owner if place.access else ""
    try:
        objects = open_objects(place)
        try:
            found = bytes(objects.get(_MARKER).bytes())
        except FileNotFoundError:
            if not any(objects.list(chunk_size=1)):
                _check_nothing_is_left(local, place)
            about = {"home": ours, "machine": socket.gethostname(), "folder": str(local.parent)}
            with suppress(AlreadyExistsError):
                objects.put(_MARKER, json.dumps(about).encode("ascii"), mode="create")
            found = bytes(objects.get(_MARKER).bytes())
    except HomeUnusable:
        raise
    # The store library's errors have no common class below Exception.
    except Exception as error:
        raise HomeUnusable(f"Cannot write the tables at {place}: {explain_store_error(error, place)}.") from error
    _check_owner(place, found, ours)


def _check_owner(place: Place, found: bytes, ours: str) -> None:
    try:
        about = json.loads(found)
        owner, whose = about["home"], f"{about['machine']}:{about['folder']}"
    except (ValueError, TypeError, LookupError) as error:
        raise HomeUnusable(f"{place}/{_MARKER} cannot be read: it says whose the tables are.") from error
    if owner != ours:
        raise HomeUnusable(
            f"The tables at {place} are those of the home {clean(whose)}: one home writes them. Give this one a prefix "
            f"of its own; or, if that home is no more, delete {place}/{_MARKER}."
        )


def _check_nothing_is_left(local: Path, place: Place) -> None:
    if local.is_dir() and any(local.glob("*/_delta_log/*.json")):
        raise HomeUnusable(
            f"{place} is empty, and {local} holds tables: copy them there first (aws s3 sync {local} {place}), or move "
            "them away to begin anew."
        )
