"""The reports: those that can be made now, and those that the service makes from time to time."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.reports.kinds import ReportKind
from fleet.reports.schedule import StoredReportSchedule
from fleet.status import MachineStatus
from tui import report_deeds
from tui.rows.report_rows import KIND_COLUMNS, SCHEDULE_COLUMNS, describe_schedule, kind_rows, schedule_rows
from tui.screens.tabbed_screen import TabbedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

NOW, SCHEDULED = range(2)


class ReportsScreen(TabbedScreen[dict[str, StoredReportSchedule]]):
    """One row for each report that there is; one for each that is scheduled."""

    crumb = "Reports"
    ROW_ACTIONS = TabbedScreen.ROW_ACTIONS | {"edit", "remove", "switch"}
    READS = "the scheduled reports"
    COLUMNS = KIND_COLUMNS
    TAB_COLUMNS = (KIND_COLUMNS, SCHEDULE_COLUMNS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "make", tooltip="Make the report now; asks of which machines and which time"),
        Binding("n", "add", "schedule", tooltip="Have a report made from time to time, sent or laid into a folder"),
        Binding("e", "edit", "edit", tooltip="Edit the scheduled report"),
        Binding("o", "switch", "on/off", tooltip="Enable or disable the scheduled report"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove the scheduled report; what it made stays"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: reports, scheduled ones"),
    ]

    def news(self) -> Signal[None]:
        """Whatever is written: the service notes what it made."""
        return self.deck.work.written

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, StoredReportSchedule]:
        """The scheduled reports; blocking."""
        del statuses
        from ops.reports.schedules import list_report_schedules

        return {each.name: each for each in list_report_schedules(self.deck.home)}

    def rows_of(self, known: dict[str, StoredReportSchedule]) -> Sequence[Row]:
        """The rows of the tab in front."""
        return kind_rows() if self.tab == NOW else schedule_rows(known.values(), self.shown_now)

    def tab_names(self, known: dict[str, StoredReportSchedule]) -> Sequence[str]:
        """How many are scheduled."""
        return ("Made now", f"Scheduled {len(known):,}")

    @property
    def table_title(self) -> str:
        """What the tab shows."""
        return "Reports" if self.tab == NOW else "Scheduled reports"

    def title_facts(self) -> list[Piece]:
        """How many scheduled ones could not be made."""
        failed = sum(bool(each.error) for each in (self.known or {}).values())
        return [Piece(f"{failed:,} scheduled could not be made", Tone.BAD)] if failed else []

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor."""
        if self.tab == NOW:
            return [(Piece(row.cells[0], Tone.STRONG), Piece(f"of {row.cells[1]}", Tone.DIM)), (Piece(row.cells[2]),)]
        stored = (self.known or {}).get(row.key)
        return describe_schedule(stored, self.shown_now) if stored else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a scheduled report is."""
        return (
            (Piece("No report is scheduled yet.", Tone.STRONG),),
            (),
            (
                Piece(
                    "The service makes scheduled reports, sends them on channels and lays them into folders.", Tone.DIM
                ),
            ),
            (Piece("n", Tone.KEY), Piece("  schedules one")),
            (),
            (Piece("On the command line: patchdeck reports schedule add --help", Tone.DIM),),
        )

    # Keys

    @property
    def _stored(self) -> StoredReportSchedule | None:
        row = self.table.cursor_row
        if self.tab == NOW:
            self.deck.say("Scheduled reports are in the second tab.")
            return None
        return (self.known or {}).get(row.key) if row else None

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click makes it too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Asks for what the report is of, and makes it."""
        row = self.table.cursor_row
        if self.tab == NOW and row is not None:
            report_deeds.ask_for_report(self.deck, ReportKind(row.key))
        elif stored := self._stored:
            report_deeds.ask_for_report(self.deck, stored.schedule.kind)

    def action_add(self) -> None:
        """Asks for a new scheduled report."""
        report_deeds.add_schedule(self.deck)

    def action_edit(self) -> None:
        """Asks for another definition."""
        if stored := self._stored:
            report_deeds.edit_schedule(self.deck, stored.schedule)

    def action_switch(self) -> None:
        """Enables or disables it."""
        if stored := self._stored:
            report_deeds.switch_schedule(self.deck, stored.schedule)

    def action_remove(self) -> None:
        """Asks for its name, and removes it."""
        if stored := self._stored:
            report_deeds.ask_to_remove_schedule(self.deck, stored.schedule)
