"""One machine of a run: its steps with their times, its updates, its log, its remote commands, what was noticed."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.deployments.runs import MachineRun
from fleet.hostile import clean, clean_name
from tui.rows.event_rows import COMMAND_COLUMNS, LOG_COLUMNS, STEP_COLUMNS, command_rows, log_rows, step_rows
from tui.rows.outcome_rows import OUTCOME_COLUMNS, describe_outcome, find_outcome, outcome_rows
from tui.rows.run_machine_rows import MACHINE_RUN_TONES, STATE_WORDS, bar, status_in
from tui.run_feed import RunFeed, Side, Wanted
from tui.screens.following_screen import FollowingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn
from tui.widgets.tab_line import TabLine

TABS = ("steps", "updates", "log", "commands", "findings")
_FINDING_COLUMNS = (
    TableColumn("kind", "Finding", most=28, least=12, priority=0),
    TableColumn("severity", "Severity", most=9, least=8, priority=1),
    TableColumn("text", "What was seen", most=200, least=24, priority=1),
    TableColumn("remedy", "What to do", most=200, least=24, priority=2),
)
_COLUMNS = {
    "steps": STEP_COLUMNS,
    "updates": OUTCOME_COLUMNS,
    "log": LOG_COLUMNS,
    "commands": COMMAND_COLUMNS,
    "findings": _FINDING_COLUMNS,
}


class RunMachineScreen(FollowingScreen):
    """The machine with ``machine_id`` in the run of ``feed``."""

    COLUMNS = STEP_COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: steps, updates, log, commands, findings"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding("L", "bring('log')", "log", tooltip="What its package manager printed, following"),
        Binding("at", "bring('commands')", "commands", tooltip="Its real remote commands, with time and exit status"),
        Binding("m", "open_machine", "machine", tooltip="The machine's own page"),
    ]

    def __init__(self, feed: RunFeed, machine_id: str) -> None:
        super().__init__(feed)
        self._machine_id = machine_id
        self.about = (feed.run_id, machine_id)
        self._tab = 0

    @property
    def crumb(self) -> str:  # type: ignore[override]  # known once the run is read
        """The machine's name."""
        return clean_name(self._machine.machine_name) if self._machine else "machine of the run"

    @property
    def _machine(self) -> MachineRun | None:
        return self.feed.machine(self._machine_id)

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    def wanted(self) -> Wanted | None:
        """Its log or its commands, where they are in front."""
        side = {"log": Side.LOG, "commands": Side.COMMANDS}.get(TABS[self._tab])
        return Wanted(self._machine.machine_name, side) if self._machine and side else None

    def fleet_changed(self) -> None:
        """Shows the tab in front; a log that was seen to its end stays at its end."""
        if not self.is_up:
            return
        table = self.table
        follows = TABS[self._tab] == "log" and table.cursor >= len(table.contents) - 1
        machine = self._machine
        if machine is not None:
            self.put_rows(self._rows(machine))
        if follows:
            table.action_jump(-1)
        names = ("Steps", f"Updates {len(machine.outcomes) if machine else 0}", "Log", "Commands")
        findings = f"Findings {len(machine.findings) if machine else 0}"
        self.query_one(TabLine).show_tabs((*names, findings), self._tab)
        self.show_title()
        self.show_notice()
        self.show_detail()
        self.show_context()

    def _rows(self, machine: MachineRun) -> list[Row]:
        match TABS[self._tab]:
            case "steps":
                return step_rows(self.feed.told_of(machine.machine_id, machine.machine_name))
            case "updates":
                return outcome_rows(machine)
            case "log":
                lines = self.feed.log_lines(machine.machine_name)
                return log_rows(lines, self.feed.tail(machine.machine_name).left_out_bytes)
            case "commands":
                return command_rows(self.feed.commands)
            case _:
                return [
                    Row(str(number), (each.kind.value, each.severity.value, clean(each.text), clean(each.remedy)))
                    for number, each in enumerate(machine.findings)
                ]

    @property
    def table_title(self) -> str:
        """The machine and what the tab shows."""
        return f"{self.crumb} {TABS[self._tab]}"

    def title_facts(self) -> list[Piece]:
        """Where it stands in the run, and what its package manager does."""
        machine = self._machine
        if machine is None:
            return []
        status = status_in(self.feed.picture, machine)
        facts = [Piece(STATE_WORDS[status], MACHINE_RUN_TONES[status])]
        work = self.feed.picture.in_work.get(machine.machine_id)
        if work is not None and not status.is_over:
            facts.append(Piece(" ".join(part for part in (bar(work.percent), work.doing, work.package) if part)))
        facts.append(Piece(f"wave {machine.wave + 1}", Tone.DIM))
        return facts + ([Piece("rebooted", Tone.REBOOT)] if machine.rebooted else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor; why the machine ended as it did."""
        machine = self._machine
        if machine is not None and TABS[self._tab] == "updates" and (outcome := find_outcome(machine, row)):
            return describe_outcome(outcome)
        lines: list[Sequence[Piece]] = [(Piece(row.cells[-1]),)]
        if TABS[self._tab] == "findings":
            lines.insert(0, (Piece(row.cells[2]),))
        return [*self.describe_nothing(), *lines] if TABS[self._tab] == "steps" else lines

    def describe_nothing(self) -> Sequence[Sequence[Piece]]:
        """Why the machine ended as it did, where it did not succeed."""
        machine = self._machine
        return [(Piece(machine.error, Tone.BAD),)] if machine and machine.error else []

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What an empty tab means."""
        if self._machine is None:
            words = "Reading the run …" if self.feed.run is None else "This machine is not in the run (any more)."
        elif TABS[self._tab] == "steps":
            words = "Nothing was done on this machine in this run yet."
        else:
            words = {
                "updates": "No update has an outcome yet: that is known once the machine is over.",
                "log": "Its package manager has printed nothing yet.",
                "commands": "No remote command was noted for this machine in this run.",
                "findings": "Nothing was noticed in this run.",
            }[TABS[self._tab]]
        return ((Piece(words),), (Piece("esc", Tone.KEY), Piece("  goes back")))

    def paged_text(self) -> str:
        """All of the log, or of the commands, on their tabs; else all of the row under the cursor."""
        if TABS[self._tab] not in ("log", "commands"):
            return super().paged_text()
        return "\n".join("  ".join(row.cells[1:]) for row in self.table.contents.rows)

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self.action_bring(TABS[(self._tab + step) % len(TABS)])

    def action_bring(self, name: str) -> None:
        """Brings the tab called ``name`` to the front."""
        self._tab = TABS.index(name)
        self.table.set_columns(_COLUMNS[name])
        self.fleet_changed()
        if name == "log":
            self.table.action_jump(-1)
        self.look()

    def action_open_machine(self) -> None:
        """Opens the machine's own page."""
        self.deck.open_machine(self._machine_id)
