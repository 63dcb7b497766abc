"""Every key of the app with what it does, from the bindings themselves: for help and for docs/keys.md."""

from collections.abc import Iterable

from textual.app import App
from textual.binding import Binding

from ops.app_keys.key_names import show_key
from tui.key_ids import action_id, declared, scope_of

KeyLine = tuple[str, str]


def keys_of(kind: type) -> list[KeyLine]:
    """The keys that ``kind`` itself declares, with what each does; several keys for one action stand together."""
    own = vars(kind).get("BINDINGS", ())
    return [(names_of(each.key), each.tooltip) for each in own if isinstance(each, Binding) and each.tooltip]


def keys_with_inherited(kind: type) -> list[KeyLine]:
    """`keys_of` of ``kind`` and of its bases that are ours; what a subclass says of a key holds."""
    seen: dict[str, str] = {}
    for base in kind.__mro__:
        if base.__module__.startswith("tui.") and not issubclass(base, App):
            for names, meaning in keys_of(base):
                seen.setdefault(names, meaning)
    return list(seen.items())


def keys_with_ids(kind: type) -> list[tuple[str, str, str]]:
    """As `keys_with_inherited`, or `keys_of` for the app, with the id by which config.toml can change each."""
    seen: dict[str, tuple[str, str, str]] = {}
    for base in kind.__mro__ if not issubclass(kind, App) else (kind,):
        if base.__module__.startswith("tui.") and (kind is base or not issubclass(base, App)):
            for each in declared(base):
                names = names_of(each.key)
                seen.setdefault(names, (names, str(each.tooltip), f"{scope_of(base)}.{action_id(each.action)}"))
    return list(seen.values())


def names_of(keys: str) -> str:
    """``slash,f3`` as ``/ f3``."""
    return " ".join(dict.fromkeys(show_key(key.strip()) for key in keys.split(",")))


def grouped(kinds: Iterable[tuple[str, type]]) -> list[tuple[str, list[tuple[str, str, str]]]]:
    """The keys of each of ``kinds`` under its title, with their ids."""
    return [(title, keys_with_ids(kind)) for title, kind in kinds]
