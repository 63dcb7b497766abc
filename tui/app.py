"""The app: its screens, what they share, and how it ends."""

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any, ClassVar  # Any: screens of every kind of answer, as Textual types them

from rich.text import Text
from textual.binding import Binding, BindingType
from textual.driver import Driver
from textual.filter import LineFilter
from textual.screen import Screen
from textual.signal import Signal
from textual.theme import Theme

from fleet.hostile import clean
from fleet.status import MachineStatus
from ops.home import Home
from ops.logs import has_log, log_error
from ops.roles import standing_of
from tui.beginning import Beginning
from tui.clipboard import copy_lines
from tui.commanding import Commander
from tui.component_sheet import ComponentSheet
from tui.config_watch import ConfigWatch
from tui.control_filter import ControlFilter
from tui.deeds import Deeds
from tui.fleet_view import FleetView
from tui.pinning import TimeMachine
from tui.revisions import Revisions
from tui.rows.alert_facts import alert_facts
from tui.rows.judged import JudgedMachines
from tui.rows.machine_rows import fleet_facts
from tui.said import Said
from tui.scanning import Scan
from tui.screens.deck_screen import DeckScreen
from tui.screens.machines import MachinesScreen
from tui.themes import OWN_THEMES, choose_theme
from tui.tones import Tone
from tui.views import VIEW_BINDINGS, VIEWS
from tui.widgets.line import Piece
from tui.work_watch import WorkWatch

# A look without news is two questions to SQLite, 10 microseconds; with reading, what others change is on the screen
# 0.53 s later at worst, as measured.
POLL_SECONDS = 0.5
AFTER_FIRST_SCREEN_SECONDS = 0.2
# Ages are shown in minutes at best: looking twice a minute is enough.
TICKS_BETWEEN_AGES = 60


