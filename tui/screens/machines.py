"""The machines: which are compliant, what each misses, how old that knowledge is."""

import socket
from collections.abc import Iterable, Sequence
from functools import partial
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.hostile import clean_name
from fleet.machines import Machine
from fleet.status import MachineStatus
from tui import machine_deeds
from tui.background import in_thread
from tui.rows.kept_rows import KeptRows
from tui.rows.machine_rows import MACHINE_COLUMNS, machine_row, machine_rows, needs_host_key
from tui.rows.past_notes import fleet_note, nothing_known_then
from tui.screens.table_screen import TableScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

# Rows of more machines are made beside the screen: it never waits.
AT_ONCE = 500


class MachinesScreen(TableScreen):
    """All enrolled machines, what needs a look first."""

    crumb = "Machines"
    ROW_ACTIONS = TableScreen.ROW_ACTIONS | {"accept_key", "assess_one", "edit", "switch"}
    COLUMNS = MACHINE_COLUMNS
    DEFAULT_ORDER = "compliance"
    KEEPS_PAST = True
    _newest: Sequence[MachineStatus] = ()
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Look at the machine under the cursor"),
        Binding("A", "assess", "assess", tooltip="Assess the marked machines, else all that are shown"),
        Binding("r", "assess_one", "assess one", show=False, tooltip="Assess the machine under the cursor"),
        Binding("space", "mark", "mark", tooltip="Mark the machine; marks outlast the filter"),
        Binding("ctrl+a", "mark_all", "mark all", show=False, tooltip="Mark all that are shown, or none"),
        Binding("a", "add", "add", tooltip="Add a machine; the connection is tested while you type"),
        Binding(
            "e", "edit", "edit", show=False, tooltip="Change how the machine under the cursor is reached or called"
        ),
        Binding("o", "switch", "on/off", show=False, tooltip="Enable or disable the marked machines, else this one"),
        Binding("K", "accept_key", "host key", show=False, tooltip="See and accept the machine's host key"),
        Binding("x", "stop", "stop", show=False, tooltip="Stop the running assessment; what came in is kept"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._kept = KeptRows()

    def statuses(self) -> Sequence[MachineStatus]:
        """The machines that it shows."""
        return self.deck.fleet.first or self.deck.fleet.statuses

    def fleet_changed(self) -> None:
        """Shows the machines as they are known now."""
        deck = self.deck
        statuses, now, progress = self.statuses(), deck.clock(), dict(deck.progress)
        if len(statuses) <= AT_ONCE:
            self._show(statuses, machine_rows(statuses, now, progress))
        else:
            made = lambda: self._kept.rows(statuses, now, progress)  # noqa: E731  # one expression, used once
            in_thread(deck, made, partial(self._show, statuses), deck.complain, what="listing the machines")
        self._newest = statuses

    def _show(self, statuses: Sequence[MachineStatus], rows: list[Row]) -> None:
        # What comes late, and is no longer what holds, is not shown.
        if self.is_up and (statuses is self._newest or len(statuses) <= AT_ONCE):
            self.table.set_rows(rows)
            self.show_notice()

    def title_facts(self) -> list[Piece]:
        """Of how many these are the first, while the others are being read."""
        unread = self.deck.fleet.unread
        return [Piece(f"reading {unread:,} more …", Tone.DIM)] if unread else super().title_facts()

    def problem_here(self) -> str:
        """Why the machines cannot be read."""
        return self.deck.fleet.problem

    def past_note(self) -> str:
        """What of then is not known."""
        return fleet_note(self.deck.travel.fleet)

    def scan_moved(self, machine_ids: set[str]) -> None:
        """Shows the machines whose state changed, without moving any row."""
        deck = self.deck
        now, progress = deck.clock(), deck.progress
        found = [status for machine_id in machine_ids if (status := deck.fleet.find(machine_id))]
        self.table.replace_rows(machine_row(status, now, progress.get(status.machine.id)) for status in found)
        self.show_context()

    def why_not(self, action: str) -> str:
        """That there is nothing to stop, or nothing to do it with."""
        if action == "stop" and self.deck.scan is None:
            return "no assessment is running"
        return super().why_not(action)

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """The first run: what to do with no machine enrolled."""
        if not self.deck.fleet.is_empty:
            return ((Piece("Reading the fleet …", Tone.DIM),),)
        if self.deck.instant is not None:
            return nothing_known_then(self.deck.travel.fleet)
        host = clean_name(socket.gethostname())
        return (
            (Piece("No machine is enrolled yet.", Tone.STRONG),),
            (),
            (
                Piece("enter", Tone.KEY),
                Piece("  enrol this machine, "),
                Piece(host, Tone.STRONG),
                Piece(", and assess it"),
            ),
            (Piece("       It is only read: nothing is installed or changed.", Tone.DIM),),
            (Piece("a", Tone.KEY), Piece("      add a machine that is reached over SSH")),
            (Piece(":tour", Tone.KEY), Piece("  a minute's tour; patchdeck demo has a fleet for it")),
            (Piece("q", Tone.KEY), Piece("      leave")),
            (),
            (Piece("On the command line: patchdeck machines add NAME --address ADDRESS", Tone.DIM),),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens the machine."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Opens the machine under the cursor; in an empty fleet, enrols this machine."""
        if self.deck.fleet.is_empty and self.deck.instant is None:
            self.deck.deeds.enrol_this_machine()
        elif row := self.table.cursor_row:
            self.deck.open_machine(row.key)

    def action_assess(self) -> None:
        """Assesses the marked machines, else all shown."""
        rows = self.table.contents.marked or self.table.contents.shown
        self.deck.deeds.assess(self._machines(row.key for row in rows))

    def action_assess_one(self) -> None:
        """Assesses the machine under the cursor."""
        if row := self.table.cursor_row:
            self.deck.deeds.assess(self._machines([row.key]))

    def action_mark(self) -> None:
        """Marks the row under the cursor."""
        self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """Marks all rows shown."""
        self.table.toggle_all_marks()

    def action_add(self) -> None:
        """Asks for a machine to add."""
        machine_deeds.add(self.deck)

    def action_edit(self) -> None:
        """Asks how the machine under the cursor is reached."""
        if (row := self.table.cursor_row) and (status := self.deck.fleet.find(row.key)):
            machine_deeds.edit(self.deck, status.machine)

    def action_switch(self) -> None:
        """Enables or disables the marked machines, else the one under the cursor."""
        rows = self.table.contents.marked or [row for row in (self.table.cursor_row,) if row]
        machine_deeds.switch(self.deck, self._machines(row.key for row in rows))

    def action_stop(self) -> None:
        """Stops the running assessment."""
        self.deck.deeds.stop_scan()

    def action_accept_key(self) -> None:
        """Shows the host key of the machine under the cursor, where that is what is missing."""
        row = self.table.cursor_row
        status = self.deck.fleet.find(row.key) if row else None
        if status is None:
            return
        if needs_host_key(status):
            self.deck.deeds.accept_host_key(status.machine)
        else:
            self.deck.say("The last assessment did not end at the host key: there is nothing to accept.")

    def action_back(self) -> None:
        """Clears filter and marks; then stops a running assessment."""
        if not self.table.filter_text and not self.table.contents.marks and self.deck.scan is not None:
            self.deck.deeds.stop_scan()
        else:
            super().action_back()

    def _machines(self, keys: Iterable[str]) -> list[Machine]:
        return [status.machine for key in keys if (status := self.deck.fleet.find(key))]
