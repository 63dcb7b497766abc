"""The files of one table, wherever they lie: what there is, what is in them, and taking one away."""

from collections.abc import Iterator
from pathlib import Path

from query.place import Place


def list_sizes(place: Place, folder: str = "") -> dict[str, int]:
    """The size of every file of the table at ``place`` that lies in ``folder`` or below, by its path in the table.

    Raises:
        OSError and others: it cannot be listed.
    """
    if place.is_local:
        files = (path for path in (place.path / folder).rglob("*") if path.is_file())
        return {str(path.relative_to(place.path)): _size(path) for path in files}
    from query.objects import open_objects

    listed = open_objects(place).list(folder or None)
    return {entry["path"]: entry["size"] for chunk in listed for entry in chunk}


def read_commits(place: Place) -> Iterator[tuple[str, bytes | None]]:
    """Each commit in the log with its content, None where it cannot be read; by name."""
    for name in sorted(list_sizes(place, "_delta_log")):
        if name.endswith(".json"):
            yield name, _read(place, name)


def take_away(place: Place, name: str, target: Path) -> None:
    """Put the file ``name`` of the table at ``place`` to ``target``, which is local, if it is there.

    Raises:
        OSError and others: it cannot be done; the file is where it was.
    """
    if place.is_local:
        if (place.path / name).exists():
            (place.path / name).rename(target)
        return
    from query.objects import open_objects

    objects = open_objects(place)
    try:
        held = objects.get(name)
    except FileNotFoundError:
        return
    with target.open("wb") as file:
        for chunk in held.stream():
            file.write(chunk)
    objects.delete(name)


def _read(place: Place, name: str) -> bytes | None:
    try:
        if place.is_local:
            return (place.path / name).read_bytes()
        from query.objects import open_objects

        return bytes(open_objects(place).get(name).bytes())
    except OSError:
        return None


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
