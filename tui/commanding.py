"""What keys and typed commands do in the whole app: find the command, say why something cannot be done now, go back."""

import os
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, cast  # Any: screens of every kind of answer, as Textual types them

from textual.actions import ActionParseResult
from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen
from textual.widget import AwaitMount

from fleet.errors import BadInput, PatchdeckError
from ops.app_keys.own_keys import OwnKeys, load_own_keys
from tui.clipboard import sending_of
from tui.column_choice import ColumnChoice
from tui.command_words import CommandWords
from tui.commands import find_command
from tui.keymap import Keymap, bind_hot_keys
from tui.machine_meant import machine_meant
from tui.permitting import require, why_not
from tui.wayfinding import Wayfinder

if TYPE_CHECKING:
    from textual.command import Provider

    from tui.app import PatchdeckApp
    from tui.touring import Tour


def _palette_provider() -> "type[Provider]":
    from tui.palette_provider import DeckCommands

    return DeckCommands


class Commander(Wayfinder):
    """The app as far as it does what is typed. Commands, keys and the palette come through here."""

    COMMANDS: ClassVar[set["type[Provider] | Callable[[], type[Provider]]"]] = {_palette_provider}

    def __init__(self) -> None:
        super().__init__()
        self.keymap = Keymap(OwnKeys())
        self.words = CommandWords(self._deck)
        self.chosen_columns = ColumnChoice(self._deck)
        self._last_mode = ""
        self._command = ""  # that was typed, and is being done
        self.tour: Tour | None = None

    @property
    def _deck(self) -> "PatchdeckApp":
        return cast("PatchdeckApp", self)

    def take_own_keys(self) -> None:
        """Has the user's own keys hold from now on.

        Raises:
            BadInput: config.toml says what cannot be.
        """
        own = load_own_keys(self._deck.home)
        for key in self.keymap.own.hot_keys:
            self._bindings.key_to_bindings.pop(key, None)
        self.keymap = Keymap(own)
        bind_hot_keys(self._deck, own)
        if self.screen_stack:
            self.screen.refresh_bindings()

    def run_command(self, text: str) -> bool:
        """Runs what was typed after ``:``; False where it was refused, which is told."""
        name, _, argument = self.keymap.expanded(text).strip().partition(" ")
        if not name:
            return True
        self._command = text
        try:
            command = find_command(name.lower())
            require(self._deck, command.role, f":{command.name}")
            if (argument := argument.strip()) and not command.argument:
                raise BadInput(f":{command.name} takes nothing behind it, and there is {argument}.")
            command.run(self._deck, argument)
        except PatchdeckError as error:
            self.complain(error)
            return False
        finally:
            self._command = ""
        return True

    def refusal(self) -> Callable[[PatchdeckError], None]:
        """What tells the error of something that takes a while: a typed command stands there again, to be mended."""
        from tui.screens.deck_screen import DeckScreen

        typed, front = self._command, self.screen

        def refuse(error: PatchdeckError) -> None:
            self.complain(error)
            if typed and front is self.screen and isinstance(front, DeckScreen) and not front.is_asking:
                front.ask_command(typed)

        return refuse

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: DOMNode | None = None,
        namespaces: Mapping[str, DOMNode] | None = None,
    ) -> bool:
        """Does ``action``, or says why it cannot be done by this user, here and now."""
        node, name, _ = self._parse_action(action, default_namespace or self, namespaces)
        if why := why_not(self._deck, node, name):
            self.say(f"{name.replace('_', ' ').capitalize()}: {why}.", is_error=True)
            return True
        is_done = await super().run_action(action, default_namespace, namespaces)
        self.look_at_tour()
        return is_done

    def begin_tour(self) -> None:
        """Begins the tour of a minute, from its first step."""
        from tui.touring import Tour

        self.tour = Tour(self._deck)
        self.look_at_tour()

    def look_at_tour(self) -> None:
        """Lets the tour go on where its step is done, and stand on the screen in front."""
        if self.tour is None:
            return
        self.tour.look()
        if self.tour.is_over:
            self.tour = None

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The keys of the tour are there while it goes on."""
        if action in ("tour_next", "tour_leave"):
            return self.tour is not None
        return super().check_action(action, parameters)

    def action_tour_next(self) -> None:
        """Goes to the next step of the tour."""
        if self.tour is not None:
            self.tour.go_on()

    def action_tour_leave(self) -> None:
        """Leaves the tour."""
        if self.tour is not None:
            self.tour.leave()

    def switch_mode(self, mode: str) -> AwaitMount:
        """Goes to the view ``mode``, and remembers the one before it."""
        if mode != self.current_mode:
            self._last_mode = self.current_mode
        return super().switch_mode(mode)

    def copy_to_clipboard(self, text: str) -> None:
        """Writes ``text`` to the terminal's clipboard, through tmux and screen where they are between."""
        self._clipboard = text
        if self._driver is not None:
            self._driver.write(sending_of(text, os.environ).sequence)

    def action_command_palette(self) -> None:
        """Shows the palette, with every key and command."""
        from tui.screens.palette_screen import PaletteScreen

        if not isinstance(self.screen, PaletteScreen):
            self.push_screen(PaletteScreen())  # without an id: another may still stand in another view

    def search_themes(self) -> None:
        """Shows the themes, to search in; one is chosen once, as in the palette."""
        from textual.theme import ThemeProvider

        from tui.screens.palette_screen import PaletteScreen

        self.push_screen(PaletteScreen(providers=[ThemeProvider], placeholder="Search for themes…"))

    def action_last_view(self) -> None:
        """Goes to the view that was in front before this one."""
        if self._last_mode:
            self.switch_mode(self._last_mode)
        else:
            self.say("There is no view before this one yet.")

    def action_commands(self) -> None:
        """Shows the real commands on the machine under the cursor, else on the one whose screen this is."""
        self.show_commands("")

    def show_commands(self, name: str) -> None:
        """Shows the real commands on the machine called ``name``, else on the one that is meant on the screen."""
        from tui.screens.remote_commands import RemoteCommandsOverlay

        meant = name or machine_meant(self._deck)
        if meant:
            self.push_screen(RemoteCommandsOverlay(meant))
        else:
            self.say("No machine is under the cursor: :commands NAME shows those of any machine.")

    def push_screen(self, screen: Screen[Any] | str, *args: Any, **options: Any) -> Any:
        """Opens ``screen``; where the path has one of its kind about the same already, goes back to that instead."""
        there = self._place_of(screen)
        if there is None:
            return super().push_screen(screen, *args, **options)
        while self.screen is not there:
            self.pop_screen()
        return AwaitMount(there, [])

    def _place_of(self, screen: Screen[Any] | str) -> Screen[Any] | None:
        """The screen on the path that shows what ``screen`` would; None for what may stand there twice."""
        about = getattr(screen, "about", None)
        path = self.screen_stack if about is not None else ()
        return next(
            (each for each in path if type(each) is type(screen) and getattr(each, "about", None) == about), None
        )

    def back_to(self, crumb: int) -> None:
        """Goes back to that part of the path, 0 for the first."""
        from tui.screens.deck_screen import DeckScreen

        path = [screen for screen in self.screen_stack if isinstance(screen, DeckScreen)]

        async def go() -> None:
            while len(self.screen_stack) > 1 and self.screen is not path[crumb]:
                await self.pop_screen()

        self.run_worker(go, name="back")  # type: ignore[arg-type]  # mypy takes it for its result

    def action_jump(self) -> None:
        """Puts letters on all that one can go to; typing them goes there."""
        from tui.screens.jump import JumpOverlay

        self.push_screen(JumpOverlay(self.screen))

    def action_typed(self, text: str) -> None:
        """Runs a command that a key of the user's own stands for."""
        self.run_command(text)

    def action_help(self) -> None:
        """Shows the keys that work here."""
        from tui.screens.help import HelpOverlay

        if not isinstance(self.screen, HelpOverlay):
            self.push_screen(HelpOverlay(self.screen))

    def action_said(self) -> None:
        """Shows what was said so far."""
        from tui.screens.said import SaidOverlay

        self.push_screen(SaidOverlay(tuple(self._deck.said)))

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """What the palette offers: every command, and every key that works here with what it does."""
        from tui.palette import offered

        return offered(self._deck, screen)
