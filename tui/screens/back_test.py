"""What a rule would have done in the past: when it would have alerted of what, and how often people would be told."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.alerts.rule import AlertRule
from fleet.alerts.wording import describe_condition
from fleet.deployments.durations import describe_span
from fleet.errors import PatchdeckError
from fleet.hostile import clean
from ops.cli.values import count_of
from tui.background import in_thread
from tui.rows.ages import describe_time
from tui.rows.alert_rows import EVENT_COLUMNS, describe_event, event_rows
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.span_form import Span
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from fleet.alerts.back_test import BackTest
    from ops.state.alerts import StoredEvent

LOOK_SECONDS = 0.25
# As the verb has it; x stops before.
DEADLINE_SECONDS = 60.0


class _Stopped(PatchdeckError):
    """Somebody left, or wants no more of it."""


class BackTestScreen(DetailedScreen):
    """The events that ``rule`` would have led to in ``span``, in their order; nothing is kept and nobody is told."""

    COLUMNS = EVENT_COLUMNS
    KEEPS_PAST = True  # what it shows does not change
    DEFAULT_ORDER = "time"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("x", "stop", "stop", tooltip="Stop; nothing of it is kept anyway"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else stop and go back"),
    ]

    def __init__(self, rule: AlertRule, span: Span) -> None:
        super().__init__()
        self._rule = rule
        self._span = span
        self._found: BackTest | None = None
        self._events: dict[str, StoredEvent] = {}
        self._problem = ""
        self._steps = (0, 0)
        self._is_stopped = False
        self.crumb = f"Back-test {rule.name}"

    def on_mount(self) -> None:
        """Begins."""
        self.set_interval(LOOK_SECONDS, self._look)
        in_thread(self.deck, self._work, self._take, self._fail, what="testing the rule on the past")
        self.show_notice()
        self.show_title()

    def on_unmount(self) -> None:
        """Ends what goes on."""
        self._is_stopped = True

    def _work(self) -> "BackTest":
        from ops.alerts.back_test import run_back_test
        from ops.config import load_settings

        home, span = self.deck.home, self._span
        settings = load_settings(home)
        return run_back_test(
            home,
            settings,
            self._rule,
            span.begins_at,
            span.ends_at,
            deadline_seconds=DEADLINE_SECONDS,
            on_step=self._note_step,
        )

    def _note_step(self, done: int, of_all: int) -> None:
        self._steps = (done, of_all)
        if self._is_stopped:
            raise _Stopped("It was stopped.")

    def _look(self) -> None:
        if self._found is None and self.is_up:
            self.show_title()

    def _take(self, found: "BackTest") -> None:
        from ops.state.alerts import StoredEvent

        self._found = found
        self._events = {str(number): StoredEvent(number, event) for number, event in enumerate(found.events)}
        self._show()

    def _fail(self, error: PatchdeckError) -> None:
        self._problem = str(error)
        self._show()

    def _show(self) -> None:
        if self.is_up:
            self.table.set_rows(event_rows(self._events.values()))
            self.show_notice()
            self.show_title()
            self.show_detail()

    # What is shown

    @property
    def table_title(self) -> str:
        """What the rows are."""
        return "What would have become of alerts"

    def title_facts(self) -> list[Piece]:
        """How often it would have fired, or how far it is."""
        found = self._found
        if found is None:
            done, of_all = self._steps
            return [] if self._problem else [Piece(f"{done:,} of {of_all:,} evaluations …", Tone.ACCENT)]
        facts = [Piece(f"would have fired {_times(found.fired)}", Tone.BAD if found.fired else Tone.GOOD)]
        facts += [] if found.is_whole else [Piece(f"only until {describe_time(found.end)}", Tone.PENDING)]
        facts += [Piece(f"{found.failures:,} of {found.evaluations:,} failed", Tone.BAD)] if found.failures else []
        step = f"each {describe_span(found.step)}" if found.step else "each change looked at"
        return [*facts, Piece(f"{describe_time(found.begin)} to {describe_time(found.end)}, {step}", Tone.DIM)]

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the event in ``row``."""
        return describe_event(self._events[row.key]) if row.key in self._events else ()

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """What of the past is not known."""
        return [(Piece(clean(note), Tone.PENDING),) for note in (self._found.notes if self._found else ())]

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That it goes on, that it failed, or that the rule would have been silent."""
        if self._problem:
            return ((Piece(self._problem, Tone.BAD),),)
        found = self._found
        if found is None:
            return ((Piece("The rule is evaluated over what was so then …", Tone.DIM),), (Piece("x stops", Tone.DIM),))
        told = (Piece("It would not have fired in that time.", Tone.STRONG),)
        looked = Piece(f"{count_of(found.evaluations, 'evaluation')} of: {describe_condition(self._rule)}", Tone.DIM)
        notes = [Piece(clean(note), Tone.PENDING) for note in (found.problem, *found.notes) if note]
        return (told, (looked,), *((note,) for note in notes))

    # Keys

    def action_stop(self) -> None:
        """Stops."""
        if self._found is None and not self._problem:
            self._is_stopped = True
        else:
            self.deck.say("It is over.")


def _times(count: int) -> str:
    return "never" if not count else "once" if count == 1 else f"{count:,} times"
