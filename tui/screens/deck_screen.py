"""What every full screen has: the path at the top, the keys at the bottom, filter and command prompt, the way back."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen

from tui.commands import COMMANDS
from tui.completing import Offers
from tui.keymap import Remapped
from tui.pinning import ask_to_come_back
from tui.presence import is_up
from tui.widgets.contents import Place
from tui.widgets.context_bar import ContextBar
from tui.widgets.key_bar import KeyBar
from tui.widgets.prompt import Prompt
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from tui.app import PatchdeckApp


class DeckScreen(Remapped, Screen[None]):
    """A full screen. Subclasses give `body`, `crumb` and what happens in `fleet_changed`."""

    DEFAULT_CSS = """
    DeckScreen { layout: vertical; layers: base popup; }
    DeckScreen .pane { height: 1fr; }
    /* Says nothing new, but without a rule of its own the pane does not notice that the focus came or went. */
    DeckScreen .pane:focus-within { background: $background; }
    DeckScreen .pane:focus-within > TitleRule { color: $accent; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "colon", "command", "command", priority=True, tooltip="Type a command: :missing, :query, :assess web-*"
        ),
        Binding(
            "left_square_bracket", "step_change(-1)", "before", show=False, tooltip="As it was at the change before"
        ),
        Binding("right_square_bracket", "step_change(1)", "after", show=False, tooltip="As it was at the change after"),
        Binding("left_curly_bracket", "step_day(-1)", "day before", show=False, tooltip="As it was a day before"),
        Binding("right_curly_bracket", "step_day(1)", "day after", show=False, tooltip="As it was a day after, or now"),
        Binding("escape", "back", "back", show=False, tooltip="Back out: one level, never out of the app"),
    ]
    crumb = ""
    # What it is about, where a screen that leads on may lead back: the app then goes back to it on its path.
    about: Hashable = None
    # What [ and ] step by, a `Track`; of the machine or the run with the id ``steps_about`` only, where there is one.
    STEPS_BY: ClassVar[str] = "assessments"
    steps_about = ""
    # Of each table, before an earlier instant was shown.
    _places: "Mapping[BigTable, Place]" = MappingProxyType({})

    @property
    def is_up(self) -> bool:
        """Whether it has its widgets: from when it is mounted until it is left, also while another view is in front."""
        return is_up(self)

    @property
    def deck(self) -> "PatchdeckApp":
        """The app, by its own type."""
        return cast("PatchdeckApp", self.app)

    def compose(self) -> ComposeResult:
        """Path, body, prompt, keys."""
        yield ContextBar(*self.deck.home_sign)
        yield from self.body()
        yield Prompt()
        yield KeyBar()

    def body(self) -> ComposeResult:
        """The widgets between the path and the keys."""
        yield from ()

    def on_mount(self) -> None:
        """Follows the fleet, and the instant that is shown."""
        travel = self.deck.travel
        travel.leaving.subscribe(self, lambda _: self._keep_places())
        travel.returning.subscribe(self, lambda _: self._give_back_places())
        travel.changed.subscribe(self, lambda _: self.instant_changed())
        self.deck.fleet_changed.subscribe(self, lambda _: self._follow())
        self.fleet_changed()
        self.show_context()

    def on_screen_resume(self) -> None:
        """Shows what changed while another screen was in front."""
        self._follow()

    def fleet_changed(self) -> None:
        """Shows what is known now of the fleet."""

    def show_problem(self) -> None:
        """Shows why the fleet cannot be read, where that is what there is to show."""

    def instant_changed(self) -> None:
        """Forgets what was read of another instant than `PatchdeckApp.instant`; `fleet_changed` follows in front."""

    def scan_moved(self, machine_ids: set[str]) -> None:
        """Shows how the running scan stands; ``machine_ids`` are the machines whose state changed."""

    def show_context(self) -> None:
        """Shows the path to this screen and the state of the fleet at the top."""
        crumbs = [screen.crumb for screen in self.deck.screen_stack if isinstance(screen, DeckScreen)]
        deck = self.deck
        self.query_one(ContextBar).show_context(deck.title, crumbs, deck.fleet_facts(), deck.travel.sign)
        deck.look_at_tour()

    def key_of(self, usual: str) -> str:
        """The key that does here what ``usual`` does where the user gave it no other."""
        return self.deck.keymap.key_of(self, usual)

    def parts_with_keys(self) -> Sequence[tuple[str, type]]:
        """The parts of the screen that have keys of their own beside its table, each with its title for the help."""
        return ()

    @property
    def is_asking(self) -> bool:
        """Whether something is being typed in its prompt."""
        return self.query_one(Prompt).is_open

    def ask(
        self,
        kind: str,
        text: str = "",
        suggestions: tuple[str, ...] = (),
        completer: Callable[[str], Offers] | None = None,
    ) -> None:
        """Opens the prompt in the place of the keys; ``completer`` says what tab offers."""
        self.query_one(KeyBar).display = False
        words = self.deck.words
        words.read_history()
        self.query_one(Prompt).open(kind, text, suggestions, completer, words.history(kind) if kind in "/:" else ())

    def why_not(self, action: str) -> str:
        """Why ``action`` cannot be done on this screen now, though this user may; empty where it can."""
        del action
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that open the prompt are letters like any other where text is typed."""
        del parameters
        types = self.focused is not None and self.focused.check_consume_key("slash", "/")
        return action not in ("filter", "command") or not types

    def on_prompt_entered(self, event: Prompt.Entered) -> None:
        """Runs a command; filters are the affair of the screen that has one."""
        self.query_one(KeyBar).display = True
        if event.kind in "/:":
            self.deck.words.remember(event.kind, event.text)
        if event.kind == ":" and not self.deck.run_command(event.text) and self.is_current:
            self.ask_command(event.text)
        self.deck.look_at_tour()

    def on_prompt_cancelled(self, event: Prompt.Cancelled) -> None:
        """Shows the keys again."""
        del event
        self.query_one(KeyBar).display = True

    def action_command(self) -> None:
        """Asks for a command."""
        self.ask_command()

    def ask_command(self, text: str = "") -> None:
        """Asks for a command, ``text`` to begin with: one that was refused stands there to be mended."""
        self.deck.words.look()
        self.ask(":", text, tuple(command.name for command in COMMANDS), self.deck.words.complete)

    def action_step_change(self, step: int) -> None:
        """Shows the change before or after."""
        from tui.stepping import step_change

        step_change(self.deck, self.STEPS_BY, self.steps_about, step)

    def action_step_day(self, step: int) -> None:
        """Shows a day before or after."""
        from tui.stepping import step_day

        step_day(self.deck, step)

    def action_back(self) -> None:
        """Goes to the screen before this one; the first one stays, and offers to come back from an earlier time."""
        if len(self.deck.screen_stack) > 1:
            self.deck.pop_screen()
        else:
            ask_to_come_back(self.deck)

    def _keep_places(self) -> None:
        """What is marked, and where the cursor is: machines of now may not have been there then."""
        self._places = {table: table.place for table in self.query(BigTable)}

    def _give_back_places(self) -> None:
        for table, place in self._places.items():
            table.kept_place = place
        self._places = {}

    def _compositor_refresh(self) -> None:
        # While Textual holds the screen back it draws, throws that away, and draws again afterwards.
        if not self.app._batch_count:
            super()._compositor_refresh()

    def _follow(self) -> None:
        # Screens behind another one catch up when they come to the front.
        if self.is_current and self.is_up:
            self.fleet_changed()
            self.show_problem()
            self.show_context()
