"""One run: live while it goes on, replayed afterwards; machines, results by update, events, log and commands."""

import textwrap
from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.deployments.runs import MachineRun, RunStatus
from fleet.hostile import clean_name
from ops.deployments.events import RunEvent
from ops.state.runs import RunAction
from tui.background import in_thread
from tui.replaying import Replay
from tui.rows.event_rows import EVENT_COLUMNS, clock_text, command_texts, event_rows
from tui.rows.outcome_rows import RESULT_COLUMNS, UpdateResult, describe_result, result_rows, results_by_update
from tui.rows.run_machine_rows import RUN_MACHINE_COLUMNS, run_machine_rows, standing_facts
from tui.rows.run_rows import kept_back, run_notice, standing_of, status_pieces, window_text
from tui.rows.wave_rows import WAVE_COLUMNS, describe_wave, wave_rows
from tui.run_feed import RunFeed, Side, Wanted
from tui.screens.folding_screen import Beside
from tui.screens.following_screen import FollowingScreen
from tui.tones import Tone
from tui.widgets.detail import Detail
from tui.widgets.line import Piece
from tui.widgets.log_pane import LogPane
from tui.widgets.rows import Row
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable
from tui.widgets.title_rule import TitleRule

TABS = ("machines", "waves", "updates", "events")
_COLUMNS = dict(zip(TABS, (RUN_MACHINE_COLUMNS, WAVE_COLUMNS, RESULT_COLUMNS, EVENT_COLUMNS), strict=True))
REPLAY_SECONDS = 0.25


