"""What a user's config.toml says of keys: ``[keys]``, ``[app.keys]`` and ``[app.aliases]``, checked as settings are."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from fleet.errors import BadInput, HomeUnusable, UnknownName
from ops.app_keys.key_names import read_key, show_key
from ops.config_text import find_line, parse_toml
from ops.home import Home

if TYPE_CHECKING:
    from ops.app_keys.catalogue import Catalogue, KeyScope

Keys = Mapping[str, tuple[str, ...]]
_ALIAS = re.compile(r"[a-z][a-z0-9_-]*")


@dataclass(frozen=True, slots=True)
class OwnKeys:
    """Keys by the id of what they do, commands by the key or by the name that the user gave them."""

    remaps: Keys = field(default_factory=dict)
    hot_keys: Mapping[str, str] = field(default_factory=dict)
    aliases: Mapping[str, str] = field(default_factory=dict)


def load_own_keys(home: Home) -> OwnKeys:
    """What config.toml of ``home`` says of keys; nothing where there is none.

    Raises:
        BadInput: it does not fit; names file and line.
        HomeUnusable: the file cannot be read.
    """
    path = home.config_file
    try:
        text = path.read_text("utf-8-sig")
    except FileNotFoundError:
        return OwnKeys()
    except UnicodeDecodeError as error:
        raise BadInput(f"{path}: it is not UTF-8 text.") from error
    except OSError as error:
        raise HomeUnusable(f"Cannot read {path}: {error.strerror}.") from error
    return take_own_keys(path, text, parse_toml(path, text))


def take_own_keys(path: Path, text: str, tables: dict[str, object]) -> OwnKeys:
    """What ``tables``, which ``text`` holds, say of keys; takes that out of them.

    Raises:
        BadInput: it does not fit; names file and line.
    """
    place: _Place = lambda name: f"{path}, line {find_line(text, name)}"  # noqa: E731  # used by what is checked below
    app = tables.get("app")
    taken = {"keys": tables.pop("keys", {})}
    if isinstance(app, dict):
        taken |= {f"app.{name}": app.pop(name) for name in ("keys", "aliases") if name in app}
    if not any(taken.values()):
        return OwnKeys()
    from ops.app_keys.catalogue import load_catalogue

    catalogue = load_catalogue()
    aliases = _aliases(_flat(taken.get("app.aliases", {}), "app.aliases", place), catalogue, place)
    remaps = _remaps(_flat(taken["keys"], "keys", place), catalogue, place)
    given = _flat(taken.get("app.keys", {}), "app.keys", place)
    hot_keys = _hot_keys(given, aliases, place)
    _refuse_clashes(catalogue, remaps, {read_key(name): place(f"app.keys.{name}") for name in given}, place)
    return OwnKeys(remaps, hot_keys, aliases)


def keys_of(catalogue: "Catalogue", remaps: Keys, scope: str) -> dict[str, tuple[str, ...]]:
    """The keys that hold in ``scope``, by the names of its actions: a remap of the scope itself before its bases'."""
    holding = {}
    for name, action in catalogue.actions_in(scope).items():
        ids = (f"{each}.{name}" for each in (scope, *catalogue.scopes[scope].bases))
        holding[name] = next((remaps[each] for each in ids if each in remaps), action.keys)
    return holding


_Place = Callable[[str], str]


def _flat(table: object, prefix: str, place: _Place) -> dict[str, object]:
    """``machines.assess`` unquoted is a table in TOML: here it is a name again."""
    if not isinstance(table, dict):
        raise BadInput(f"{place(prefix)}: [{prefix}] is a section of names with their values.")
    flat: dict[str, object] = {}
    for name, value in table.items():
        if isinstance(value, dict):
            flat |= {f"{name}.{rest}": each for rest, each in _flat(value, f"{prefix}.{name}", place).items()}
        else:
            flat[name] = value
    return flat


def _remaps(given: Mapping[str, object], catalogue: "Catalogue", place: _Place) -> Keys:
    known = frozenset(catalogue.ids())
    remaps = {}
    for name, value in given.items():
        where = place(f"keys.{name}")
        if name not in known:
            raise BadInput(f"{where}: {UnknownName('action', name, known)} See patchdeck keys list.")
        texts = [value] if isinstance(value, str) else value
        if not isinstance(texts, list) or not texts or not all(isinstance(each, str) for each in texts):
            raise BadInput(f'{where}: {name} takes a key or a list of keys, as in "ctrl+g".')
        remaps[name] = tuple(_key(each, where) for each in texts)
    return remaps


