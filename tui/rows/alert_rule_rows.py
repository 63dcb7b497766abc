"""Rules of alerts as rows: what each fires on, how many alerts of it are open, who is told."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from fleet.alerts.records import EVALUATION
from fleet.alerts.rule import AlertRule
from fleet.alerts.wording import describe_condition, minutes_text
from fleet.hostile import clean
from tui.rows.alert_rows import SEVERITY_TONES
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

if TYPE_CHECKING:
    from ops.alerts.book import OpenAlert

RULE_COLUMNS = (
    TableColumn("name", "Rule", most=40, least=16, priority=0),
    TableColumn("severity", "Severity", most=13, least=8, priority=1),
    TableColumn("on", "On", most=4, least=3, priority=0),
    TableColumn("open", "Open", least=4, is_number=True, priority=1),
    TableColumn("fires", "Fires on", most=100, least=24, priority=2),
    TableColumn("channels", "Tells", most=40, least=8, priority=3),
    TableColumn("again", "Again", most=12, least=6, priority=5),
    TableColumn("quiet", "Quiet", most=40, least=6, priority=6),
    TableColumn("description", "Description", most=100, least=16, priority=7),
)
_BROKEN = "cannot be evaluated"


def rule_rows(rules: Iterable[AlertRule], alerts: "Iterable[OpenAlert]") -> list[Row]:
    """A row for each rule, in the order given; with how many of ``alerts`` are its own."""
    counts: dict[str, int] = {}
    broken: set[str] = set()
    for alert in alerts:
        counts[alert.rule.id] = counts.get(alert.rule.id, 0) + 1
        if alert.record.key == EVALUATION:
            broken.add(alert.rule.id)
    return [_row(rule, counts, is_broken=rule.id in broken) for rule in rules]


def describe_rule(rule: AlertRule) -> list[tuple[Piece, ...]]:
    """All of a rule in a few lines."""
    state = Piece("on", Tone.GOOD) if rule.is_enabled else Piece("off: o turns it on", Tone.OFFLINE)
    head = (Piece(rule.name, Tone.STRONG), Piece(rule.severity.value, SEVERITY_TONES[rule.severity]), state)
    lines: list[tuple[Piece, ...]] = [head, (*labelled("Fires on", clean(describe_condition(rule))), *_settling(rule))]
    told = labelled("Tells", clean(", ".join(rule.channels))) if rule.channels else _nobody()
    again = f"again every {minutes_text(rule.repeat_minutes)}" if rule.repeat_minutes else "once"
    lines.append((*told, Piece(again, Tone.DIM), *_quiet(rule)))
    return lines + ([(Piece(clean(rule.description)),)] if rule.description else [])


def _nobody() -> tuple[Piece, ...]:
    return (Piece("Tells nobody:", Tone.PENDING), Piece("e gives it channels", Tone.DIM))


def _settling(rule: AlertRule) -> tuple[Piece, ...]:
    settles = []
    if rule.evaluations > 1:
        settles.append(f"once found {rule.evaluations} times in a row")
    if rule.resolve_minutes:
        settles.append(f"over once it is gone for {minutes_text(rule.resolve_minutes)}")
    return (Piece(", ".join(settles), Tone.DIM),)


def _quiet(rule: AlertRule) -> tuple[Piece, ...]:
    if not rule.quiet.spans:
        return ()
    breaks = ", but not for this" if rule.breaks_quiet else ""
    return labelled("· quiet", f"{_quiet_text(rule)}{breaks}")


def _quiet_text(rule: AlertRule) -> str:
    spans = "; ".join(span.text for span in rule.quiet.spans)
    return clean(f"{spans} {rule.quiet.zone}") if spans else ""


def _row(rule: AlertRule, counts: Mapping[str, int], *, is_broken: bool) -> Row:
    count = counts.get(rule.id, 0)
    cells = (
        rule.name,
        rule.severity.value,
        "yes" if rule.is_enabled else "no",
        f"{count:,}",
        _BROKEN if is_broken else clean(describe_condition(rule)),
        clean(", ".join(rule.channels)) or "nobody",
        minutes_text(rule.repeat_minutes) if rule.repeat_minutes else "",
        _quiet_text(rule),
        clean(rule.description),
    )
    tones = (
        Tone.STRONG if rule.is_enabled else Tone.OFFLINE,
        SEVERITY_TONES[rule.severity],
        Tone.GOOD if rule.is_enabled else Tone.OFFLINE,
        Tone.BAD if count else Tone.DIM,
        Tone.BAD if is_broken else Tone.NORMAL,
        Tone.NORMAL if rule.channels else Tone.PENDING,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (rule.name.casefold(), rule.severity.number, cells[2], count, *map(str.casefold, cells[4:6]))
    return Row(rule.id, cells, tones, (*order, rule.repeat_minutes, *cells[7:]))
