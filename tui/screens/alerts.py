"""Alerts: what is open now, the rules that open them, and what became of those before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.binding import Binding, BindingType
from textual.signal import Signal

from fleet.status import MachineStatus
from tui import alert_deeds
from tui.rows.alert_rows import (
    ALERT_COLUMNS,
    EVENT_COLUMNS,
    alert_rows,
    describe_alert,
    describe_event,
    event_rows,
    gravest_facts,
)
from tui.rows.alert_rule_rows import RULE_COLUMNS, describe_rule, rule_rows
from tui.screens.tabbed_screen import TabbedScreen
from tui.tones import Tone
from tui.widgets.line import Piece
from tui.widgets.rows import Row
from tui.widgets.table import BigTable

if TYPE_CHECKING:
    from fleet.alerts.rule import AlertRule
    from ops.alerts.book import OpenAlert
    from ops.past.alerts import PastAlerts
    from ops.state.alerts import StoredEvent

OPEN, RULES, HISTORY = range(3)
# What anybody scrolls through; `patchdeck alerts history` and the table Alert have all.
MOST_EVENTS = 1_000


@dataclass(frozen=True, slots=True)
class AlertsNow:
    """The rules, the open alerts by their ids, and the newest events by their numbers."""

    rules: "Mapping[str, AlertRule]"
    alerts: "Mapping[str, OpenAlert]"
    events: "Mapping[str, StoredEvent]"


def _alerts_of(then: "PastAlerts") -> AlertsNow:
    newest = list(reversed(then.events))[:MOST_EVENTS]
    return AlertsNow(
        then.rules,
        {each.record.alert_id: each for each in then.alerts},
        {str(each.number): each for each in newest},
    )


class AlertsScreen(TabbedScreen[AlertsNow]):
    """Open alerts, the gravest first; the rules; what became of alerts, the newest first."""

    crumb = "Alerts"
    READS = "the alerts"
    COLUMNS = ALERT_COLUMNS
    KEEPS_PAST = True
    STEPS_BY = "alerts"
    TAB_COLUMNS = (ALERT_COLUMNS, RULE_COLUMNS, EVENT_COLUMNS)
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "open", "history", tooltip="What became of the alert, or of all alerts of the rule"),
        Binding("a", "acknowledge", "take", tooltip="Acknowledge the marked alerts or this one, with a note"),
        Binding("o", "switch", "on/off", tooltip="Enable or disable the rule: a disabled one is not evaluated"),
        Binding("n", "add", "new", tooltip="Add a rule, from the starter set or written by yourself"),
        Binding("e", "edit", "edit", tooltip="Edit the rule: what it looks at, when that is too much, who is told"),
        Binding("p", "preview", "preview", show=False, tooltip="What the rule would say now; tells nobody"),
        Binding("b", "back_test", "back-test", tooltip="When the rule would have alerted in the past"),
        Binding("M", "open_machine", "machine", show=False, tooltip="The page of the machine that it is about"),
        Binding("c", "show_channels", "channels", show=False, tooltip="The ways on which people are told"),
        Binding("m", "show_messages", "messages", show=False, tooltip="What people were told, and whether it came"),
        Binding("D", "remove", "remove", show=False, tooltip="Remove the rule; asks for its name, the history stays"),
        Binding("space", "mark", "mark", show=False, tooltip="Mark the row, go on to the next"),
        Binding("ctrl+a", "mark_all", "mark all", show=False, tooltip="Mark all rows shown, or none"),
        Binding("tab", "turn(1)", "next tab", tooltip="The next tab: open alerts, rules, history"),
    ]

    def news(self) -> Signal[None]:
        """Whatever is written: the service opens and resolves alerts, nobody decides that."""
        return self.deck.work.written

    def read(self, statuses: Sequence[MachineStatus]) -> AlertsNow:
        """Rules, open alerts and the newest events; blocking."""
        del statuses
        from ops.alerts.book import OpenAlert
        from ops.past.alerts import alerts_at
        from ops.state.alerts import AlertBook
        from ops.state.database import opened

        if (instant := self.deck.instant) is not None:
            return _alerts_of(alerts_at(self.deck.home, instant))
        with opened(self.deck.home.state_file) as connection:
            book = AlertBook(connection)
            rules = {rule.id: rule for rule in book.list()}
            records = [(rules.get(rule_id), record) for rule_id, record in book.all_records() if record.is_open]
            events = book.events(newest_first=True, limit=MOST_EVENTS)
        alerts = [OpenAlert(rule, record) for rule, record in records if rule is not None]
        return AlertsNow(
            rules, {each.record.alert_id: each for each in alerts}, {str(each.number): each for each in events}
        )

    # What is shown

    def rows_of(self, known: AlertsNow) -> Sequence[Row]:
        """The rows of the tab in front."""
        if self.tab == OPEN:
            return alert_rows(known.alerts.values(), self.deck.clock())
        if self.tab == RULES:
            return rule_rows(known.rules.values(), known.alerts.values())
        return event_rows(known.events.values())

    def tab_names(self, known: AlertsNow) -> Sequence[str]:
        """How many are open, how many rules are on, how many events are shown."""
        on = sum(rule.is_enabled for rule in known.rules.values())
        return (f"Open {len(known.alerts):,}", f"Rules {on:,} of {len(known.rules):,} on", "History")

    @property
    def table_title(self) -> str:
        """What the tab shows."""
        return ("Open alerts", "Rules", "What became of alerts")[self.tab]

    def title_facts(self) -> list[Piece]:
        """How grave what is open is, and whether there is more history."""
        if self.known is None:
            return []
        facts = gravest_facts(self.known.alerts.values())
        if self.tab == HISTORY and len(self.known.events) == MOST_EVENTS:
            facts.append(Piece(f"newest {MOST_EVENTS:,} only", Tone.PENDING))
        return facts

    def describe(self, row: Row) -> Sequence[Sequence[Piece]]:
        """All of the row under the cursor."""
        known = self.known
        if known is None:
            return ()
        if self.tab == OPEN and row.key in known.alerts:
            return describe_alert(known.alerts[row.key], self.deck.clock())
        if self.tab == RULES and row.key in known.rules:
            return describe_rule(known.rules[row.key])
        return describe_event(known.events[row.key]) if row.key in known.events else ()

    def nothing_notice(self) -> tuple[tuple[Piece, ...], ...]:
        """What it means that there is nothing, and what to do."""
        turn = (Piece("tab", Tone.KEY), Piece("  goes to the rules, where n adds one of the starter set"))
        if self.known is not None and self.known.rules and self.tab != RULES:
            on = sum(rule.is_enabled for rule in self.known.rules.values())
            told = "No alert is open." if self.tab == OPEN else "No alert was opened yet."
            return (
                (Piece(told, Tone.STRONG),),
                (Piece(f"{on:,} of {len(self.known.rules):,} rules are on.", Tone.DIM),),
            )
        if self.tab == RULES:
            turn = (Piece("n", Tone.KEY), Piece("  adds one, from the starter set or written by yourself"))
        return (
            (Piece("There is no rule of alerts yet: nothing alerts of anything.", Tone.STRONG),),
            (),
            (Piece("A rule watches runs, or the rows of a saved query, and tells people.", Tone.DIM),),
            turn,
            (),
            (Piece("On the command line: patchdeck alerts starter", Tone.DIM),),
        )

    # Keys

    @property
    def _alert(self) -> "OpenAlert | None":
        row = self.table.cursor_row
        return self.known.alerts.get(row.key) if row and self.known and self.tab == OPEN else None

    @property
    def _rule(self) -> "AlertRule | None":
        """The rule under the cursor, also by one of its alerts."""
        row, known = self.table.cursor_row, self.known
        if row is None or known is None:
            return None
        if self.tab == HISTORY:
            return known.rules.get(known.events[row.key].event.rule_id)
        alert = self._alert
        return alert.rule if alert is not None else known.rules.get(row.key)

    def on_big_table_chosen(self, event: BigTable.Chosen) -> None:
        """A double click opens too."""
        event.stop()
        self.action_open()

    def action_open(self) -> None:
        """Shows what became of the alert, or of the alerts of the rule."""
        from tui.screens.alert_history import AlertHistoryScreen

        if (rule := self._rule) is None:
            return
        row, key = self.table.cursor_row, None
        if self.tab == OPEN and self._alert is not None:
            key = self._alert.record.key
        elif self.tab == HISTORY and row is not None and self.known is not None:
            key = self.known.events[row.key].event.key
        self.app.push_screen(AlertHistoryScreen(rule, key))

    def action_mark(self) -> None:
        """Marks the row."""
        self.table.toggle_mark()

    def action_mark_all(self) -> None:
        """Marks all rows shown, or none."""
        self.table.toggle_all_marks()

    def action_acknowledge(self) -> None:
        """Asks for a note, and acknowledges the marked alerts or the one under the cursor."""
        if self.tab != OPEN or self.known is None:
            self.deck.say("Alerts are acknowledged in the first tab: it lists those that are open.")
            return
        marked = [alert for key, alert in self.known.alerts.items() if key in self.table.contents.marks]
        chosen = marked or ([self._alert] if self._alert else [])
        if chosen:
            alert_deeds.ask_to_acknowledge(self.deck, chosen, self.table.clear_marks)

    def action_switch(self) -> None:
        """Enables or disables the rule."""
        if rule := self._rule:
            alert_deeds.switch(self.deck, rule)

    def action_add(self) -> None:
        """Shows the starter set, and what one can write oneself."""
        alert_deeds.add(self.deck)

    def action_edit(self) -> None:
        """Asks for another definition of the rule."""
        if rule := self._rule:
            alert_deeds.edit(self.deck, rule)

    def action_preview(self) -> None:
        """Shows what the rule would say now."""
        if rule := self._rule:
            alert_deeds.preview(self.deck, rule)

    def action_back_test(self) -> None:
        """Asks for a time of the past, and shows when the rule would have alerted."""
        if rule := self._rule:
            alert_deeds.ask_to_back_test(self.deck, rule)

    def action_remove(self) -> None:
        """Asks for the name of the rule, and removes it."""
        if rule := self._rule:
            alert_deeds.ask_to_remove(self.deck, rule)

    def action_open_machine(self) -> None:
        """Opens the page of the machine that the alert is about."""
        about = self._alert.record.machine if self._alert else ""
        fleet = self.deck.fleet
        if status := fleet.find(about) or fleet.find_by_name(about):
            self.deck.open_machine(status.machine.id)
        else:
            self.deck.say("This is not about one machine that is enrolled.")

    def action_show_channels(self) -> None:
        """Goes to the channels."""
        self.deck.action_view("channels")

    def action_show_messages(self) -> None:
        """Goes to the messages."""
        self.deck.action_view("messages")
