"""What a config.toml says: its text, and each key with its value and its line; what they mean is `ops.config`'s."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import BadInput, HomeUnusable, UnknownName
from ops.app_keys.own_keys import take_own_keys
from ops.config_text import find_line, parse_toml
from ops.setting import Setting, Value, check_value


@dataclass(frozen=True, slots=True)
class Given:
    """A key as it stands in the file of ``path``, called as a setting is: ``assess.concurrency``."""

    path: Path
    line: int
    name: str
    value: object

    @property
    def where(self) -> str:
        """Its place, as errors name it."""
        return f"{self.path}, line {self.line}"


def read_config_text(path: Path) -> str | None:
    """The text of the file at ``path``, None where there is none.

    Raises:
        BadInput: it is not UTF-8.
        HomeUnusable: it cannot be read.
    """
    try:
        return path.read_text("utf-8-sig")  # some editors begin a file with a byte order mark
    except FileNotFoundError:
        return None
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: it is not UTF-8 text.") from error
    except OSError as error:
        raise HomeUnusable(f"Cannot read {path}: {error.strerror}.") from error


def given_in(path: Path, text: str, known: Collection[str]) -> Iterator[Given]:
    """Every key of ``text`` but those of the app's own keys, which are checked; ``known`` are the names of settings.

    Raises:
        BadInput: it is not TOML, or a key of the app cannot be used; names the line.
    """
    tables = parse_toml(path, text)
    take_own_keys(path, text, tables)
    for name, value in _flatten(tables, known):
        yield Given(path, find_line(text, name), name, value)


def checked(given: Given, known: Mapping[str, Setting]) -> Value:
    """The value of the setting that ``given`` is of.

    Raises:
        BadInput: it is no setting, or its value does not fit; names the line.
    """
    if given.name not in known:
        raise BadInput(f"{given.where}: {UnknownName('setting', given.name, known)}")
    return check_value(known[given.name], given.value, given.where)


def _flatten(table: Mapping[str, object], known: Collection[str], prefix: str = "") -> Iterator[tuple[str, object]]:
    for key, value in table.items():
        name = f"{prefix}{key}"
        is_section = any(setting.startswith(f"{name}.") for setting in known)
        if isinstance(value, dict) and (is_section or value):
            yield from _flatten(value, known, f"{name}.")
        else:
            yield name, value
