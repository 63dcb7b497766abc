"""One machine: the updates it misses, facts, findings, readiness checks, history and its own words."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.readiness import CheckResult
from fleet.status import MachineStatus
from ops.apart.reader import ask_apart
from ops.checks import check_status
from ops.machine_events import MOST_EVENTS
from ops.missing import MissingUpdate, list_missing
from ops.missing_groups import key_of
from tui.background import read_at_instant
from tui.machine_sides import MachineSides, open_side
from tui.rows.check_rows import CHECK_COLUMNS, check_rows, count_failed, describe_check
from tui.rows.fact_rows import FACT_COLUMNS, FINDING_COLUMNS, describe_finding, fact_rows, finding_rows
from tui.rows.history_rows import HISTORY_COLUMNS, describe_event, history_rows
from tui.rows.kept_log_rows import LOGS_COLUMNS, describe_log, logs_rows
from tui.rows.machine_rows import needs_host_key
from tui.rows.past_notes import FACTS_NOTE, fleet_note
from tui.rows.update_names import copied_name
from tui.rows.update_rows import UPDATE_COLUMNS, describe_update, update_rows
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.machine_notice import NOT_ENROLLED, Notice, notice_of, standing_facts
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

TABS = ("updates", "facts", "findings", "checks", "history", "logs")
_COLUMNS: dict[str, tuple[TableColumn, ...]] = {
    "updates": UPDATE_COLUMNS,
    "facts": FACT_COLUMNS,
    "findings": FINDING_COLUMNS,
    "checks": CHECK_COLUMNS,
    "history": HISTORY_COLUMNS,
    "logs": LOGS_COLUMNS,
}


class MachineScreen(DetailedScreen):
    """The machine with ``machine_id``. One table, whose rows are those of the tab in front."""

    COLUMNS = UPDATE_COLUMNS
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: updates, facts, findings, checks, history, logs"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding(
            "enter", "open", "open", show=False, tooltip="The log, or the run of the event, under the cursor; else why"
        ),
        Binding("w", "why", "why not", tooltip="Why the update under the cursor is not installed: every reason"),
        Binding(
            "c", "bring('checks')", "checks", tooltip="What of reaching, reading and patching it works, check by check"
        ),
        Binding(
            "L", "bring('logs')", "logs", show=False, tooltip="What it printed in runs; answers that were not read"
        ),
        Binding("R", "show_runs", "runs", tooltip="The runs of deployments that it was in"),
        Binding("W", "show_deeds", "deeds", show=False, tooltip="Who did what to it, under whatever name it had then"),
        Binding("r,A", "assess", "assess", tooltip="Assess this machine now"),
        Binding("Y", "copy_name", "copy KB", show=False, tooltip="Copy the KB of the update, or the package's name"),
        Binding("K", "accept_key", "host key", show=False, tooltip="See and accept the machine's host key"),
        Binding("x", "stop", "stop", show=False, tooltip="Stop the running assessment; what came in is kept"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, machine_id: str) -> None:
        super().__init__()
        self._machine_id = self.steps_about = self.about = machine_id
        self._tab = 0
        self._missing: list[MissingUpdate] | None = None
        self._sides = MachineSides(machine_id, self._show_tab)
        self._read_for: object = None

    @property
    def crumb(self) -> str:  # type: ignore[override]  # the name may change while the screen is open
        """The machine's name."""
        return status.machine.name if (status := self._status) else "removed machine"

    @property
    def _status(self) -> MachineStatus | None:
        return self.deck.fleet.find_whole(self._machine_id)

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    # What is shown

    def fleet_changed(self) -> None:
        """Reads the updates anew where the machine was assessed, and shows what is known."""
        status = self._status
        stamp = status.last_attempt.ended_at if status and status.last_attempt else None
        state = (stamp, self.deck.scan is None, status.machine if status else None)
        if status and self._read_for != state:
            self._read_for, deck, ids = state, self.deck, [self._machine_id]
            work = lambda at: ask_apart(deck.home, list_missing, ids, at)  # noqa: E731  # one expression, used once
            read_at_instant(deck, work, self._take_missing, self.fail_to_read, what="reading updates")
            self._sides.renew()
        self._show_tab()

    def instant_changed(self) -> None:
        """Forgets what was true at another instant."""
        self._read_for = self._missing = None
        self._sides.forget()
        self._show_tab()

    def past_note(self) -> str:
        """Of facts, only the last answer is kept whole."""
        return FACTS_NOTE if TABS[self._tab] == "facts" else fleet_note(self.deck.travel.fleet)

    def scan_moved(self, machine_ids: set[str]) -> None:
        """Shows how the assessment of this machine stands."""
        if self._machine_id in machine_ids:
            self._show_tab()
        self.show_context()

    def _take_missing(self, missing: list[MissingUpdate]) -> None:
        self._missing, self.problem = missing, ""
        self._show_tab()

    def problem_here(self) -> str:
        """Only updates are read from files."""
        return self.problem if TABS[self._tab] == "updates" else ""

    def _show_tab(self) -> None:
        if not self.is_up:
            return
        # By the last attempt to assess the machine; none before the first.
        results = check_status(self._status).results if self._status else ()
        self.table.set_rows(self._rows(results))
        self.query_one(TabLine).show_tabs(self._tab_names(count_failed(results)), self._tab)
        self.show_title()
        self.show_notice()
        self.show_detail()

    def _tab_names(self, failed: int) -> tuple[str, ...]:
        updates = findings = "0"
        if status := self._status:
            updates = "…" if self._missing is None else str(len(self._missing))
            findings = str(len(finding_rows(status)))
        checks = f"Checks {failed} failed" if failed else "Checks"
        return (f"Updates {updates}", "Facts", f"Findings {findings}", checks, "History", "Logs")

    def _rows(self, results: Sequence[CheckResult]) -> list[Row]:
        status, now = self._status, self.deck.clock()
        if status is None:
            return []
        match TABS[self._tab]:
            case "updates":
                return update_rows(self._missing or (), now)
            case "facts":
                return fact_rows(status, now)
            case "findings":
                return finding_rows(status)
            case "checks":
                return check_rows(results)
            case "history":
                self._sides.want(self.deck, "history")
                return history_rows(self._sides.history or (), now)
            case _:
                self._sides.want(self.deck, "logs")
                return logs_rows(self._sides.logs or (), now)

    @property
    def table_title(self) -> str:
        """The machine and what the tab shows."""
        return f"{self.crumb} {TABS[self._tab]}"

    def title_facts(self) -> list[Piece]:
        """Compliance and the age of what is known, or how the running assessment stands."""
        status, now = self._status, self.deck.clock()
        if status is None:
            return []
        facts = standing_facts(status, now, self.deck.progress.get(self._machine_id, ""))
        if TABS[self._tab] == "history" and len(self._sides.history or ()) == MOST_EVENTS:
            facts.append(Piece(f"newest {MOST_EVENTS:,} only", Tone.PENDING))
        return facts

    def empty_notice(self) -> Notice:
        """What an empty tab means: nothing missing, or nothing known."""
        tab, sides = TABS[self._tab], self._sides
        if sides.problem and tab in ("history", "logs"):
            return ((Piece(sides.problem, Tone.BAD),),)
        read = {"updates": self._missing, "history": sides.history, "logs": sides.logs}
        return notice_of(tab, self._status, is_read=read.get(tab, ()) is not None)

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor."""
        match TABS[self._tab]:
            case "updates":
                found = self._find_missing(row)
                return describe_update(found) if found else ()
            case "facts":
                return [(Piece(row.cells[0], Tone.DIM),), (Piece(row.cells[1]),)]
            case "findings":
                return describe_finding(row)
            case "checks":
                return describe_check(row)
            case "history":
                return describe_event(row)
            case _:
                return describe_log(row)

    def _find_missing(self, row: Row) -> MissingUpdate | None:
        return next((each for each in self._missing or () if key_of(each.update) == row.key), None)

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """What stopped the last assessment, where something did."""
        failure = self._status.last_attempt.failure if self._status and self._status.last_attempt else None
        return [(Piece(failure.describe(), Tone.BAD),)] if failure else ()

    # Keys

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self._bring((self._tab + step) % len(TABS))

    def action_bring(self, name: str) -> None:
        """Brings the tab called ``name`` to the front."""
        self._bring(TABS.index(name))

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens what is under the cursor: a log, the run of an event, why an update is not installed."""
        row, tab = self.table.cursor_row, TABS[self._tab]
        if row and tab in ("history", "logs"):
            open_side(self.deck, self._sides, self._machine_id, self.crumb, tab, row.key)
        elif tab == "updates" and row:
            self.action_why()

    def action_show_runs(self) -> None:
        """Shows the runs that it was in."""
        from tui.screens.machine_runs import MachineRunsScreen

        if self._status is None:
            self.deck.say(NOT_ENROLLED)
        else:
            self.app.push_screen(MachineRunsScreen(self._status.machine))

    def action_show_deeds(self) -> None:
        """Shows what was done to it, also once it is not enrolled any more."""
        from tui.screens.audit import AuditScreen

        self.app.push_screen(AuditScreen(self._machine_id))

    def _bring(self, tab: int) -> None:
        self._tab = tab
        self.table.set_columns(_COLUMNS[TABS[tab]])
        self._show_tab()

    def action_why(self) -> None:
        """Shows why the update under the cursor is not installed."""
        row = self.table.cursor_row
        found = self._find_missing(row) if row and TABS[self._tab] == "updates" else None
        if found is None:
            self.deck.say("No update is under the cursor: w tells why one is not installed.")
        else:
            from tui.screens.why import WhyScreen

            self.app.push_screen(WhyScreen(found, self._missing or ()))

    def action_copy_name(self) -> None:
        """Copies the KB of the update under the cursor, or the package's name."""
        row = self.table.cursor_row
        found = self._find_missing(row) if row and TABS[self._tab] == "updates" else None
        if found is None:
            self.deck.say("No update is under the cursor; y copies the row.")
        else:
            self.deck.copy(copied_name(found.update), copied_name(found.update))

    def action_assess(self) -> None:
        """Assesses this machine."""
        if self._status is None:
            self.deck.say(NOT_ENROLLED)
        else:
            self.deck.deeds.assess([self._status.machine])

    def action_stop(self) -> None:
        """Stops the running assessment."""
        self.deck.deeds.stop_scan()

    def action_accept_key(self) -> None:
        """Shows the machine's host key, where that is what is missing."""
        if self._status is None:
            self.deck.say(NOT_ENROLLED)
        elif needs_host_key(self._status):
            self.deck.deeds.accept_host_key(self._status.machine)
        else:
            self.deck.say("The last assessment did not end at the host key: there is nothing to accept.")
