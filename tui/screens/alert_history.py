"""What became of the alerts of one rule, or of one of them: opened, told again, acknowledged, resolved."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.alerts.rule import AlertRule
from fleet.alerts.wording import describe_condition
from fleet.status import MachineStatus
from tui.rows.alert_rows import EVENT_COLUMNS, about_text, describe_event, event_rows
from tui.screens.reading_screen import ReadingScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row

if TYPE_CHECKING:
    from ops.state.alerts import StoredEvent

# As on the screen of all alerts.
MOST_EVENTS = 1_000


class AlertHistoryScreen(ReadingScreen["dict[str, StoredEvent]"]):
    """The events of ``rule``, the newest first; of ``key`` only, where it is given."""

    READS = "the history of alerts"
    COLUMNS = EVENT_COLUMNS
    KEEPS_PAST = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "back", "back", tooltip="Clear the filter, else go back"),
    ]

    def __init__(self, rule: AlertRule, key: str | None = None) -> None:
        super().__init__()
        self._rule = rule
        self._key = key
        self.about = (rule.id, key)
        self.crumb = rule.name if key is None else f"{rule.name}: {about_text(key)}"

    def news(self) -> Signal[None]:
        """Whatever is written."""
        return self.deck.work.written

    def read(self, statuses: Sequence[MachineStatus]) -> "dict[str, StoredEvent]":
        """The newest events; blocking."""
        del statuses
        from ops.state.alerts import AlertBook
        from ops.state.database import opened

        with opened(self.deck.home.state_file) as connection:
            book = AlertBook(connection)
            instant, most = self.deck.instant, MOST_EVENTS
            limit = most if instant is None else None
            found = book.events(rule_id=self._rule.id, key=self._key, newest_first=True, limit=limit)
        by_then = [each for each in found if instant is None or each.event.at <= instant]
        return {str(each.number): each for each in by_then[:most]}

    def rows_of(self, known: "dict[str, StoredEvent]") -> Sequence[Row]:
        """A row for each event."""
        return event_rows(known.values())

    @property
    def table_title(self) -> str:
        """What the rows are."""
        return "What became of it"

    def title_facts(self) -> list[Piece]:
        """What the rule looks at, and whether there is more."""
        facts = [Piece(describe_condition(self._rule), Tone.DIM)]
        if self.known is not None and len(self.known) == MOST_EVENTS:
            facts.insert(0, Piece(f"newest {MOST_EVENTS:,} only", Tone.PENDING))
        return facts

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the event in ``row``."""
        stored = (self.known or {}).get(row.key)
        return describe_event(stored) if stored else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """That it never alerted, and how to see whether it would have."""
        return (
            (Piece(f"The rule {self._rule.name} opened no alert yet.", Tone.STRONG),),
            (Piece("esc", Tone.KEY), Piece("  goes back, where b shows when it would have in the past")),
        )
