"""One machine: the updates it misses, facts, findings, readiness checks and history."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.readiness import CheckResult
from fleet.status import MachineStatus
from ops.checks import check_status
from ops.missing import MissingUpdate, list_missing
from tui.background import read_at_instant
from tui.rows.ages import describe_age
from tui.rows.check_rows import CHECK_COLUMNS, check_rows, count_failed, describe_check
from tui.rows.fact_rows import FACT_COLUMNS, FINDING_COLUMNS, describe_finding, fact_rows, finding_rows
from tui.rows.history_rows import HISTORY_COLUMNS, HISTORY_LIMIT, HISTORY_SQL, describe_event, history_rows
from tui.rows.machine_rows import COMPLIANCE_TONES, needs_host_key
from tui.rows.past_notes import FACTS_NOTE, fleet_note
from tui.rows.update_names import copied_name
from tui.rows.update_rows import UPDATE_COLUMNS, describe_update, update_key, update_rows
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.machine_notice import NOT_ENROLLED, Notice, notice_of
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.tab_line import TabLine

if TYPE_CHECKING:
    from query.results import Result

TABS = ("updates", "facts", "findings", "checks", "history")
_COLUMNS: dict[str, tuple[TableColumn, ...]] = {
    "updates": UPDATE_COLUMNS,
    "facts": FACT_COLUMNS,
    "findings": FINDING_COLUMNS,
    "checks": CHECK_COLUMNS,
    "history": HISTORY_COLUMNS,
}


class MachineScreen(DetailedScreen):
    """The machine with ``machine_id``. One table, whose rows are those of the tab in front."""

    COLUMNS = UPDATE_COLUMNS
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: updates, facts, findings, checks, history"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding("w", "why", "why not", tooltip="Why the update under the cursor is not installed: every reason"),
        Binding(
            "c", "show_checks", "checks", tooltip="What of reaching, reading and patching it works, check by check"
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
        self._machine_id = machine_id
        self._tab = 0
        self._missing: list[MissingUpdate] | None = None
        self._history: Result | None = None
        self._read_for: object = None

    @property
    def crumb(self) -> str:  # type: ignore[override]  # the name may change while the screen is open
        """The machine's name."""
        return self._status.machine.name if self._status else "removed machine"

    @property
    def _status(self) -> MachineStatus | None:
        return self.deck.fleet.find(self._machine_id)

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    # What is shown

    def fleet_changed(self) -> None:
        """Reads the updates anew where the machine was assessed, and shows what is known."""
        status = self._status
        stamp = status.last_attempt.ended_at if status and status.last_attempt else None
        if status and self._read_for != (stamp, self.deck.scan is None):
            self._read_for = (stamp, self.deck.scan is None)
            ids = [self._machine_id]
            read_at_instant(
                self.deck,
                lambda at: list_missing(self.deck.home, ids, at),
                self._take_missing,
                self.deck.complain,
                what="reading updates",
            )
            self._history = None
        self._show_tab()

    def instant_changed(self) -> None:
        """Forgets what was true at another instant."""
        self._read_for = self._missing = self._history = None
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
        self._missing = missing
        self._show_tab()

    def _take_history(self, result: "Result") -> None:
        self._history = result
        self._show_tab()

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
        return (f"Updates {updates}", "Facts", f"Findings {findings}", checks, "History")

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
            case _:
                self._want_history()
                return history_rows(self._history.rows if self._history else (), now)

    def _want_history(self) -> None:
        if self._history is None:
            read_at_instant(
                self.deck, self._read_history, self._take_history, self.deck.complain, what="reading the history"
            )

    def _read_history(self, at: datetime | None) -> "Result":
        from ops.config import load_settings
        from ops.questions import open_engine

        home = self.deck.home
        with open_engine(home, load_settings(home), now=self.deck.clock(), as_of=at) as engine:
            return engine.run(HISTORY_SQL, {"id": self._machine_id})

    @property
    def table_title(self) -> str:
        """The machine and what the tab shows."""
        return f"{self.crumb} {TABS[self._tab]}"

    def title_facts(self) -> list[Piece]:
        """Compliance and the age of what is known, or how the running assessment stands."""
        status, now = self._status, self.deck.clock()
        if status is None:
            return []
        compliance = status.compliance(now)
        facts = [Piece(compliance.value, COMPLIANCE_TONES[compliance])]
        if progress := self.deck.progress.get(self._machine_id):
            facts.append(Piece(progress, Tone.ACCENT))
        elif status.last_attempt:
            facts.append(
                Piece(
                    f"assessed {describe_age(status.last_attempt.ended_at, now)} ago".replace(
                        "just now ago", "just now"
                    ),
                    Tone.DIM,
                )
            )
        if TABS[self._tab] == "history" and self._history and len(self._history.rows) == HISTORY_LIMIT:
            facts.append(Piece(f"newest {HISTORY_LIMIT:,} only", Tone.PENDING))
        return facts

    def empty_notice(self) -> Notice:
        """What an empty tab means: nothing missing, or nothing known."""
        is_read = {"updates": self._missing is not None, "history": self._history is not None}
        return notice_of(TABS[self._tab], self._status, is_read=is_read.get(TABS[self._tab], True))

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
            case _:
                return describe_event(row)

    def _find_missing(self, row: Row) -> MissingUpdate | None:
        return next((each for each in self._missing or () if update_key(each.update) == row.key), None)

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """What stopped the last assessment, where something did."""
        failure = self._status.last_attempt.failure if self._status and self._status.last_attempt else None
        return [(Piece(failure.describe(), Tone.BAD),)] if failure else ()

    # Keys

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self._bring((self._tab + step) % len(TABS))

    def action_show_checks(self) -> None:
        """Brings the readiness checks to the front."""
        self._bring(TABS.index("checks"))

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
