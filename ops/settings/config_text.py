"""The text of config.toml: read and replaced as it is, and changed in one place with all else left as it was."""

import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any  # Any: items of tomlkit

from collectors.handed_down import file_mode
from fleet.errors import BadInput, HomeUnusable
from ops.config_text import parse_toml
from ops.setting import Value

if TYPE_CHECKING:
    from tomlkit import TOMLDocument

# Some editors begin a file with it; TOML has no place for it.
_MARK = "\ufeff"


def read_raw(path: Path) -> str | None:
    """The text at ``path`` with its ends of lines as they are, None where there is no file.

    Raises:
        BadInput: it is not UTF-8.
        HomeUnusable: it cannot be read.
    """
    try:
        return path.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: it is not UTF-8 text.") from error
    except OSError as error:
        raise HomeUnusable(f"Cannot read {path}: {error.strerror}.") from error


def without_mark(text: str) -> str:
    """``text`` without a byte order mark, and with the ends of lines that parsers count."""
    return text.removeprefix(_MARK).replace("\r\n", "\n")


def with_value(path: Path, text: str, name: str, value: Value) -> str:
    """``text`` with the setting ``name`` at ``value``: in its place where it stands, else at the end of its section.

    Raises:
        BadInput: it is not TOML, or it has a form in which this cannot be done without touching something else.
    """
    section, _, key = name.rpartition(".")

    def put(document: "TOMLDocument") -> None:
        import tomlkit

        item = tomlkit.item(list(value) if isinstance(value, tuple) else value)
        if section and section not in document:
            document[section] = tomlkit.table()
        target: Any = document[section] if section else document
        target[key] = item

    return _edited(path, text, name, put, {name: list(value) if isinstance(value, tuple) else value})


def without_value(path: Path, text: str, name: str) -> str:
    """``text`` without the key ``name``, a setting or not; as it is where it has none.

    Raises:
        BadInput: as `with_value`.
    """

    def remove(document: "TOMLDocument") -> None:
        target: Any = document
        *sections, key = name.split(".")
        for section in sections:
            target = target[section]
        del target[key]

    if name not in flat_values(parse_toml(path, without_mark(text))):
        return text
    return _edited(path, text, name, remove, {})


def write_config(path: Path, text: str) -> None:
    """Put ``text`` in place of what is at ``path``, whole or not at all; mode and owner stay, a link stays a link.

    Raises:
        HomeUnusable: it cannot be written there; the old text stands.
    """
    real = Path(os.path.realpath(path))
    try:
        handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}-")
    except OSError as error:
        raise HomeUnusable(f"Cannot write {path}: {error.strerror}. Nothing was changed.") from error
    aside = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            _be_like(stream.fileno(), real)
            stream.write(text.encode())
            stream.flush()
            os.fsync(stream.fileno())
        aside.replace(real)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise HomeUnusable(f"Cannot write {path}: {error.strerror}. Nothing was changed.") from error


def flat_values(tables: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    """Each value of ``tables`` by its name, as in ``assess.concurrency``."""
    found: dict[str, object] = {}
    for key, value in tables.items():
        if isinstance(value, dict):
            found |= flat_values(value, f"{prefix}{key}.")
        else:
            found[f"{prefix}{key}"] = value
    return found


def _edited(path: Path, text: str, name: str, edit: Any, wanted: Mapping[str, object]) -> str:
    """``text`` as ``edit`` made it of the document, if nothing but ``name`` means anything else then."""
    mark = _MARK if text.startswith(_MARK) else ""
    before = flat_values(parse_toml(path, without_mark(text)))
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    by_hand = f"{name} cannot be changed by itself where it stands in {path}. By hand: patchdeck settings edit"
    try:
        document = tomlkit.parse(text.removeprefix(mark))
        edit(document)
        after = _with_ends(text, _above_comments(text.removeprefix(mark), tomlkit.dumps(document)))
        found = flat_values(parse_toml(path, without_mark(after)))
    except (TOMLKitError, BadInput, KeyError, TypeError, AttributeError, ValueError) as error:
        raise BadInput(by_hand) from error
    rest = {key: value for key, value in before.items() if key != name}
    if found != {**rest, **wanted}:
        raise BadInput(by_hand)
    return mark + after


def _above_comments(before: str, after: str) -> str:
    """``after``, with lines that were added to ``before`` above the comments of what comes next, where they are keys.

    tomlkit adds to the end of a section, to which what stands above the next header belongs.
    """
    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    count = len(new) - len(old)
    at = next((place for place, line in enumerate(old) if new[place : place + 1] != [line]), len(old))
    added = new[at : at + count]
    is_moved = count > 0 and at < len(old) and [*new[:at], *new[at + count :]] == old
    if not is_moved or any(line.lstrip().startswith("[") for line in added):
        return after
    target = at
    while target > 0 and (not old[target - 1].strip() or old[target - 1].lstrip().startswith("#")):
        target -= 1
    return "".join([*old[:target], *added, *old[target:]]) if target else after


def _with_ends(before: str, after: str) -> str:
    """``after`` with the ends of lines that ``before`` has, where it has but one kind."""
    if "\r\n" not in before or "\n" in before.replace("\r\n", ""):
        return after
    return after.replace("\r\n", "\n").replace("\n", "\r\n")


def _be_like(handle: int, real: Path) -> None:
    try:
        found = real.stat()
    except FileNotFoundError:
        os.fchmod(handle, file_mode(real.parent))
        return
    os.fchmod(handle, stat.S_IMODE(found.st_mode))
    if os.geteuid() == 0:
        os.fchown(handle, found.st_uid, found.st_gid)
