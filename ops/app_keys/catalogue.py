"""Every action of the app with its id and its keys, from ``catalogue.json``, which docs/make_app_keys.py makes."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_FILE = Path(__file__).with_name("catalogue.json")
# Where keys work beside those of a screen itself.
EVERYWHERE, IN_TABLES = "app", "table"


@dataclass(frozen=True, slots=True)
class KeyAction:
    """Something that keys do: its id without that of its scope, the keys that it has by default, and what it does."""

    name: str
    keys: tuple[str, ...]
    meaning: str


@dataclass(frozen=True, slots=True)
class KeyScope:
    """A screen, a widget or the app; ``bases`` are the scopes whose actions it has too, the nearest first."""

    name: str
    is_screen: bool
    bases: tuple[str, ...]
    actions: tuple[KeyAction, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All scopes by name, and the names of all ``:`` commands."""

    scopes: Mapping[str, KeyScope]
    commands: tuple[str, ...]

    def ids(self) -> Iterator[str]:
        """Every id that may be given keys: of a scope's own actions, and of those that it has from its bases."""
        for scope in self.scopes.values():
            yield from (f"{scope.name}.{name}" for name in self.actions_in(scope.name))

    def actions_in(self, name: str) -> dict[str, KeyAction]:
        """The actions of the scope called ``name``, those of its bases too, by their names."""
        found: dict[str, KeyAction] = {}
        for each in (name, *self.scopes[name].bases):
            for action in self.scopes[each].actions:
                found.setdefault(action.name, action)
        return found


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that this Patchdeck came with."""
    document = json.loads(_FILE.read_text(encoding="utf-8"))
    scopes = {
        each["scope"]: KeyScope(
            each["scope"],
            each["is_screen"],
            tuple(each["bases"]),
            tuple(KeyAction(action["action"], tuple(action["keys"]), action["does"]) for action in each["actions"]),
        )
        for each in document["scopes"]
    }
    return Catalogue(scopes, tuple(document["commands"]))
