"""Why an update is not installed: every reason of one machine, or of all that miss it, with evidence and remedy."""

from collections.abc import Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.reasons.reason import Reason
from fleet.reasons.summary import ReasonGroup
from fleet.status import MachineStatus
from ops.apart.reader import ask_apart
from ops.cli.values import count_of
from ops.cli.why_listing import answer_lines, group_lines
from ops.missing import MissingUpdate, list_missing
from ops.missing_groups import key_of
from ops.why.answers import Answer, group_answers, why_everywhere, why_here
from tui.followed_updates import FollowedUpdates
from tui.rows.update_names import copied_name
from tui.rows.why_rows import (
    GROUP_COLUMNS,
    REASON_COLUMNS,
    describe_reason,
    group_rows,
    reason_rows,
)
from tui.run_feed import RunFeed
from tui.screens.detailed_screen import DetailedScreen
from tui.screens.full_text import FullText
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

_COPY = Binding("Y", "copy_command", "copy command", tooltip="Copy the command of the remedy under the cursor")
_VIEW = Binding("v", "view", "all of it", tooltip="All reasons in full, as text to be read and copied")
_BACK = Binding("escape", "back", "back", tooltip="Clear the filter, else go back")


# Nor whether a service ran, what a plan lacked of approvals, and how long a run would have taken.
PAST_NOTE = "by the groups and the scope of now"


class WhyScreen(ReadingScreen[Answer]):
    """Why ``missing`` is not installed on its machine; ``others`` are what the machine misses, itself among them, None
    where that is to be read.
    """

    COLUMNS = REASON_COLUMNS
    DEFAULT_ORDER = "what stops it first"
    KEEPS_PAST = True
    READS = "reasons"
    crumb = "Why not"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "open", tooltip="Go to what the reason is about: the run, else the machine"),
        Binding("m", "open_machine", "machine", tooltip="The machine's own page"),
        _COPY,
        _VIEW,
        Binding("r,A", "assess", "assess", tooltip="Assess the machine now"),
        _BACK,
    ]

    def __init__(self, missing: MissingUpdate, others: Sequence[MissingUpdate] | None = None) -> None:
        super().__init__()
        self._missing = missing
        self.about = (missing.machine_id, key_of(missing.update))
        self._others = others
        self._followed = FollowedUpdates([missing])

    def news(self) -> Signal[None]:
        """Deployments, runs and approvals that changed, whoever changed them."""
        return self.deck.work.changed

    def read(self, statuses: Sequence[MachineStatus]) -> Answer:
        """Every reason, by what is known at the instant that is shown; none where the machine misses it no more."""
        at, others, home = self.deck.instant, self._others, self.deck.home
        missing = next(iter(self._followed.read(self.deck)), None)
        if missing is None:
            return Answer(self._missing, ())
        if others is None or at is not None:
            others = ask_apart(home, list_missing, [missing.machine_id], at)
        then = None if at is None else statuses
        return why_here(home, missing, [each.update for each in others], self.shown_now, then)

    def past_note(self) -> str:
        """What is not kept of then."""
        return PAST_NOTE

    def rows_of(self, known: Answer) -> Sequence[Row]:
        """A row for each."""
        return reason_rows(known.reasons)

    @property
    def table_title(self) -> str:
        """The update and its machine."""
        return f"Why {copied_name(self._missing.update)} is not installed on {self._missing.machine_name}"

    def title_facts(self) -> list[Piece]:
        """How many reasons stop it."""
        if self.known is None:
            return []
        if not self.known.reasons:
            return [Piece("not missing any more", Tone.GOOD)]
        stopping = sum(each.stops for each in self.known.reasons)
        return [Piece(f"{stopping} stop{'s' if stopping == 1 else ''} it now", Tone.BAD if stopping else Tone.GOOD)]

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the reason under the cursor."""
        return describe_reason(reason) if (reason := self._reason_of(row)) else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """It came, or another version is offered."""
        return (
            (Piece("The machine does not miss this update any more, in this version.", Tone.STRONG),),
            (Piece("m", Tone.KEY), Piece("  shows the machine: what it misses now, and its history")),
        )

    def _reason_of(self, row: Row | None) -> Reason | None:
        number = int(row.key) if row else -1
        return self.known.reasons[number] if self.known and 0 <= number < len(self.known.reasons) else None

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Goes to the run that shows the reason, else to the machine."""
        reason = self._reason_of(self.table.cursor_row)
        if reason is None or not reason.run_id:
            self.action_open_machine()
            return
        from tui.screens.run_machine import RunMachineScreen

        self.app.push_screen(RunMachineScreen(RunFeed(self.deck.home, reason.run_id), self._missing.machine_id))

    def action_open_machine(self) -> None:
        """Opens the machine's page."""
        self.deck.open_machine(self._missing.machine_id)

    def action_copy_command(self) -> None:
        """Copies the command of the remedy under the cursor."""
        copy_command(self, self._reason_of(self.table.cursor_row))

    def action_view(self) -> None:
        """Shows all of it in full, as `patchdeck why` prints it."""
        if text := self.paged_text():
            self.app.push_screen(FullText(self.table_title, text))

    def paged_text(self) -> str:
        """All reasons, not the one under the cursor alone."""
        return "\n".join(answer_lines(self.known, None)) if self.known and self.known.reasons else ""

    def action_assess(self) -> None:
        """Assesses the machine."""
        if status := self.deck.fleet.find(self._missing.machine_id):
            self.deck.deeds.assess([status.machine])


