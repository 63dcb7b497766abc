"""The keys that work on a screen now, each with what it does and why it cannot be done: for help and palette."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any  # Any: screens of every kind of answer, as Textual types them

from textual.app import App
from textual.binding import ActiveBinding
from textual.dom import DOMNode
from textual.screen import Screen

from ops.app_keys.key_names import show_key
from tui.permitting import why_not
from tui.widgets.key_bar import importance
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


@dataclass(frozen=True, slots=True)
class ActiveKey:
    """One thing that keys do now: where it belongs, its keys as they are called, and ``why`` it cannot be done."""

    title: str
    keys: str
    label: str
    meaning: str
    why: str
    node: DOMNode
    action: str


def active_keys(deck: "PatchdeckApp", screen: Screen[Any]) -> list[ActiveKey]:
    """What keys do on ``screen``: those of the widget with the focus, of the screen, of its table, of the app."""
    found: dict[tuple[DOMNode, str], list[str]] = {}
    those: dict[tuple[DOMNode, str], ActiveBinding] = {}
    for key, active in screen.active_bindings.items():
        if active.node is not screen.focused and _is_typed(screen, show_key(key)):
            continue
        if active.binding.tooltip or isinstance(active.node, App):
            at = (active.node, active.binding.action)
            found.setdefault(at, []).append(show_key(key))
            those.setdefault(at, active)
    entries = [_entry(deck, screen, those[at], keys) for at, keys in found.items() if _is_told(those[at])]
    order = {(each.node, each.binding.action): importance(each) for each in those.values()}
    return sorted(entries, key=lambda entry: (_place(screen, entry.node), *order[entry.node, entry.action]))


def groups_of(entries: list[ActiveKey]) -> Iterator[tuple[str, list[ActiveKey]]]:
    """``entries`` under their titles."""
    for title in dict.fromkeys(entry.title for entry in entries):
        yield title, [entry for entry in entries if entry.title == title]


def _is_typed(screen: Screen[Any], sign: str) -> bool:
    """Whether ``sign`` is only a letter now: Textual does not know all signs by their keys' names."""
    return len(sign) == 1 and screen.focused is not None and screen.focused.check_consume_key(sign, sign)


def _is_told(active: ActiveBinding) -> bool:
    return bool(active.binding.tooltip) or active.binding.action.startswith(("typed(", "command_palette"))


def _entry(deck: "PatchdeckApp", screen: Screen[Any], active: ActiveBinding, keys: list[str]) -> ActiveKey:
    binding, node = active.binding, active.node
    name = binding.action.partition("(")[0].rpartition(".")[2]
    meaning = binding.tooltip or binding.description
    if binding.action == "command_palette":
        meaning = "Everything that can be done, to search in"
    return ActiveKey(
        _title(screen, node),
        " ".join(dict.fromkeys(keys)),
        binding.description,
        meaning,
        why_not(deck, node, name),
        node,
        binding.action,
    )


def _title(screen: Screen[Any], node: DOMNode) -> str:
    if isinstance(node, App):
        return "Everywhere"
    if isinstance(node, BigTable):
        return "In the table"
    if node is screen:
        return str(getattr(screen, "crumb", "") or getattr(screen, "TITLE_TEXT", "") or "Here")
    parts: Sequence[tuple[str, type]] = getattr(screen, "parts_with_keys", tuple)()
    own = next((title for title, kind in parts if isinstance(node, kind)), "")
    return own or ("Where you type" if node is screen.focused else "Around it")


def _place(screen: Screen[Any], node: DOMNode) -> int:
    """Rows are moved through alike everywhere: what the screen itself can do stands before that."""
    if isinstance(node, App):
        return 4
    if isinstance(node, BigTable):
        return 3
    return 1 if node is screen.focused else 2
