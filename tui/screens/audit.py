"""The audit: who did what, when and from where, the newest first; found by person, deed, target, machine and time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from tui import audit_deeds
from tui.rows.audit_rows import AUDIT_COLUMNS, audit_rows, changes_text, describe_entry
from tui.screens.find_entries import EntriesWanted, FindEntries
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from ops.state.audit import AuditEntry

# What anybody scrolls through at once; o reads as many again.
PAGE = 1_000


@dataclass(frozen=True, slots=True)
class AuditNow:
    """The entries that were read, by their numbers as texts, the newest first; each with its changes in a line."""

    entries: "Mapping[str, tuple[AuditEntry, str]]"
    has_more: bool


class AuditScreen(ReadingScreen[AuditNow]):
    """One row for each entry; of what was done to ``machine`` only, by its name or id, where one is given."""

    READS = "the audit"
    COLUMNS = AUDIT_COLUMNS
    DEFAULT_ORDER = "time"
    KEEPS_PAST = True
    STEPS_BY = "audit"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Who, when, from where, and what was before and after"),
        Binding("f", "find", "find", tooltip="Find in all of the audit: time, person, deed, target, machine"),
        Binding("o", "read_older", "older", tooltip="Read older entries, too"),
        Binding("v", "verify", "verify", tooltip="Verify that no entry was changed, removed, moved or put in"),
        Binding("H", "copy_head", "copy head", show=False, tooltip="Copy the newest hash, to be kept elsewhere"),
    ]

    def __init__(self, machine: str = "") -> None:
        super().__init__()
        self.crumb = "Deeds" if machine else "Audit"
        self.about = machine or None
        self._first_wanted = self._wanted = EntriesWanted(machine=machine)
        self._limit = PAGE
        self._verdict: Piece | None = None
        # By number and hash: an entry never changes, and its documents may be large.
        self._changes: dict[tuple[int, str], str] = {}

    def read(self, statuses: Sequence[MachineStatus]) -> AuditNow:
        """The newest entries that are wanted, one at a time: each may be large; blocking."""
        del statuses
        from ops.audit.book import deeds_of

        wanted, until = self._wanted, self.deck.instant
        with deeds_of(self.deck.home, wanted.conditions(until), self._limit + 1, wanted.machine) as found:
            entries = [(entry, self._changed(entry)) for entry in found]
        kept = entries[: self._limit]
        return AuditNow({str(entry.number): (entry, changed) for entry, changed in kept}, len(entries) > len(kept))

    def _changed(self, entry: "AuditEntry") -> str:
        from fleet.audit_difference import differences

        key = (entry.number, entry.hash)
        if key not in self._changes:
            self._changes[key] = changes_text(differences(entry.before, entry.after))
        return self._changes[key]

    @property
    def _is_found(self) -> bool:
        """Whether something else is asked for than at first."""
        return self._wanted != self._first_wanted

    # What is shown

    def rows_of(self, known: AuditNow) -> Sequence[Row]:
        """A row for each entry."""
        return audit_rows(known.entries.values())

    def title_facts(self) -> list[Piece]:
        """What was asked for, whether there is more, and whether the chain was verified."""
        facts = [Piece(f"found by {self._wanted}", Tone.ACCENT)] if self._is_found else []
        if self.known is not None and self.known.has_more:
            facts.append(Piece(f"newest {self._limit:,} only", Tone.PENDING))
        return facts + ([self._verdict] if self._verdict else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the entry in ``row``."""
        known = self.known.entries.get(row.key) if self.known else None
        return describe_entry(*known) if known else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That nothing was done yet, or that nothing fits what was asked for."""
        if self._is_found:
            again = (Piece("f", Tone.KEY), Piece("  asks for something else; "), Piece("esc", Tone.KEY), Piece("  all"))
            return ((Piece(f"The audit has no entry of {self._wanted}."),), again)
        return ((Piece("Nothing was done in this home yet: every change is noted here.", Tone.STRONG),),)

    # Keys

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the entry with its differences."""
        from tui.screens.audit_entry import AuditEntryScreen

        row = self.table.cursor_row
        if row and self.known and (known := self.known.entries.get(row.key)):
            self.app.push_screen(AuditEntryScreen(known[0]))

    def action_find(self) -> None:
        """Asks what to find."""
        self.app.push_screen(FindEntries(self._wanted), self._find)

    def _find(self, wanted: EntriesWanted | None) -> None:
        if wanted is not None:
            self._wanted, self._limit = wanted, PAGE
            self.fleet_changed()

    def action_read_older(self) -> None:
        """Reads another page."""
        if self.known is not None and self.known.has_more:
            self._limit += PAGE
            self.fleet_changed()
        else:
            self.deck.say("There are no older entries.")

    def action_verify(self) -> None:
        """Verifies the chain, and says what came of it in the title, too."""
        audit_deeds.verify(self.deck, self._take_verdict)

    def _take_verdict(self, verdict: Piece) -> None:
        self._verdict = verdict
        if self.is_up:
            self.show_title()

    def action_copy_head(self) -> None:
        """Copies the newest hash."""
        audit_deeds.copy_head(self.deck)

    def action_back(self) -> None:
        """Clears the filter, then what was asked for, then goes back."""
        if not self.table.filter_text and self._is_found:
            self._find(self._first_wanted)
        else:
            super().action_back()
