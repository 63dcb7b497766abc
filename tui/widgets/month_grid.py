"""A month as weeks of days, each with how many things start on it; a cursor goes from day to day."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from fleet.deployments.start_calendar import Month
from tui.tones import TONE_CLASSES, TONE_CSS, Tone, tone_style

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
DAY_CELLS = 5
_MOST_SHOWN = 9


class DayLoad(NamedTuple):
    """How many things start on a day, and whether windows meet on it."""

    starts: int
    is_contested: bool = False


class MonthGrid(Widget, can_focus=True):
    """The weeks of a month. ``8·3!``: on the 8th three things start, and windows meet on the same machine.

    The cursor never leaves the days from ``today`` on: it is about what is to come.
    """

    DEFAULT_CSS = f"""
    MonthGrid {{
        width: {7 * DAY_CELLS + 1}; height: 8; padding: 0;
        & > .grid--cursor {{ color: $primary; text-style: reverse; }}
        & > .grid--cursor-blurred {{ text-style: bold underline; background: $panel; }}
        {TONE_CSS}
    }}
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"grid--cursor", "grid--cursor-blurred", *TONE_CLASSES}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "day before", show=False, tooltip="The day before"),
        Binding("right,l", "step(1)", "next day", show=False, tooltip="The next day"),
        Binding("up,k", "step(-7)", "week before", show=False, tooltip="A week before"),
        Binding("down,j", "step(7)", "next week", show=False, tooltip="A week later"),
        Binding("pagedown", "month(1)", "next month", tooltip="The next month"),
        Binding("pageup", "month(-1)", "month before", show=False, tooltip="The month before, not before this one"),
        Binding("home", "today", "today", show=False, tooltip="Back to today"),
        Binding("n", "find(1)", "next start", tooltip="The next day of the month on which something starts"),
        Binding("enter", "choose", "its starts", tooltip="Go to the starts of the day"),
    ]

    @dataclass
    class DayMoved(Message):
        """The cursor is on another day; the month may be another one."""

        day: date

    @dataclass
    class DayChosen(Message):
        """The starts of the day are wanted."""

        day: date

    def __init__(self, today: date) -> None:
        super().__init__()
        self.today = today
        self.day = today
        self._loads: Mapping[date, DayLoad] = {}

    @property
    def month(self) -> Month:
        """The month that is shown."""
        return Month.of(self.day)

    def show_loads(self, loads: Mapping[date, DayLoad]) -> None:
        """Shows how much starts on each day; draws only what is other than before."""
        if loads != self._loads:
            self._loads = dict(loads)
            self.refresh()

    def begin_at(self, today: date) -> None:
        """Takes another day for today, and forgets how much starts on each day: that counted from the one before."""
        self.today = self.day = today
        self._loads = {}
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """The month, the weekdays, then a week a line."""
        width = self.size.width
        weeks = self.month.weeks
        if y == 0:
            segments = [Segment(f" {self.month.first:%B %Y}, days in UTC", tone_style(self, Tone.STRONG))]
        elif y == 1:
            names = "".join(f" {name}".ljust(DAY_CELLS) for name in _WEEKDAYS)
            segments = [Segment(names, tone_style(self, Tone.HEADING))]
        elif y - 2 < len(weeks):
            segments = [self._segment(day) for day in weeks[y - 2]]
        else:
            segments = []
        return Strip(segments).adjust_cell_length(width, self.rich_style)

    def text_of(self, day: date) -> str:
        """What stands in the place of ``day``."""
        load = self._loads.get(day, DayLoad(0))
        count = "" if not load.starts else f"·{load.starts}" if load.starts <= _MOST_SHOWN else "·+"
        return f" {day.day:>2}{count}" if not load.is_contested else f"!{day.day:>2}{count}"

    def _segment(self, day: date) -> Segment:
        return Segment(self.text_of(day).ljust(DAY_CELLS), self._style_of(day))

    def _style_of(self, day: date) -> Style:
        if day == self.day:
            return self.get_component_rich_style("grid--cursor" if self.has_focus else "grid--cursor-blurred")
        load = self._loads.get(day, DayLoad(0))
        if day < self.today or Month.of(day) != self.month:
            return tone_style(self, Tone.OFFLINE)
        if load.is_contested:
            return tone_style(self, Tone.PENDING)
        return tone_style(self, Tone.ACCENT if load.starts else Tone.NORMAL)

    def on_focus(self) -> None:
        """The cursor shows whether the keys are its own."""
        self.refresh()

    def on_blur(self) -> None:
        """The cursor shows whether the keys are its own."""
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click goes to the day, a second one to its starts."""
        weeks = self.month.weeks
        if 0 <= event.y - 2 < len(weeks) and 0 <= event.x // DAY_CELLS < 7:
            day = weeks[event.y - 2][event.x // DAY_CELLS]
            if day == self.day:
                self.action_choose()
            else:
                self.go_to(day)

    def go_to(self, day: date) -> None:
        """Puts the cursor on ``day``, on today where that is over."""
        day = max(day, self.today)
        if day != self.day:
            self.day = day
            self.refresh()
            self.post_message(self.DayMoved(day))

    def action_step(self, days: int) -> None:
        """Goes so many days on."""
        self.go_to(self.day + timedelta(days=days))

    def action_month(self, step: int) -> None:
        """Goes to the same day of another month, or to its last."""
        month = self.month.moved(step)
        self.go_to(month.first + timedelta(days=min(self.day.day, month.last.day) - 1))

    def action_today(self) -> None:
        """Goes to today."""
        self.go_to(self.today)

    def action_find(self, step: int) -> None:
        """Goes to the next day on which something starts; wraps to the first one that is known."""
        busy = sorted(day for day, load in self._loads.items() if load.starts and day >= self.today)
        if busy:
            self.go_to(next((day for day in busy[::step] if (day > self.day) is (step > 0)), busy[0]))

    def action_choose(self) -> None:
        """Asks for the starts of the day."""
        self.post_message(self.DayChosen(self.day))
