"""Noticing that config.toml was written, whoever did it, and taking what the app itself uses of it."""

from typing import TYPE_CHECKING

from textual.signal import Signal

from fleet.errors import PatchdeckError
from ops.config import Settings, load_settings
from tui.background import in_thread
from tui.themes import choose_theme
from tui.widgets.context_bar import ContextBar

if TYPE_CHECKING:
    from tui.app import PatchdeckApp

_Stamp = tuple[int, int, int] | None
_UNKNOWN: _Stamp = (-1, -1, -1)


class ConfigWatch:
    """``changed`` is published once the file is another one; one that cannot be used is told, and changes nothing."""

    def __init__(self, deck: "PatchdeckApp") -> None:
        self.changed: Signal[None] = Signal(deck, "settings changed")
        self._deck = deck
        self._stamp = self._read_stamp()
        self._settings = Settings()

    def take(self, settings: Settings) -> None:
        """What the app began with."""
        self._settings = settings

    def mistrust(self) -> None:
        """The file could not be used at the start: the first look tells why."""
        self._stamp = _UNKNOWN

    def look(self) -> None:
        """Takes what is new, if the file is another one: one question to the file system."""
        stamp = self._read_stamp()
        if stamp != self._stamp:
            self._stamp = stamp
            home = self._deck.home
            in_thread(self._deck, lambda: load_settings(home), self._apply, self._refuse, what="reading the settings")

    def _apply(self, settings: Settings) -> None:
        deck, before = self._deck, self._settings
        self._settings = settings
        if settings.app_theme != before.app_theme:
            has_many = deck.console.color_system in ("truecolor", "256")
            known = frozenset(deck.available_themes)
            deck.theme = choose_theme(settings.app_theme or "", has_many_colours=has_many, known=known)
        sign = (settings.app_name or "", settings.app_colour or "")
        if sign != deck.home_sign:
            deck.home_sign = sign
            for screen in deck.screen_stack:
                for bar in screen.query(ContextBar):
                    bar.take_sign(*sign)
            deck.show_context()
        try:
            deck.take_own_keys()
        except PatchdeckError as error:
            deck.complain(error)
        self.changed.publish(None)

    def _refuse(self, error: PatchdeckError) -> None:
        self._deck.complain(error)
        self.changed.publish(None)

    def _read_stamp(self) -> _Stamp:
        try:
            found = self._deck.home.config_file.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_ino