class PatchdeckApp(Commander):
    """Patchdeck on the screen. ``clock`` gives the present; ``title`` stands in the upper left corner."""

    MODES: ClassVar[dict[str, str | Callable[[], Screen[Any]]]] = VIEWS
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        *VIEW_BINDINGS,
        Binding("C", "ask_cve", "CVE", show=False, tooltip="Which machines lack the fix for a CVE"),
        Binding("question_mark,f1", "help", "keys", show=False, tooltip="The keys that work here"),
        Binding("exclamation_mark", "said", "said", show=False, tooltip="What was said so far"),
        Binding("at", "commands", "commands", show=False, tooltip="The real commands on the machine under the cursor"),
        Binding("apostrophe,f7", "jump", "jump", show=False, tooltip="Jump to any row, tab or pane by its letters"),
        Binding("minus", "last_view", "last view", show=False, tooltip="Back to the view before this one, and forth"),
        Binding("ctrl+n", "tour_next", "on", show=False, tooltip="The next step of the tour, while it goes on"),
        Binding("ctrl+x", "tour_leave", "leave", show=False, tooltip="Leave the tour, while it goes on"),
        Binding("q,ctrl+q", "quit", "quit", tooltip="Leave; asks if an assessment runs"),
    ]

    def __init__(self, home: Home, *, clock: Callable[[], datetime], title: str = "Patchdeck", theme: str = "") -> None:
        self._control_filter = ControlFilter()
        self._colours: tuple[Theme | None, dict[str, str]] = (None, {})
        super().__init__()
        self.home = home
        self.travel = TimeMachine(self, clock)
        self.clock = self.travel.now
        self.standing = standing_of(home)
        self.title = title
        self.home_sign = ("", "")  # its name, which takes the place of the title, and its colour
        self._revisions = Revisions(home)
        self.fleet = FleetView(self._revisions.find)
        self.fleet_changed: Signal[None] = Signal(self, "fleet changed")
        self.deeds: Deeds = Deeds(self)
        self.said: deque[Said] = deque(maxlen=500)
        self.work = WorkWatch(self, home)
        self.config = ConfigWatch(self)
        self.begins_with = ""  # another view than the machines
        self.is_demo = False
        self._facts: list[Piece] = []
        self._judged = JudgedMachines()
        self.beginning: Future[Beginning] | None = None
        self._ticks = 0
        for own in OWN_THEMES:
            self.register_theme(own)
        has_many = self.console.color_system in ("truecolor", "256")
        self.theme = choose_theme(theme, has_many_colours=has_many, known=frozenset(self.available_themes))
        self.stylesheet = ComponentSheet(variables=self.get_css_variables())  # once, with the colours of the theme

    def get_driver_class(self) -> type[Driver]:
        """Textual's driver for this platform; on Unix without reports of every mouse motion."""
        chosen = super().get_driver_class()
        if chosen.__name__ != "LinuxDriver":
            return chosen
        from tui.driver import TerminalDriver

        return TerminalDriver

    @property
    def is_terminal_lost(self) -> bool:
        """Whether the terminal has hung up; False where the driver cannot tell."""
        return bool(getattr(self._driver, "is_lost", False))

    def get_default_screen(self) -> Screen[Any]:
        """The machines: what the app begins with."""
        return MachinesScreen()

    # What the screens share

    @property
    def instant(self) -> datetime | None:
        """The earlier time that every screen shows, None for now; `travel` goes there and comes back."""
        return self.travel.instant

    @property
    def scan(self) -> Scan | None:
        """The assessment that runs, None if none does."""
        return self.deeds.scan

    @property
    def progress(self) -> Mapping[str, str]:
        """What the running assessment does with each machine, by id."""
        return self.scan.progress if self.scan else {}

    def fleet_facts(self) -> list[Piece]:
        """What is true of the whole fleet, a running assessment first."""
        scan = self.scan
        if scan is None:
            return self._facts
        verb = "stopping" if scan.is_stopping else "assessing"
        failed = [Piece(f"{scan.failed:,} failed", Tone.BAD)] if scan.failed else []
        return [Piece(f"{verb} {scan.done:,} of {scan.total:,}", Tone.ACCENT), *failed, *self._facts]

    def say(self, text: str, *, is_error: bool = False) -> None:
        """Tells something that needs no answer; it stays readable under ``!``."""
        self.said.append(Said(self.travel.present(), line := clean(text), is_error))
        self.notify(line, severity="error" if is_error else "information", timeout=8 if is_error else 4, markup=False)

    def copy(self, text: str, what: str) -> None:
        """Copies ``text`` to the terminal's clipboard."""
        copy_lines(self, [clean(text)], what)

    # Coming and going

    def on_mount(self) -> None:
        """Reads the fleet and looks for changes of others from then on."""
        if self.beginning is not None and (begun := self.beginning.result()).first:
            self.fleet.take_first(begun.first, begun.count)
            self._facts = [Piece(f"reading {begun.count:,} machines …", Tone.DIM)]
            self.fleet_changed.publish(None)
            # Python runs one thread at a time: what is read meanwhile would be in the way of the first screen.
            self.set_timer(AFTER_FIRST_SCREEN_SECONDS, self.reload)
        else:
            self.reload()
        self.set_interval(POLL_SECONDS, self._tick)
        if self.begins_with:
            self.switch_mode(self.begins_with)
        if self.is_demo:
            self.say("New here? :tour shows you round in a minute.")

    def on_unmount(self) -> None:
        """Gives the database back."""
        self.travel.close()
        self._revisions.close()
        self.work.close()

    def reload(self) -> None:
        """Reads the fleet anew."""
        self._revisions.read(self, self._fleet_read)

    def publish(self) -> None:
        """Lets the screen in front show what is known now; the others catch up when they come to the front."""
        alerts = [] if self.instant else alert_facts(self.work.open_alerts)
        statuses = self.fleet.statuses
        self._facts = [*alerts, *fleet_facts(statuses, self._judged.compliances(statuses, self.clock()))]
        if self.fleet.problem:  # what was never read has no numbers
            known = self._facts if self.fleet.revision is not None else []
            self._facts = [Piece("state.db cannot be read", Tone.BAD), *known]
        self.fleet_changed.publish(None)

    def judge_ahead(self, statuses: Sequence[MachineStatus]) -> None:
        """Judges ``statuses``, which `publish` will ask for: in the thread that read them, not on the screen."""
        if not self.instant:
            self._judged.compliances(statuses, self.clock())

    def show_context(self) -> None:
        """Lets the screen in front show its top row anew."""
        if self.screen_stack and isinstance(self.screen, DeckScreen):
            self.screen.show_context()

    def scan_moved(self, machine_ids: set[str]) -> None:
        """Lets the screen in front show how the running assessment stands; none is there while the app is left."""
        if self.screen_stack and isinstance(self.screen, DeckScreen):
            self.screen.scan_moved(machine_ids)

    def _fleet_read(self) -> None:
        if self.scan is None:
            self.fleet.forget_findings()
        self.publish()

    def _tick(self) -> None:
        self._ticks += 1
        self.work.look()
        self.config.look()
        if self.instant:  # the past does not move, and its ages stay as they are
            return
        if self._revisions.has_moved(self):
            self.reload()
        elif self._ticks % TICKS_BETWEEN_AGES == 0:
            self.publish()

    # Keys and commands of the whole app: more of them in `tui.commanding`

    def action_ask_cve(self) -> None:
        """Asks for a CVE, and which machines lack the fix for it."""
        self.deeds.ask_cve()

    async def action_quit(self) -> None:
        """Leaves; asks first while an assessment runs."""
        self.leave()

    def leave(self) -> None:
        """Leaves, or asks whether to stop the running assessment first."""
        self.deeds.ask_to_leave()

    # How it draws and breaks

    def get_css_variables(self) -> dict[str, str]:
        """The colours of the theme, mixed once as long as it is the same: Textual asks for them again and again."""
        if self._colours[0] is not (theme := self.current_theme):
            self._colours = theme, super().get_css_variables()
        return self._colours[1]

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and the one that lets no control character out."""
        return [*super().get_line_filters(), self._control_filter]

    def _fatal_error(self) -> None:
        # Textual's own prints a traceback with local variables: secrets and hostile text on the screen.
        error = self._exception
        if error is not None:
            log_error("the app broke", error)
        name = type(error).__name__ if error else "unknown error"
        kept = f"The details are in {self.home.log_file}." if has_log() else "It keeps no log."
        told = f"patchdeck: the app broke: {name}. {kept}"
        self._exit_renderables.append(Text(clean(told)))
        self._close_messages_no_wait()
