"""What the screens of one run have in common: they follow it while it goes on."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType

from tui.run_feed import RunFeed, Wanted
from tui.screens.detailed_screen import DetailedScreen
from tui.widgets.rows import Row

# What others ask of a run is seen within a second, reading included.
LOOK_SECONDS = 0.75


class FollowingScreen(DetailedScreen):
    """Looks at the run of ``feed`` once a second while it is in front. Subclasses show it in `fleet_changed`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "a", "approve", "approve", show=False, tooltip="Approve the run's plan, where it needs that; asks first"
        ),
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back; the run goes on"),
    ]

    KEEPS_PAST = True
    STEPS_BY = "runs"

    def __init__(self, feed: RunFeed) -> None:
        super().__init__()
        self.feed = feed
        self.steps_about = feed.run_id

    def on_mount(self) -> None:
        """Follows the run from now on."""
        self.set_interval(LOOK_SECONDS, self.look)
        self.look()

    def instant_changed(self) -> None:
        """Shows the run as it stood at the instant from now on."""
        if self.is_up:
            self.table.set_rows(())
            self.look()

    def look(self) -> None:
        """Looks whether there is anything new."""
        if self.is_current or not self.feed.run:
            self.feed.look(self.deck, self.wanted(), self._changed)

    def wanted(self) -> Wanted | None:
        """Whose log or commands are to be read too."""
        return None

    def action_approve(self) -> None:
        """Asks whether to approve the plan of the run."""
        from tui.approval_deeds import ask_to_approve_run

        if run := self.feed.run:
            ask_to_approve_run(self.deck, run)

    def put_rows(self, rows: Sequence[Row]) -> None:
        """Shows ``rows``; where only some of them changed, only these are drawn anew."""
        contents = self.table.contents
        is_arranged = contents.sorting is not None or contents.filter_text
        if is_arranged or [row.key for row in contents.rows] != [row.key for row in rows]:
            self.table.set_rows(rows)
            return
        self.table.replace_rows(new for old, new in zip(contents.rows, rows, strict=True) if old != new)

    def _changed(self) -> None:
        # The feed is shared: whichever screen of the run is in front by now shows it.
        front = self.app.screen
        if isinstance(front, FollowingScreen) and front.feed is self.feed and front.is_up:
            front.fleet_changed()
