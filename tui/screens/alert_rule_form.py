"""A rule of alerts: what it looks at, when that is too much, who is told how often."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from fleet.alerts.checking import DIMENSIONS, STATUSES, check_rule, spelt
from fleet.alerts.quiet import QuietHours, parse_span
from fleet.alerts.rule import AlertRule, Comparison, QueryMeasure, RuleKind, RunSignal
from fleet.alerts.severity import Severity
from fleet.alerts.wording import minutes_text
from fleet.errors import BadInput
from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from tui.alert_words import AlertWords

_LIMIT = re.compile(r"(>=|<=|>|<|=)?\s*(-?\d+(?:\.\d+)?)")
_SPAN = re.compile(r"(\d+)\s*(min|h|d)?")
_MINUTES = {"min": 1, "h": 60, "d": 24 * 60, None: 1}
_KINDS = {
    RuleKind.QUERY: "rule over a query",
    RuleKind.DEPLOYMENT_RUNS: "rule over deployment runs",
    RuleKind.MACHINE_RUNS: "rule over machine runs",
}


class AlertRuleForm(Form[AlertRule]):
    """Gives the rule that was made of ``begun``; ``words`` complete what is typed."""

    TAKES = "keeps it"
    DEFAULT_CSS = """
    AlertRuleForm > .box { width: 100; }
    AlertRuleForm .hint { max-height: 3; margin: 0; }
    """

    def __init__(self, begun: AlertRule, words: "AlertWords", *, is_new: bool, reason: str = "") -> None:
        super().__init__(reason)
        self._begun = begun
        self._words = words
        self._is_new = is_new

    def title_text(self) -> str:
        """What is defined."""
        kind = _KINDS[self._begun.kind]
        return f"New {kind}" if self._is_new else f"{self._begun.name}: {kind}"

    def fields(self) -> Sequence[Field]:
        """Name and severity, what is looked at, when that is too much, who is told."""
        rule, words = self._begun, self._words
        looks = self._query_fields() if rule.measure is not None else self._run_fields()
        severities = tuple(each.value for each in Severity)
        spans = "; ".join(span.text for span in rule.quiet.spans)
        return (
            Field("name", "Name", rule.name, "disk-low"),
            Field("severity", "Severity", rule.severity.value, ", ".join(severities), choices=severities),
            *looks,
            Field("split", "An alert for each", ", ".join(rule.split_by), "Computer; empty: one alert for all"),
            Field("limit", "Alerts if", f"{rule.comparison.value} {rule.threshold:g}", "> 0"),
            Field("window", "In the last", _span(rule.window_minutes), "1 h, 30 d; empty: whenever it was"),
            Field("channels", "Tells", ", ".join(rule.channels), "names of channels", words=words.channels),
            Field("repeat", "Again every", _span(rule.repeat_minutes), "4 h; empty: once"),
            Field("quiet", "Quiet", spans, "22:00-06:00; Sat,Sun 00:00-24:00"),
            Field("zone", "in the zone", rule.quiet.zone, "Europe/Berlin"),
            Field("description", "Description", rule.description, "why it matters, and what to do"),
        )

    def _query_fields(self) -> Sequence[Field]:
        measure = self._begun.measure or QueryMeasure("")
        parameters = " ".join(f"{name}={value}" for name, value in measure.parameters)
        return (
            Field("query", "Asks the query", measure.query, "a saved one; its rows are counted", self._words.queries),
            Field("parameters", "with", parameters, "days=30 severity=high; empty: its defaults"),
            Field("column", "Measures", measure.column, "a column of numbers; empty: the number of rows"),
        )

    def _run_fields(self) -> Sequence[Field]:
        rule, signal = self._begun, self._begun.signal
        fields = [
            Field("deployment", "Of deployments", signal.deployment, "a name, or a mask with *"),
            Field(
                "statuses",
                "that ended",
                ", ".join(signal.statuses),
                ", ".join(STATUSES[rule.kind]),
                words=STATUSES[rule.kind],
            ),
        ]
        if rule.kind is RuleKind.MACHINE_RUNS:
            fields.append(Field("machine", "on machines", signal.machine, "a name, or a mask with *"))
            fields.append(Field("run", "in runs", signal.run, "an id, or a mask with *"))
        return fields

    def hint(self) -> None:
        """Where more is said."""
        self.tell(Piece("It is tried before it is kept. p then shows what it would say, b when it had.", Tone.DIM))

    def made(self, texts: dict[str, str]) -> AlertRule:
        """The rule.

        Raises:
            BadInput: a field cannot be used; says which and why.
        """
        rule = self._begun
        comparison, threshold = _limit(texts["limit"])
        spans = tuple(parse_span(part) for part in texts["quiet"].split(";") if part.strip())
        dimensions = _names(texts["split"])
        if rule.kind is not RuleKind.QUERY:
            dimensions = tuple(spelt("dimension", name, DIMENSIONS[rule.kind]) for name in dimensions)
        return check_rule(
            replace(
                rule,
                name=texts["name"],
                severity=Severity(spelt("severity", texts["severity"], [each.value for each in Severity])),
                signal=_signal(rule, texts),
                measure=_measure(rule, texts),
                split_by=dimensions,
                comparison=comparison,
                threshold=threshold,
                window_minutes=_minutes(texts["window"]),
                channels=_names(texts["channels"].replace(" ", ",")),
                repeat_minutes=_minutes(texts["repeat"]),
                quiet=QuietHours(spans, texts["zone"] or "UTC"),
                description=texts["description"],
            )
        )


def _measure(rule: AlertRule, texts: dict[str, str]) -> QueryMeasure | None:
    if rule.measure is None:
        return None
    pairs = []
    for word in texts["parameters"].split():
        name, sign, value = word.partition("=")
        if not sign or not name:
            raise BadInput(f"{word!r} is no parameter: write NAME=VALUE, with a blank between two of them.")
        pairs.append((name, value))
    return replace(rule.measure, query=texts["query"], parameters=tuple(pairs), column=texts["column"])


def _signal(rule: AlertRule, texts: dict[str, str]) -> RunSignal:
    if rule.kind is RuleKind.QUERY:
        return rule.signal
    statuses = tuple(spelt("status", name, STATUSES[rule.kind]) for name in _names(texts["statuses"]))
    masks = {name: texts.get(name) or "*" for name in ("deployment", "machine", "run")}
    return RunSignal(masks["deployment"], statuses, masks["machine"], masks["run"])


def _limit(text: str) -> tuple[Comparison, float]:
    match = _LIMIT.fullmatch(text.strip())
    if match is None:
        raise BadInput(f"{text!r} is no limit: write > 0, >= 5 or < 10.")
    return Comparison(match[1] or ">"), float(match[2])


def _minutes(text: str) -> int:
    if not text:
        return 0
    parts = _SPAN.findall(text)
    if not parts or _SPAN.sub("", text).strip():
        raise BadInput(f"{text!r} is no span of time: write 30 min, 4 h or 7 d.")
    return sum(int(number) * _MINUTES[unit or None] for number, unit in parts)


def _names(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _span(minutes: int) -> str:
    """Minutes as `_minutes` reads them: nothing is lost, other than in what is only shown."""
    if not minutes:
        return ""
    shown = minutes_text(minutes)
    return shown if _minutes(shown) == minutes else f"{minutes} min"
