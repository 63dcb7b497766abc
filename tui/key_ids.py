"""Ids of all that keys do, derived from classes and actions: ``machines.assess``, ``table.page-1``."""

import re
from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

# Scopes that are not called as their class is.
_SCOPES = {"PatchdeckApp": "app", "BigTable": "table", "DeckScreen": "every-screen", "TableScreen": "every-table"}
_WORD = re.compile(r"[A-Z][a-z0-9]*")


def scope_of(kind: type) -> str:
    """What the class ``kind`` is called in ids: ``RunMachineScreen`` is ``run-machine``."""
    name = kind.__name__
    if name in _SCOPES:
        return _SCOPES[name]
    words = [word.lower() for word in _WORD.findall(name)]
    return "-".join(words[:-1] if len(words) > 1 and words[-1] in ("screen", "overlay") else words)


def action_id(action: str) -> str:
    """What an action is called in ids: ``view('missing')`` is ``view-missing``, ``move(-1)`` is ``move-minus-1``."""
    name, _, parameters = action.partition("(")
    spoken = re.sub(r"-(?=\d)", "minus-", parameters)
    words = re.findall(r"[A-Za-z0-9]+", f"{name.rpartition('.')[2]} {spoken}")
    return "-".join(words)


def scopes_of(kind: type) -> list[str]:
    """The scopes that an action of ``kind`` may be named by: its own, then those that it inherits from."""
    return [scope_of(base) for base in kind.__mro__ if is_ours(base)]


def is_ours(kind: type) -> bool:
    """Whether ``kind`` is a widget, a screen or the app of Patchdeck, and no base without keys."""
    return kind.__module__.startswith("tui.") and issubclass(kind, DOMNode) and _has_keys(kind)


def declared(kind: type) -> Iterator[Binding]:
    """The keys that ``kind`` itself declares, those that say what they do."""
    for each in vars(kind).get("BINDINGS", ()):
        if isinstance(each, Binding) and each.tooltip:
            yield each


def _has_keys(kind: type) -> bool:
    return any(base.__module__.startswith("tui.") and any(declared(base)) for base in kind.__mro__)


def catalogue(kinds: list[type]) -> list[dict[str, Any]]:
    """The document of `ops.app_keys.catalogue` for ``kinds``: one entry a scope, sorted by its name."""
    return sorted((_entry(kind) for kind in kinds), key=lambda entry: str(entry["scope"]))


def _entry(kind: type) -> dict[str, Any]:
    actions: dict[str, dict[str, Any]] = {}
    for binding in declared(kind):
        name = action_id(binding.action)
        entry = actions.setdefault(name, {"action": name, "keys": [], "does": binding.tooltip})
        entry["keys"] += [key.strip() for key in binding.key.split(",") if key.strip() not in entry["keys"]]
    bases = [scope_of(base) for base in kind.__mro__[1:] if is_ours(base)]
    is_screen = issubclass(kind, Screen | App) and not issubclass(kind, App)
    return {"scope": scope_of(kind), "is_screen": is_screen, "bases": bases, "actions": list(actions.values())}