class WhyEverywhereScreen(ReadingScreen[list[Answer]]):
    """Why ``missing``, one update on each of its machines, is not installed, grouped by reason."""

    COLUMNS = GROUP_COLUMNS
    DEFAULT_ORDER = "what stops most first"
    KEEPS_PAST = True
    READS = "reasons"
    crumb = "Why not"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "machines", tooltip="The machines that have the reason under the cursor"),
        _COPY,
        _VIEW,
        _BACK,
    ]

    def __init__(self, missing: Sequence[MissingUpdate]) -> None:
        super().__init__()
        self._missing = tuple(missing)
        self.about = frozenset(key_of(each.update) for each in missing)
        self._followed = FollowedUpdates(missing)
        self._groups: dict[str, ReasonGroup] = {}

    def read(self, statuses: Sequence[MachineStatus]) -> list[Answer]:
        """Every reason of every machine that misses it still, by what is known at the instant that is shown."""
        missing, then = self._followed.read(self.deck), None if self.deck.instant is None else statuses
        return why_everywhere(self.deck.home, missing, self.shown_now, then) if missing else []

    def past_note(self) -> str:
        """What is not kept of then."""
        return PAST_NOTE

    def rows_of(self, known: list[Answer]) -> Sequence[Row]:
        """A row for each reason."""
        self._groups = {group.key: group for group in group_answers(known)}
        return group_rows(self._groups.values())

    @property
    def table_title(self) -> str:
        """The update; of several, how many."""
        names = {copied_name(each.update) for each in self._missing}
        return (
            f"Why {names.pop()} is not installed" if len(names) == 1 else f"Why {len(names)} updates are not installed"
        )

    def title_facts(self) -> list[Piece]:
        """On how many machines something stops it."""
        if self.known is None:
            return []
        stopped = len({each.missing.machine_id for each in self.known if each.reasons[0].stops})
        facts = (
            f"stopped on {stopped:,} of {count_of(len({each.missing.machine_id for each in self.known}), 'machine')}"
        )
        return [Piece(facts, Tone.BAD if stopped else Tone.GOOD)]

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """It came everywhere, or another version is offered."""
        return (
            (Piece("No machine misses this update any more, in this version."),),
            (Piece("esc", Tone.KEY), Piece("  goes back")),
        )

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """The reason as it is of the first of its machines."""
        return describe_reason(group.example) if (group := self._groups.get(row.key)) else ()

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows the machines that have the reason."""
        row = self.table.cursor_row
        if row and self.known and (group := self._groups.get(row.key)):
            from tui.screens.behind_reason import BehindReasonScreen

            self.app.push_screen(BehindReasonScreen(group, self.known))

    def action_view(self) -> None:
        """Shows all of it in full, as `patchdeck why` prints it."""
        if text := self.paged_text():
            self.app.push_screen(FullText(self.table_title, text))

    def paged_text(self) -> str:
        """All reasons, not the one under the cursor alone."""
        return "\n".join(group_lines([*self._groups.values()], None))

    def action_copy_command(self) -> None:
        """Copies the command of the remedy under the cursor."""
        row = self.table.cursor_row
        group = self._groups.get(row.key) if row else None
        copy_command(self, group.example if group else None)


def copy_command(screen: DetailedScreen, reason: Reason | None) -> None:
    """Copies the command of ``reason``; says so where it has none."""
    if reason is None or not reason.command:
        screen.deck.say("This reason has no command of Patchdeck; y copies the row.")
    else:
        screen.deck.copy(reason.command, reason.command)
