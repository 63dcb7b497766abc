"""One update: what its advisories say, its CVEs by the feeds, and the runs that take it next."""

from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.status import MachineStatus
from ops.apart.reader import ask_apart
from ops.cli.values import count_of
from ops.missing import MissingUpdate
from ops.missing_groups import key_of
from ops.update_about import UpdateAbout, about_update
from tui.followed_updates import FollowedUpdates
from tui.rows.about_rows import (
    ADVISORY_COLUMNS,
    CVE_COLUMNS,
    RUN_COLUMNS,
    advisory_rows,
    cve_rows,
    describe_cve,
    run_rows,
)
from tui.rows.update_names import copied_name
from tui.rows.why_rows import describe_reason
from tui.screens.tabbed_screen import TabbedScreen
from tui.screens.why import WhyEverywhereScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row

_ADVISORY, _CVES, _RUNS = range(3)


class UpdateScreen(TabbedScreen[UpdateAbout]):
    """What is known of the update that ``missing`` is, each on its machine."""

    COLUMNS = ADVISORY_COLUMNS
    TAB_COLUMNS = (ADVISORY_COLUMNS, CVE_COLUMNS, RUN_COLUMNS)
    READS = "what is known of the update"
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "why", "why not", tooltip="Why it is not installed: every reason over all its machines"),
        Binding("Y", "copy_name", "copy KB", show=False, tooltip="Copy the KB of the update, or the package's name"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, missing: Sequence[MissingUpdate]) -> None:
        super().__init__()
        self._missing = tuple(missing)
        self.about = frozenset(key_of(each.update) for each in missing)
        self._followed = FollowedUpdates(missing)
        self.crumb = f"About {copied_name(self._missing[0].update)}"

    def read(self, statuses: Sequence[MachineStatus]) -> UpdateAbout:
        """All of it, as of the instant that is shown; without machines and runs where none misses it any more."""
        del statuses
        missing = self._followed.read(self.deck)
        about = ask_apart(self.deck.home, about_update, missing or self._missing, self.shown_now, self.deck.instant)
        return about if missing else replace(about, machines=(), runs=())

    def past_note(self) -> str:
        """Feeds keep no past, nor do groups."""
        return "CVEs and groups as they are now"

    def tab_names(self, known: UpdateAbout) -> Sequence[str]:
        """How many CVEs there are, and runs that take it."""
        return ("Advisory", f"CVEs {len({each.cve for each in known.cves})}", f"Next runs {len(known.runs)}")

    def rows_of(self, known: UpdateAbout) -> Sequence[Row]:
        """The rows of the tab in front."""
        if self.tab == _ADVISORY:
            return advisory_rows(known, self.shown_now)
        return cve_rows(known) if self.tab == _CVES else run_rows(known)

    @property
    def table_title(self) -> str:
        """The update."""
        return f"About {copied_name(self._missing[0].update)}"

    def title_facts(self) -> list[Piece]:
        """Who needs it, and whether somebody uses one of its holes already."""
        if self.known is None:
            return []
        needed = Piece(f"needed by {count_of(len(self.known.machines), 'machine')}", Tone.DIM)
        exploited = any(each.is_exploited for each in self.known.cves)
        return [needed, *([Piece("known to be exploited", Tone.BAD)] if exploited else [])]

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor."""
        known = self.known
        if known is None or self.tab == _ADVISORY:
            return [(Piece(row.cells[0], Tone.DIM),), (Piece(row.cells[1]),)]
        number = int(row.key)
        return describe_cve(known.cves[number]) if self.tab == _CVES else describe_reason(known.runs[number].reason)

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """No CVE is known, or nothing takes it: those have their keys."""
        if self.tab == _CVES:
            none = "No CVE is known for it, by the machines' own metadata or a feed."
            return ((Piece(none),), (Piece("patchdeck feeds list", Tone.KEY), Piece("  says which feeds are read")))
        return ((Piece("No run takes it next."),), (Piece("w", Tone.KEY), Piece("  says why it is not installed")))

    def action_why(self) -> None:
        """Shows why it is not installed."""
        self.app.push_screen(WhyEverywhereScreen(self._missing))

    def action_copy_name(self) -> None:
        """Copies the KB of the update, or the package's name."""
        copied = copied_name(self._missing[0].update)
        self.deck.copy(copied, copied)