class RunScreen(FollowingScreen):
    """The run with ``run_id``."""

    COLUMNS = RUN_MACHINE_COLUMNS
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="The machine's part in the run; the machines of a wave or an update"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: machines, waves, results by update, events"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding("p", "pause", "pause", tooltip="Pause, or resume where it is paused; asks first"),
        Binding("x", "cancel", "cancel", tooltip="Cancel: nothing more is begun; asks for the word"),
        Binding("at", "side", "commands", tooltip="The machine's real remote commands, or its log again"),
        Binding("R", "replay", "replay", tooltip="See the run once more as it went, or end that"),
        Binding("w", "write", "record", tooltip="Write the change record to a file: Markdown, or HTML by its name"),
        Binding("less_than_sign", "speed(0.5)", "slower", show=False, tooltip="Replay half as fast"),
        Binding("greater_than_sign", "speed(2)", "faster", show=False, tooltip="Replay twice as fast"),
    ]

    def __init__(self, feed: RunFeed) -> None:
        super().__init__(feed)
        self.about = feed.run_id
        self._tab = 0
        self._side = Side.LOG
        self._replay: Replay | None = None
        self._results: dict[str, UpdateResult] = {}

    @property
    def crumb(self) -> str:  # type: ignore[override]  # known once the run is read
        """The run's id, and of which deployment it is."""
        run = self.feed.run
        return f"{self.feed.run_id} {clean_name(run.deployment.name)}" if run else self.feed.run_id

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    def body(self) -> ComposeResult:
        """The table, and under it the log of the machine under the cursor."""
        yield from super().body()
        yield LogPane()

    def on_mount(self) -> None:
        """Replays, where that is asked for."""
        self.set_interval(REPLAY_SECONDS, self._replay_on)

    def beside(self) -> Sequence[Beside]:
        """The log of the machine under the cursor; on other tabs all of the row."""
        log = self.query_one(LogPane)
        if self._tab:
            return *super().beside(), Beside(log, 0)
        most = max(6, self.app.size.height // 3)
        return Beside(log, most, self.query_one("#detail-rule", TitleRule)), Beside(self.query_one(Detail), 0)

    def show_folded(self) -> None:
        """The rule over the log has a title of its own."""
        if self._tab:
            super().show_folded()

    # What is shown

    def wanted(self) -> Wanted | None:
        """The log or the commands of the machine under the cursor."""
        machine = self._machine
        if machine is None or self._tab or self._replay:
            return None
        return Wanted(machine.machine_name, self._side)

    def fleet_changed(self) -> None:
        """Shows the tab in front."""
        if not self.is_up:
            return
        if self.feed.run is not None:
            self.put_rows(self._rows())
        waves = len({machine.wave for machine in self.feed.machines})
        tabs = (f"Machines {len(self.feed.machines):,}", f"Waves {waves}", "Results", f"Events {len(self.feed.told):,}")
        self.query_one(TabLine).show_tabs(tabs, self._tab)
        self.show_title()
        self.show_notice()
        self.show_detail()
        self.show_context()

    def _rows(self) -> list[Row]:
        feed, replay = self.feed, self._replay
        picture, now = (replay.picture, replay.at) if replay else (feed.picture, self.deck.clock())
        match TABS[self._tab]:
            case "machines":
                return run_machine_rows(feed.machines, picture, now, is_replayed=replay is not None)
            case "waves":
                run = feed.run
                return wave_rows(run, feed.machines, picture, is_replayed=replay is not None) if run else []
            case "updates":
                self._results = results_by_update(feed.machines)
                return result_rows(self._results.items())
            case _:
                return event_rows(feed.told)

    @property
    def _machine(self) -> MachineRun | None:
        row = self.table.cursor_row if TABS[self._tab] == "machines" else None
        return self.feed.machine(row.key) if row else None

    @property
    def table_title(self) -> str:
        """What the tab shows."""
        return TABS[self._tab].capitalize()

    def title_facts(self) -> list[Piece]:
        """How it stands: status, what is asked, wave, how many are over, what failed, the window."""
        run = self.feed.run
        if run is None:
            return []
        facts = status_pieces(run)
        if self._replay is not None:
            facts = [Piece(f"replay {self._replay.speed:g}x {clock_text(self._replay.at)}", Tone.ACCENT)]
        if self.feed.is_pending:
            facts.append(Piece(f"{self.feed.is_pending} asked", Tone.PENDING))
        picture = self._replay.picture if self._replay else self.feed.picture
        facts += kept_back(run, self.feed.picture) if self._replay is None else []
        facts += standing_facts(self.feed.machines, picture, is_replayed=self._replay is not None)
        return [*facts, Piece(window_text(run, self.deck.clock()), Tone.DIM)]

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The update, wave or event in full."""
        if TABS[self._tab] == "waves" and self.feed.run:
            return describe_wave(row, self.feed.run, self.feed.machines, self.feed.told, self.feed.picture)
        if TABS[self._tab] == "updates" and row.key in self._results:
            return describe_result(self._results[row.key])
        return [(Piece(row.cells[0], Tone.DIM), Piece(row.cells[1]))]

    def show_detail(self) -> None:
        """Shows the log or the commands of the machine under the cursor; on other tabs all of the row."""
        machine, rule = self._machine, self.query_one("#detail-rule", TitleRule)
        if machine is None:
            super().show_detail()
            self.query_one(LogPane).show((), "")
            return
        facts = [Piece(machine.error, Tone.BAD)] if machine.error and not self._replay else []
        rule.show_title(f"{clean_name(machine.machine_name)} {self._side}", *facts, right="@ log, commands")
        if self._replay is None:
            self._show_side(machine)

    def _show_side(self, machine: MachineRun) -> None:
        pane = self.query_one(LogPane)
        if self._side is Side.COMMANDS:
            pane.show(command_texts(self.feed.commands), "No remote command was noted for this machine.")
        else:
            is_over = machine.status.is_over
            why = textwrap.wrap(machine.error, max(20, pane.size.width - 4)) if is_over else []
            yet = "" if is_over else " yet"
            lines = self.feed.log_lines(machine.machine_name)
            pane.show(lines or why, f"Its package manager has printed nothing{yet}.")

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What the run waits for, or that it had nothing."""
        return run_notice(self.feed.run, self.feed.picture, TABS[self._tab], self.deck.clock())

    # Keys

    def cursor_rested(self) -> None:
        """Shows the log of the machine that the cursor came to."""
        super().cursor_rested()
        self.look()

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self._tab = (self._tab + step) % len(TABS)
        self.table.set_columns(_COLUMNS[TABS[self._tab]])
        self.share_room()
        self.fleet_changed()

    def action_open(self) -> None:
        """Opens the machine's part in the run, or the machines of an update."""
        from tui.screens.run_machine import RunMachineScreen
        from tui.screens.run_update import RunUpdateScreen

        row = self.table.cursor_row
        if row is None:
            return
        if not self._tab:
            self.app.push_screen(RunMachineScreen(self.feed, row.key))
        elif TABS[self._tab] == "waves":
            self.action_turn(-self._tab)
            self.table.set_filter(f"wave:{row.cells[0]}")
        elif TABS[self._tab] == "updates":
            self.app.push_screen(RunUpdateScreen(self.feed, row.key))

    def action_side(self) -> None:
        """Shows the remote commands in the place of the log, or the log again."""
        self._side = Side.LOG if self._side is Side.COMMANDS else Side.COMMANDS
        self.show_detail()
        self.look()

    def action_pause(self) -> None:
        """Asks whether to pause or resume."""
        if run := self.feed.run:
            self._ask(RunAction.RESUME if run.status is RunStatus.PAUSED else RunAction.PAUSE)

    def action_cancel(self) -> None:
        """Asks whether to cancel."""
        self._ask(RunAction.CANCEL)

    def _ask(self, action: RunAction) -> None:
        from tui.deployment_deeds import ask_of_run

        if run := self.feed.run:
            ask_of_run(self.deck, run, action, standing_of(self.feed.machines, self.feed.picture))

    def action_write(self) -> None:
        """Asks for a file, and writes the change record into it."""
        from tui.deployment_deeds import write_record
        from tui.screens.file_form import FileForm

        if (run := self.feed.run) is None:
            return
        meaning = "The change record, for the ticket: Markdown, or HTML where the name ends in .html."
        form = FileForm("Write the change record", f"{run.deployment.name}-{run.id}.md", meaning)
        self.app.push_screen(form, lambda path: write_record(self.deck, run, path) if path else None)

    # Once more

    def action_replay(self) -> None:
        """Shows the run once more as it went, or ends that."""
        if self._replay is not None:
            self._replay = None
            self.fleet_changed()
        else:
            in_thread(self.deck, self.feed.replayed_events, self._begin_replay, self.deck.complain, what="replaying")

    def action_speed(self, factor: float) -> None:
        """Replays faster or slower."""
        if self._replay is None:
            self.deck.say("Nothing is being replayed: R begins it.")
        else:
            self._replay.speed = min(100_000.0, max(0.5, self._replay.speed * factor))
            self.show_title()

    def _begin_replay(self, happened: list[RunEvent]) -> None:
        if not happened:
            self.deck.say("Nothing has happened in this run yet that could be replayed.")
        elif self.is_up:
            self._tab = 0
            self.table.set_columns(RUN_MACHINE_COLUMNS)
            self._replay = Replay(happened)
            self.fleet_changed()

    def _replay_on(self) -> None:
        replay = self._replay
        if replay is None or replay.is_over or not self.is_current:
            return
        replay.go_on(REPLAY_SECONDS)
        self.fleet_changed()
        if machine := self._machine:
            name = machine.machine_name
            read = lambda: self.feed.replayed_lines(name, replay.log_ends.get(name, 0))  # noqa: E731  # used once
            in_thread(self.deck, read, self._show_replayed, self.deck.complain, what="replaying the log")

    def _show_replayed(self, lines: list[str]) -> None:
        if self.is_up and self._replay is not None:
            self.query_one(LogPane).show(lines, "Its package manager had printed nothing yet.")
