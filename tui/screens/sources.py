"""The lists that machines came from: what each names, when it was read, and why it could not be."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from fleet.importing.source import Source
from fleet.status import MachineStatus
from tui import import_deeds, source_deeds
from tui.rows.source_rows import SOURCE_COLUMNS, describe_source, source_row
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable


class SourcesScreen(ReadingScreen[dict[str, Source]]):
    """One row for each list, those too that were taken once."""

    crumb = "Lists"
    about = "lists"
    ROW_ACTIONS = ReadingScreen.ROW_ACTIONS | {"edit", "forget", "read_now"}
    READS = "the lists"
    COLUMNS = SOURCE_COLUMNS
    DEFAULT_ORDER = "name"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "preview", tooltip="What importing the list again would do; nothing is done by that"),
        Binding("r", "read_now", "read now", tooltip="Read the list now and take over what it says"),
        Binding("e", "edit", "edit", tooltip="Where it lies, how often it is read, and what of it is wanted"),
        Binding("i", "import_list", "import", tooltip="Import another list; shows first what it would do"),
        Binding("D", "forget", "forget", show=False, tooltip="Forget the list; its machines and groups stay"),
        Binding("f5", "again", "again", show=False, tooltip="Look again when each was read"),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def read(self, statuses: Sequence[MachineStatus]) -> dict[str, Source]:
        """Every list; blocking."""
        del statuses
        from ops.importing.sources import list_sources

        return {source.name: source for source in list_sources(self.deck.home)}

    def rows_of(self, known: dict[str, Source]) -> Sequence[Row]:
        """A row for each list."""
        return [source_row(source, self.shown_now) for source in known.values()]

    @property
    def _current(self) -> Source | None:
        row = self.table.cursor_row
        return (self.known or {}).get(row.key) if row else None

    def title_facts(self) -> list[Piece]:
        """How many are followed, and how many could not be read."""
        known = (self.known or {}).values()
        broken = sum(bool(source.error) for source in known)
        facts = [Piece(f"{sum(source.followed for source in known):,} followed", Tone.DIM)]
        return facts + ([Piece(f"{broken:,} could not be read", Tone.BAD)] if broken else [])

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the list in ``row``."""
        source = (self.known or {}).get(row.key)
        return describe_source(source) if source else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a list is, and how to have one."""
        return (
            (Piece("No list was imported yet.", Tone.STRONG),),
            (),
            (Piece("A list that is followed is read again from time to time. Machines", Tone.DIM),),
            (Piece("that it ceases to name are marked, never removed, and what was", Tone.DIM),),
            (Piece("changed by hand stays.", Tone.DIM),),
            (Piece("i", Tone.KEY), Piece("  import one: ~/.ssh/config, an Ansible inventory, CSV …")),
            (),
            (Piece("On the command line: patchdeck sources --help", Tone.DIM),),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click previews it too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows what importing the list under the cursor again would do."""
        from tui.screens.import_form import WantedList

        if source := self._current:
            import_deeds.preview(self.deck, WantedList(source.request, source.following if source.followed else None))

    def action_read_now(self) -> None:
        """Reads the list under the cursor."""
        if source := self._current:
            source_deeds.read_now(self.deck, source, self.fleet_changed)

    def action_edit(self) -> None:
        """Asks how it is followed."""
        if source := self._current:
            source_deeds.edit(self.deck, source)

    def action_import_list(self) -> None:
        """Asks for another list."""
        import_deeds.ask_for_list(self.deck)

    def action_forget(self) -> None:
        """Asks whether to forget it."""
        if source := self._current:
            source_deeds.ask_to_forget(self.deck, source)

    def action_again(self) -> None:
        """Reads them anew."""
        self.fleet_changed()