def _hot_keys(given: Mapping[str, object], aliases: Mapping[str, str], place: _Place) -> dict[str, str]:
    from ops.app_keys.catalogue import load_catalogue

    known = (*load_catalogue().commands, *aliases)
    hot_keys = {}
    for name, value in given.items():
        where = place(f"app.keys.{name}")
        hot_keys[_key(name, where)] = _command(value, known, where)
    return hot_keys


def _aliases(given: Mapping[str, object], catalogue: "Catalogue", place: _Place) -> dict[str, str]:
    aliases = {}
    for name, value in given.items():
        where = place(f"app.aliases.{name}")
        if not _ALIAS.fullmatch(name):
            raise BadInput(f"{where}: {name!r} cannot be typed as a command: small letters, digits, - and _.")
        if name in catalogue.commands:
            raise BadInput(f"{where}: :{name} is a command already.")
        aliases[name] = _command(value, catalogue.commands, where)
    return aliases


def _command(value: object, known: tuple[str, ...], where: str) -> str:
    text = value.removeprefix(":").strip() if isinstance(value, str) else ""
    name = text.partition(" ")[0].lower()
    if not name:
        raise BadInput(f'{where}: it takes a command as text, as in "machines tags:prod".')
    if name not in known:
        raise BadInput(f"{where}: {UnknownName('command', f':{name}', [f':{each}' for each in known])}")
    return text


def _key(text: str, where: str) -> str:
    try:
        return read_key(text)
    except BadInput as error:
        raise BadInput(f"{where}: {error}.") from error


def _refuse_clashes(catalogue: "Catalogue", remaps: Keys, hot_keys: Mapping[str, str], place: _Place) -> None:
    """Raises BadInput where a key would do two things in one place; ``hot_keys`` says where each stands in the file."""
    around = {scope: _around(catalogue, remaps, scope) for scope in catalogue.scopes}
    for remapped in sorted(remaps):
        owner, _, action = remapped.partition(".")
        # What it had before may do other things elsewhere: that was so from the beginning.
        new = set(remaps[remapped]) - set(catalogue.actions_in(owner)[action].keys)
        for scope in (catalogue.scopes[owner], *catalogue.scopes.values()):
            for there in _names_in(catalogue, scope, remapped):
                _refuse_clash(around[scope.name], there, new, scope, place(f"keys.{remapped}"))
    for key, where in hot_keys.items():
        if others := [min(holding[key]) for holding in around.values() if key in holding]:
            raise BadInput(f"{where}: {show_key(key)} is {others[0]} already: choose another.")


def _refuse_clash(holding: Mapping[str, set[str]], there: str, new: set[str], scope: "KeyScope", where: str) -> None:
    for key in sorted(new):
        others = sorted(holding.get(key, set()) - {there}) if there in holding.get(key, set()) else []
        if others:
            raise BadInput(
                f"{where}: {show_key(key)} is {others[0]} in {scope.name} already: give that another key too, or "
                "choose another one here."
            )


def _names_in(catalogue: "Catalogue", scope: "KeyScope", remapped: str) -> list[str]:
    """What the action with the id ``remapped`` is called in ``scope``, and around it where that is a screen."""
    owner, _, action = remapped.partition(".")
    return [
        f"{each}.{action}"
        for each in _places(catalogue, scope)
        if owner in (each, *catalogue.scopes[each].bases) and action in catalogue.actions_in(each)
    ]


def _places(catalogue: "Catalogue", scope: "KeyScope") -> list[str]:
    """``scope``, and around it where that is a screen: its table, and the app."""
    from ops.app_keys.catalogue import EVERYWHERE, IN_TABLES

    more = (IN_TABLES, EVERYWHERE) if scope.is_screen else ()
    return list(dict.fromkeys((scope.name, *(name for name in more if name in catalogue.scopes))))


def _around(catalogue: "Catalogue", remaps: Keys, scope: str) -> dict[str, set[str]]:
    """What each key does in ``scope`` and around it, by the ids there."""
    does: dict[str, set[str]] = {}
    for each in _places(catalogue, catalogue.scopes[scope]):
        for action, keys in keys_of(catalogue, remaps, each).items():
            for key in keys:
                does.setdefault(key, set()).add(f"{each}.{action}")
    return does
