"""The calendar: what starts next, as a month of days beside the starts from the chosen day on."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.signal import Signal

from fleet.deployments.start_calendar import CalendarStart, Month, Scheduled, by_day
from fleet.status import MachineStatus
from ops.cli.values import count_of
from tui.rows.calendar_rows import CALENDAR_COLUMNS, calendar_rows, describe_start, key_of
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.month_grid import DayLoad, MonthGrid
from tui.widgets.rows import Row
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

if TYPE_CHECKING:
    from ops.deployments.start_calendar import StartCalendar


class CalendarScreen(ReadingScreen["StartCalendar"]):
    """The month of the day under the cursor, and the starts from that day on; enter goes in, escape out."""

    crumb = "Calendar"
    about = "starts"
    COLUMNS = CALENDAR_COLUMNS
    READS = "the calendar"
    KEEPS_PAST = True
    DEFAULT_CSS = """
    CalendarScreen #month { width: auto; height: 100%; }
    CalendarScreen #legend { width: 36; height: auto; max-height: 9; margin: 1 0 0 0; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The runs of the deployment that starts; a report's schedule"),
        Binding("tab", "switch_pane", "month, starts", tooltip="From the month to the starts, and back"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else back to the month, else out"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._starts: dict[str, CalendarStart] = {}
        self._day = date.min  # the day under the cursor, for the thread that reads

    def body(self) -> ComposeResult:
        """The month at the left, the starts at the right, all of one below."""
        self._day = self.shown_now.astimezone(UTC).date()
        with Horizontal(classes="pane"):
            with Vertical(id="month"):
                yield MonthGrid(self._day)
                yield Detail(id="legend")
            with Vertical():
                yield TitleRule(id="title")
                yield BigTable(self.COLUMNS)
        yield TitleRule(id="detail-rule")
        yield Detail(id="detail")

    def parts_with_keys(self) -> Sequence[tuple[str, type]]:
        """The month has keys of its own."""
        return (("The month", MonthGrid),)

    @property
    def grid(self) -> MonthGrid:
        """The month."""
        return self.query_one(MonthGrid)

    def news(self) -> Signal[None]:
        """Deployments and reports are decided by somebody; that is audited."""
        return self.deck.work.decided

    def read(self, statuses: Sequence[MachineStatus]) -> "StartCalendar":
        """The starts of the weeks that are shown, and of the days after them up to the same day a month on."""
        from ops.deployments.start_calendar import calendar_of

        del statuses
        day, now = self._day, self.shown_now
        weeks = Month.of(day).weeks
        begin, end = weeks[0][0], max(weeks[-1][-1], day + timedelta(days=31))
        span = max(now, _midnight(begin)), _midnight(end + timedelta(days=1))
        return calendar_of(self.deck.home, *span, at=self.deck.instant)

    def instant_changed(self) -> None:
        """Begins on the day of then: what is to come counts from there."""
        if self.is_up:
            self._day = self.shown_now.astimezone(UTC).date()
            self.grid.begin_at(self._day)
        super().instant_changed()

    def past_note(self) -> str:
        """Whom groups and the scope meant is not kept."""
        return "by the groups and the scope of now"

    def rows_of(self, known: "StartCalendar") -> Sequence[Row]:
        """The starts from the day under the cursor on."""
        starts = [each for each in known.starts if each.day >= self.grid.day]
        self._starts = {key_of(each): each for each in starts}
        return calendar_rows(starts)

    def show_known(self) -> None:
        """Shows how much each day has, too."""
        if not self.is_up or self.known is None:
            return
        days = by_day(self.known.starts)
        loads = {day: DayLoad(len(starts), any(each.meetings for each in starts)) for day, starts in days.items()}
        self.grid.show_loads(loads)
        self._show_legend()
        super().show_known()

    def _show_legend(self) -> None:
        problems = self.known.problems if self.known else ()
        lines = [
            (Piece("8·3", Tone.ACCENT), Piece("three start on the 8th", Tone.DIM)),
            (Piece("!8·3", Tone.PENDING), Piece("windows meet on the same machine", Tone.DIM)),
            *[(Piece(problem, Tone.BAD),) for problem in problems],
        ]
        self.query_one("#legend", Detail).show(lines)

    @property
    def table_title(self) -> str:
        """From which day on."""
        return f"From {self.grid.day:%a %d %b}"

    def title_facts(self) -> list[Piece]:
        """How many start on the day itself, and how many windows meet others."""
        today = [each for each in self._starts.values() if each.day == self.grid.day]
        facts = [Piece(f"{len(today):,} that day", Tone.NORMAL)]
        meeting = sum(bool(each.meetings) for each in self._starts.values())
        if meeting:
            facts.append(Piece(f"{count_of(meeting, 'start')} with windows that meet", Tone.PENDING))
        return facts

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """Nothing starts, and what helps."""
        return (
            (Piece("Nothing starts by a schedule from that day on."),),
            (Piece("pagedown", Tone.KEY), Piece("  looks further; a deployment that is disabled starts nothing")),
            (Piece("esc", Tone.KEY), Piece("  goes back to the deployments: n defines one, e gives one a schedule")),
        )

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the start under the cursor."""
        each = self._starts.get(row.key)
        return describe_start(each, self.shown_now) if each else ()

    def on_month_grid_day_moved(self, event: MonthGrid.DayMoved) -> None:
        """Shows what is known of the day at once, and reads what may be missing."""
        event.stop()
        self._day = event.day
        self.show_known()
        self.show_title()
        self.fleet_changed()

    def on_month_grid_day_chosen(self, event: MonthGrid.DayChosen) -> None:
        """Goes to the starts."""
        event.stop()
        self.table.focus()

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_switch_pane(self) -> None:
        """Goes to the other one of month and starts."""
        (self.table if self.grid.has_focus else self.grid).focus()

    def action_open(self) -> None:
        """Opens what starts: the runs of the deployment, or the reports."""
        from tui.screens.runs import RunsScreen

        row = self.table.cursor_row
        each = self._starts.get(row.key) if row else None
        if each is None:
            return
        if each.kind is Scheduled.REPORT:
            self.deck.view_filtered("reports", each.name)
        else:
            self.app.push_screen(RunsScreen(each.name))

    def action_back(self) -> None:
        """From the starts to the month, from there out."""
        if self.table.has_focus and not self.table.filter_text and not self.table.contents.marks:
            self.grid.focus()
        else:
            super().action_back()


def _midnight(day: date) -> datetime:
    # A microsecond earlier, so that a start at midnight belongs to the day that begins.
    return datetime.combine(day, time(), UTC) - timedelta(microseconds=1)
