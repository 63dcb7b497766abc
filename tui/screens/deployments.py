"""The deployments: what is installed where and when, when each starts next, what became of its last run."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType

from ops.cli.values import count_of
from tui.background import read_at_instant
from tui.rows.deployment_rows import DEPLOYMENT_COLUMNS, deployment_rows, describe_deployment
from tui.screens.detailed_screen import DetailedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.errors import PatchdeckError
    from ops.deployments.overview import DeploymentOverview


class DeploymentsScreen(DetailedScreen):
    """One row for each deployment."""

    crumb = "Deployments"
    ROW_ACTIONS = DetailedScreen.ROW_ACTIONS | {"edit", "edit_text", "preview", "remove", "run", "show", "switch"}
    COLUMNS = DEPLOYMENT_COLUMNS
    DEFAULT_ORDER = "name"
    KEEPS_PAST = True
    STEPS_BY = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "runs", tooltip="The runs of the deployment under the cursor"),
        Binding("p", "preview", "preview", tooltip="What it would do now, machine by machine; installs nothing"),
        Binding("r", "run", "run", tooltip="Run it; asks for the number of machines or the name"),
        Binding("e", "edit", "edit", tooltip="Edit it in steps, and see meanwhile what it comes to"),
        Binding("E", "edit_text", "$EDITOR", show=False, tooltip="Edit it in $EDITOR, as it was read, else as TOML"),
        Binding("n", "add", "new", tooltip="Define a new deployment"),
        Binding("o", "switch", "on/off", tooltip="Enable or disable it: the schedule of a disabled one starts nothing"),
        Binding("c", "show_calendar", "calendar", tooltip="When everything starts next, as a calendar"),
        Binding("v", "show", "view", show=False, tooltip="All of its definition"),
        Binding("A", "show_approvals", "approvals", show=False, tooltip="Who approved which of its plans"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove it; asks for its name, the history stays"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._overviews: dict[str, DeploymentOverview] | None = None
        self._is_reading = False
        self._reads_again = False

    def on_mount(self) -> None:
        """Follows the changes of deployments and runs."""
        self.deck.work.changed.subscribe(self, lambda _: self._follow())

    def fleet_changed(self) -> None:
        """Reads the deployments anew."""
        from ops.deployments.overview import overviews

        if self._is_reading:
            self._reads_again = True
            return
        self._is_reading, deck = True, self.deck
        work = lambda at: overviews(deck.home, deck.clock(), at=at)  # noqa: E731  # one expression, used once
        read_at_instant(deck, work, self._take, self._fail, what="reading the deployments")

    def instant_changed(self) -> None:
        """Forgets how deployments were at another instant."""
        self._overviews = None
        if self.is_up:
            self.table.set_rows(())
            self.show_notice()
            self.show_detail()

    def past_note(self) -> str:
        """Whom groups and the scope meant is not kept."""
        return "by the groups and the scope of now"

    def _take(self, found: "Sequence[DeploymentOverview]") -> None:
        self.problem = ""
        self._overviews = {each.stored.deployment.name: each for each in found}
        self._done()
        if self.is_up:
            self.table.set_rows(deployment_rows(found, self.deck.clock()))
            self.show_notice()
            self.show_title()
            self.show_detail()

    def _fail(self, error: "PatchdeckError") -> None:
        self._done()
        self.fail_to_read(error)

    def _done(self) -> None:
        self._is_reading = False
        if self._reads_again:
            self._reads_again = False
            self.fleet_changed()

    @property
    def _current(self) -> "DeploymentOverview | None":
        row = self.table.cursor_row
        return (self._overviews or {}).get(row.key) if row else None

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """What the deployment in ``row`` does, when, where."""
        overview = (self._overviews or {}).get(row.key)
        return describe_deployment(overview) if overview else ()

    def title_facts(self) -> list[Piece]:
        """How many are enabled, and how many runs go on."""
        known = (self._overviews or {}).values()
        enabled = sum(each.stored.deployment.enabled for each in known)
        going_on = sum(len(each.open_runs) for each in known)
        facts = [Piece(f"{enabled:,} enabled", Tone.DIM)] if known else []
        if going_on:
            facts.append(Piece(f"{count_of(going_on, 'run')} waiting or in progress", Tone.ACCENT))
        return facts

    def empty_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What a deployment is, and how to have one."""
        if self._overviews is None:
            return ((Piece("Reading the deployments …", Tone.DIM),),)
        return (
            (Piece("No deployment is defined yet.", Tone.STRONG),),
            (),
            (
                Piece(
                    "A deployment says which updates are installed on which machines, when, and in which order.",
                    Tone.DIM,
                ),
            ),
            (Piece("n", Tone.KEY), Piece("  define one; it starts nothing by itself")),
            (),
            (Piece("On the command line: patchdeck deployments add --help", Tone.DIM),),
        )

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens the runs too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the runs of the deployment under the cursor."""
        from tui.screens.runs import RunsScreen

        if overview := self._current:
            self.app.push_screen(RunsScreen(overview.stored.deployment.name))

    def action_preview(self) -> None:
        """Shows what it would do."""
        from tui.screens.preview import PreviewScreen

        if overview := self._current:
            self.app.push_screen(PreviewScreen(overview.stored.deployment))

    def action_run(self) -> None:
        """Asks whether to run it."""
        from tui.deployment_deeds import ask_to_run

        if overview := self._current:
            ask_to_run(self.deck, overview.stored.deployment)

    def action_edit(self) -> None:
        """Opens it in the form."""
        from tui.deployment_deeds import edit

        if overview := self._current:
            edit(self.deck, overview.stored)

    def action_edit_text(self) -> None:
        """Opens it in the editor."""
        from tui.deployment_deeds import edit_text

        if overview := self._current:
            edit_text(self.deck, overview.stored)

    def action_add(self) -> None:
        """Asks for a new one."""
        from tui.deployment_deeds import add

        add(self.deck)

    def action_switch(self) -> None:
        """Enables or disables it."""
        from tui.deployment_deeds import switch

        if overview := self._current:
            switch(self.deck, overview)

    def action_show_calendar(self) -> None:
        """Shows when everything starts next."""
        from tui.screens.calendar import CalendarScreen

        self.app.push_screen(CalendarScreen())

    def action_show_approvals(self) -> None:
        """Shows the approvals of its plans."""
        from tui.screens.approvals import ApprovalsScreen

        if overview := self._current:
            self.app.push_screen(ApprovalsScreen(overview.stored.deployment.name))

    def action_show(self) -> None:
        """Shows all of its definition."""
        from ops.cli.deployment_page import page_facts
        from tui.screens.record import RecordOverlay

        if overview := self._current:
            facts = [(Piece(name, Tone.DIM), Piece(text)) for name, text in page_facts(overview)]
            self.app.push_screen(RecordOverlay(facts))

    def action_remove(self) -> None:
        """Asks whether to remove it."""
        from tui.deployment_deeds import ask_to_remove

        if overview := self._current:
            ask_to_remove(self.deck, overview)
