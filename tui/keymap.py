"""The user's own keys: bindings under other keys, keys of the user's own, commands under the user's names."""

from functools import cache
from typing import TYPE_CHECKING

from textual.binding import Binding, BindingsMap
from textual.dom import DOMNode

from ops.app_keys.key_names import show_key
from ops.app_keys.own_keys import Keys, OwnKeys
from tui.key_ids import action_id, scopes_of

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class Keymap:
    """What ``own`` makes of the bindings of any widget, screen and of the app."""

    def __init__(self, own: OwnKeys) -> None:
        self.own = own
        self.keys_for = cache(lambda kind, action: find_keys(own.remaps, kind, action))

    def remap(self, node: DOMNode, bindings: BindingsMap) -> None:
        """Puts each binding of ``node`` under the keys that the user gave it; ``bindings`` is a copy of its own."""
        kept: dict[str, list[Binding]] = {}
        given: dict[str, list[Binding]] = {}
        for key, those in bindings.key_to_bindings.items():
            for binding in those:
                keys = self.keys_for(type(node), binding.action)
                if keys is None:
                    kept.setdefault(key, []).append(binding)
                for other in keys or ():
                    if all(each.action != binding.action for each in given.get(other, ())):
                        given.setdefault(other, []).append(binding.with_key(other))
        bindings.key_to_bindings = {**kept, **{key: those + kept.get(key, []) for key, those in given.items()}}

    def remap_chain(self, chain: list[tuple[DOMNode, BindingsMap]]) -> list[tuple[DOMNode, BindingsMap]]:
        """`remap` for each of a screen's chain of nodes with a copy of their bindings."""
        if self.own.remaps:
            for node, bindings in chain:
                self.remap(node, bindings)
        return chain

    def key_of(self, node: DOMNode, usual: str) -> str:
        """The key, as shown, that does on ``node`` or in the app what ``usual`` does where the user gave no other."""
        for each in (node, node.app) if self.own.remaps else ():
            for key, those in each._bindings.key_to_bindings.items():
                keys = self.keys_for(type(each), those[0].action) if show_key(key) == usual else None
                if keys:
                    return show_key(keys[0])
        return usual

    def expanded(self, text: str) -> str:
        """The command that ``text`` means, where it begins with a name that the user gave one."""
        name, _, argument = text.strip().partition(" ")
        whole = self.own.aliases.get(name.lower())
        return text if whole is None else f"{whole} {argument}".strip()


def find_keys(remaps: Keys, kind: type, action: str) -> tuple[str, ...] | None:
    """The keys that were given to ``action`` of ``kind`` or of a base, None where none were."""
    name = action_id(action)
    ids = (f"{scope}.{name}" for scope in scopes_of(kind))
    return next((remaps[each] for each in ids if each in remaps), None)


class Remapped:
    """Stands before a kind of screen whose keys, and those of what is in it, are those that the user wants."""

    @property
    def _binding_chain(self) -> list[tuple[DOMNode, BindingsMap]]:
        # Textual's own keymap knows bindings by an id that each would have to carry.
        chain: list[tuple[DOMNode, BindingsMap]] = super()._binding_chain  # type: ignore[misc]  # the screen's behind
        keymap = getattr(self.app, "keymap", None)  # type: ignore[attr-defined]  # as before
        return keymap.remap_chain(chain) if isinstance(keymap, Keymap) else chain


def bind_hot_keys(deck: "PatchdeckApp", own: OwnKeys) -> None:
    """Gives each key of the user's own its command."""
    for key, command in own.hot_keys.items():
        deck.bind(key, f"typed({command!r})", description=f":{command}", show=False)
