"""The row at the bottom: the keys that matter here, most important first, never cut in a word."""

from typing import TYPE_CHECKING, cast

from textual import events
from textual.app import App
from textual.binding import ActiveBinding, Binding
from textual.screen import Screen

from ops.app_keys.key_names import show_key
from tui.permitting import why_not
from tui.tones import Tone
from tui.widgets.line import Line, Piece

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class KeyBar(Line):
    """Shows the bindings that the focused widget, the screen and the app want shown, the most particular first."""

    ALWAYS = (Piece("0-9", Tone.KEY), Piece(" views  ", Tone.DIM), Piece("?", Tone.KEY), Piece(" keys", Tone.DIM))
    # Where letters are text: those of the views would only be typed.
    WHILE_TYPING = (Piece("f1", Tone.KEY), Piece(" keys", Tone.DIM))
    DEFAULT_CSS = "KeyBar { background: $panel; padding: 0 1; }"

    def on_mount(self) -> None:
        """Follows the screen's bindings, which change with the focus."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)
        self._bindings_changed(self.screen)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        shown: dict[str, str] = {}
        self._shown_bindings: dict[str, ActiveBinding] = {}
        greyed: set[str] = set()
        for active in sorted(screen.active_bindings.values(), key=importance):
            binding = active.binding
            key = show_key(binding.key)
            if binding.show and len(key) < len(shown.get(binding.description, key + "+")):
                shown[binding.description] = key
                self._shown_bindings[binding.description] = active
                if self._is_barred(active):
                    greyed.add(key)
        left = [piece for label, key in shown.items() for piece in _pieces(key, label, is_greyed=key in greyed)]
        focused = screen.focused
        always = self.WHILE_TYPING if focused and focused.check_consume_key("1", "1") else self.ALWAYS
        # A blank stays between them, and one at each edge.
        width = self.size.width or self.screen.size.width - 2
        room = width - 1 - sum(len(piece.text) for piece in always)
        self.show(pair_up(left, room), always)

    def _is_barred(self, active: ActiveBinding) -> bool:
        """Whether it cannot be done now; pressing the key says why."""
        name = active.binding.action.partition("(")[0].rpartition(".")[2]
        return bool(why_not(cast("PatchdeckApp", self.app), active.node, name))

    async def on_click(self, event: events.Click) -> None:
        """A click on a key presses it."""
        piece = self.left_piece_at(event.x)
        if piece is None:
            return
        active = list(self._shown_bindings.values())[piece // 2]
        await cast("PatchdeckApp", self.app).run_action(active.binding.action, active.node)

    def on_resize(self) -> None:
        """Chooses anew which keys fit."""
        self._bindings_changed(self.screen)


def importance(active: ActiveBinding) -> tuple[int, int]:
    """The place of a binding: those of the focused widget first, a subclass before its base, then as declared."""
    for depth, kind in enumerate(type(active.node).__mro__):
        for position, declared in enumerate(vars(kind).get("BINDINGS", ())):
            if isinstance(declared, Binding) and declared.action == active.binding.action:
                is_app = isinstance(active.node, App)
                return (depth + 100 * is_app, position)
    return (1000, 0)


def pair_up(pieces: list[Piece], width: int) -> list[Piece]:
    """As many whole pairs of key and label as fit ``width``."""
    kept: list[Piece] = []
    room = width
    for key, label in zip(pieces[::2], pieces[1::2], strict=True):
        room -= len(key.text) + len(label.text)
        if room < 0:
            break
        kept += [key, label]
    return kept


def _pieces(key: str, label: str, *, is_greyed: bool) -> list[Piece]:
    tones = (Tone.OFFLINE, Tone.OFFLINE) if is_greyed else (Tone.KEY, Tone.DIM)
    return [Piece(key, tones[0]), Piece(f" {label}  ", tones[1])]
