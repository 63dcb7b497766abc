"""Known, discovered and enabled machines: who waits for a decision, who is in the fleet, who is not any more."""

from collections.abc import Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from ops.cli.values import count_of
from tui import candidate_deeds, import_deeds, lifecycle_deeds, machine_deeds, places
from tui.rows.known_rows import KNOWN_COLUMNS, KnownMachine, Standing, describe_known, known_rows, standing_counts
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.tab_line import TabLine
from tui.widgets.table import BigTable

_TABS = (
    ("All", frozenset(Standing)),
    ("To decide", frozenset(each for each in Standing if each.waits)),
    ("Enabled", frozenset({Standing.ENABLED})),
    ("Disabled", frozenset({Standing.DISABLED})),
    ("Refused", frozenset({Standing.REFUSED})),
    ("Retired", frozenset({Standing.RETIRED})),
)


class KnownScreen(ReadingScreen[dict[str, KnownMachine]]):
    """One row for each machine that is known, enrolled or not."""

    crumb = "Known machines"
    READS = "the known machines"
    COLUMNS = KNOWN_COLUMNS
    DEFAULT_ORDER = "state"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Look at the machine under the cursor"),
        Binding("space", "mark", "mark", tooltip="Mark the machine; marks outlast the filter"),
        Binding(
            "p", "approve", "approve", tooltip="Enrol the marked machines that wait, else the one under the cursor"
        ),
        Binding("x", "refuse", "refuse", tooltip="Refuse the marked machines that wait, else the one under the cursor"),
        Binding(
            "o", "switch", "on/off", tooltip="Enable or disable the marked machines, else the one under the cursor"
        ),
        Binding("e", "edit", "edit", tooltip="Change how it is reached; the connection is tested while you type"),
        Binding("a", "add", "add", tooltip="Add a machine; the connection is tested while you type"),
        Binding(
            "t", "retire", "retire", show=False, tooltip="Take the marked machines, else this one, out of the fleet"
        ),
        Binding("n", "reinstalled", "new system", show=False, tooltip="Say that the machine was installed anew"),
        Binding("u", "restore", "restore", show=False, tooltip="Bring the retired machine under the cursor back"),
        Binding("D", "forget", "forget", show=False, tooltip="Forget what nobody enrolled, or a retired machine"),
        Binding("i", "import_list", "import", tooltip="Import a list of machines; shows first what it would do"),
        Binding(
            "L", "show", "lists", show=False, tooltip="The lists that machines came from, and how each is followed"
        ),
        Binding("tab", "turn(1)", "next tab", show=False, tooltip="The next tab: by what is decided of a machine"),
        Binding("shift+tab", "turn(-1)", "last tab", show=False, tooltip="The tab before"),
        Binding("ctrl+a", "mark_all", "mark all", show=False, tooltip="Mark all that are shown, or none"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._tab = 0

    def above_table(self) -> ComposeResult:
        """The tabs."""
        yield TabLine()

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, KnownMachine]:
        """Every machine that is known, by the key of its row; blocking."""
        from ops.candidates import list_candidates
        from ops.lifecycle import list_retired

        home, instant = self.deck.home, self.deck.instant
        known = [KnownMachine(status=status) for status in statuses]
        if instant is None:  # of what waits for a decision, only the present is kept
            known += [KnownMachine(candidate=each) for each in list_candidates(home)]
        retired = (each for each in list_retired(home) if instant is None or each.retired_at <= instant)
        known += [KnownMachine(retired=each) for each in retired]
        return {each.key: each for each in known}

    def past_note(self) -> str:
        """Of machines that waited for a decision nothing is kept."""
        return "who waited for a decision is not kept"

    def rows_of(self, known: dict[str, KnownMachine]) -> Sequence[Row]:
        """A row for each that the tab in front is about."""
        _, wanted = _TABS[self._tab]
        return known_rows((each for each in known.values() if each.standing in wanted), self.deck.clock())

    def show_known(self) -> None:
        """Counts in the tabs too."""
        if self.is_up and self.known is not None:
            counts = standing_counts(self.known.values())
            names = [f"{name} {sum(counts[each] for each in wanted):,}" for name, wanted in _TABS]
            self.query_one(TabLine).show_tabs(names, self._tab)
        super().show_known()

    def title_facts(self) -> list[Piece]:
        """How many wait for a decision, and how many their list names no more."""
        known = (self.known or {}).values()
        waiting = sum(each.standing.waits for each in known)
        gone = sum(each.status is not None and each.status.machine.missing_since is not None for each in known)
        facts = [Piece(f"{waiting:,} to decide", Tone.PENDING)] if waiting else []
        return facts + ([Piece(f"{gone:,} gone from their list", Tone.PENDING)] if gone else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the machine in ``row``."""
        known = (self.known or {}).get(row.key)
        if known is None:
            return ()
        return describe_known(known, candidate_deeds.fingerprints(known.candidate), self.deck.clock())

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """How machines become known."""
        if self.known:
            name, _ = _TABS[self._tab]
            turn = (Piece("tab", Tone.KEY), Piece("  shows others"))
            return ((Piece(f"{name}: there is no such machine now."),), turn)
        return (
            (Piece("No machine is known yet.", Tone.STRONG),),
            (),
            (Piece("a", Tone.KEY), Piece("  add one; the connection is tested while you type")),
            (Piece("i", Tone.KEY), Piece("  import a list: ~/.ssh/config, an Ansible inventory, CSV …")),
            (),
            (Piece("Machines introduce themselves by the line of: patchdeck enrol-token new", Tone.DIM),),
            (Piece("Address ranges are probed by: patchdeck machines probe 192.0.2.0/24", Tone.DIM),),
        )

    # Keys

    @property
    def _current(self) -> KnownMachine | None:
        row = self.table.cursor_row
        return (self.known or {}).get(row.key) if row else None

    def _chosen(self) -> list[KnownMachine]:
        """The marked machines, else the one under the cursor."""
        rows = self.table.contents.marked
        known = self.known or {}
        chosen = [known[row.key] for row in rows if row.key in known]
        return chosen or ([self._current] if self._current else [])

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens it too."""
        event.stop()
        self.action_open()

    def action_turn(self, step: int) -> None:
        """Brings another tab to the front."""
        self._tab = (self._tab + step) % len(_TABS)
        self.show_known()

    def action_mark(self) -> None:
        """Marks the row under the cursor."""
        self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """Marks all rows shown."""
        self.table.toggle_all_marks()

    def action_open(self) -> None:
        """Opens the machine's page; of one that is not enrolled, all that is known of it."""
        known = self._current
        if known is None:
            return
        if known.status is not None:
            self.deck.open_machine(known.status.machine.id)
        else:
            candidate_deeds.show(self.deck, known)

    def action_approve(self) -> None:
        """Asks whether to enrol the chosen candidates."""
        waiting = [each.candidate for each in self._chosen() if each.candidate]
        if waiting:
            candidate_deeds.ask_to_approve(self.deck, waiting)
        else:
            self.deck.say("Only machines that wait or were refused are approved; these are decided.")

    def action_refuse(self) -> None:
        """Asks whether to refuse the chosen candidates."""
        waiting = [each.candidate for each in self._chosen() if each.candidate]
        if waiting:
            candidate_deeds.ask_to_refuse(self.deck, waiting)
        else:
            self.deck.say("Only machines that wait are refused; o disables one that is enrolled.")

    def action_switch(self) -> None:
        """Enables or disables the chosen machines."""
        machines = [each.status.machine for each in self._chosen() if each.status]
        if machines:
            machine_deeds.switch(self.deck, machines)
        else:
            self.deck.say(f"{count_of(len(self._chosen()), 'chosen machine')}: none is enrolled. p approves.")

    def action_edit(self) -> None:
        """Asks how the machine under the cursor is reached."""
        known = self._current
        if known is not None and known.status is not None:
            machine_deeds.edit(self.deck, known.status.machine)
        elif known is not None:
            self.deck.say("Only enrolled machines are edited. p approves one that waits.")

    def action_add(self) -> None:
        """Asks for a machine to add."""
        machine_deeds.add(self.deck)

    def action_import_list(self) -> None:
        """Asks for a list."""
        import_deeds.ask_for_list(self.deck)

    def action_show(self) -> None:
        """Shows the lists that machines came from."""
        places.show_sources(self.deck)

    def action_retire(self) -> None:
        """Asks whether to retire the chosen machines."""
        machines = [each.status.machine for each in self._chosen() if each.status]
        if machines:
            lifecycle_deeds.ask_to_retire(self.deck, machines)
        else:
            self.deck.say("Only enrolled machines are retired.")

    def action_reinstalled(self) -> None:
        """Asks whether the machine under the cursor has a new system."""
        known = self._current
        if known is not None and known.status is not None:
            lifecycle_deeds.ask_if_reinstalled(self.deck, known.status.machine)
        else:
            self.deck.say("Only enrolled machines are reinstalled.")

    def action_restore(self) -> None:
        """Brings the retired machine under the cursor back."""
        known = self._current
        if known is not None and known.retired is not None:
            lifecycle_deeds.restore(self.deck, known.retired)
        else:
            self.deck.say("Only retired machines are restored: tab shows them.")

    def action_forget(self) -> None:
        """Asks whether to forget a retired machine, or the chosen candidates."""
        known = self._current
        candidates = [each.candidate for each in self._chosen() if each.candidate]
        if candidates:
            lifecycle_deeds.ask_to_forget_candidates(self.deck, candidates)
        elif known is not None and known.retired is not None:
            lifecycle_deeds.ask_to_forget_retired(self.deck, known.retired)
        else:
            self.deck.say("An enrolled machine is retired with t: then nothing touches it, and its history stays.")
