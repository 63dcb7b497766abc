"""From the options of an alert rule to the rule: each option sets one field, and is named where it is wrong."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from fleet.alerts.checking import DIMENSIONS, STATUSES, spelt
from fleet.alerts.quiet import parse_span
from fleet.alerts.rule import Aggregate, AlertRule, QueryMeasure, RuleKind
from fleet.alerts.severity import Severity
from fleet.alerts.spelling import parse_minutes, parse_parameter, parse_threshold
from fleet.deployments.zones import find_zone
from fleet.errors import BadInput
from ops.cli.alert_options import RuleOptions

_KINDS: Mapping[str, RuleKind] = MappingProxyType(
    {"deployment-runs": RuleKind.DEPLOYMENT_RUNS, "machine-runs": RuleKind.MACHINE_RUNS}
)
_OF_RUNS = ("deployment", "status", "machine", "run")
_OF_QUERIES = ("parameters", "measure", "aggregate", "time_column")
# Any: a field of the options, of its own type.
_Set = Callable[[AlertRule, Any], AlertRule]


def apply_flags(rule: AlertRule, options: RuleOptions) -> AlertRule:
    """``rule`` with what was given; a list that is given replaces the old one, and one of an empty text clears it.

    Raises:
        BadInput: what cannot be read, named by its option; an option for another kind of rule.
    """
    rule = _with_kind(rule, options)
    _refuse_foreign(rule, options)
    for name, set_ in _SETTERS.items():
        value = getattr(options, name)
        if value is not None:
            with RuleOptions.naming(name):
                rule = set_(rule, value)
    return rule


def _with_kind(rule: AlertRule, options: RuleOptions) -> AlertRule:
    if options.count is not None and options.query is not None:
        raise BadInput("A rule counts runs (--count) or measures a query (--query): give one of them.")
    if options.count is not None:
        with RuleOptions.naming("count"):
            kind = _KINDS[spelt("kind of runs", options.count, tuple(_KINDS))]
        return replace(rule, kind=kind, measure=None, window_minutes=rule.window_minutes or 60)
    if options.query is not None:
        known = rule.measure
        measure = known if known is not None and known.query == options.query else QueryMeasure(options.query)
        return replace(rule, kind=RuleKind.QUERY, measure=measure)
    return rule


def _refuse_foreign(rule: AlertRule, options: RuleOptions) -> None:
    foreign, of_what = (_OF_RUNS, "runs") if rule.kind is RuleKind.QUERY else (_OF_QUERIES, "queries")
    for name in foreign:
        if getattr(options, name) is not None:
            raise BadInput(f"{RuleOptions.option_of(name)} is for rules over {of_what}, and this one is not.")


def _set_signal(field: str) -> _Set:
    return lambda rule, value: replace(rule, signal=replace(rule.signal, **{field: value}))


def _set_statuses(rule: AlertRule, texts: list[str]) -> AlertRule:
    statuses = tuple(spelt("status", text, STATUSES[rule.kind]) for text in _several(texts))
    return replace(rule, signal=replace(rule.signal, statuses=statuses))


def _set_measure(change: Callable[[QueryMeasure, Any], QueryMeasure]) -> _Set:
    def set_(rule: AlertRule, value: object) -> AlertRule:
        return rule if rule.measure is None else replace(rule, measure=change(rule.measure, value))

    return set_


def _set_split(rule: AlertRule, texts: list[str]) -> AlertRule:
    if rule.kind is RuleKind.QUERY:
        return replace(rule, split_by=_several(texts))
    known = DIMENSIONS[rule.kind]
    return replace(rule, split_by=tuple(spelt("dimension", text, known) for text in _several(texts)))


def _set_threshold(rule: AlertRule, text: str) -> AlertRule:
    comparison, threshold = parse_threshold(text)
    return replace(rule, comparison=comparison, threshold=threshold)


def _set_severity(rule: AlertRule, text: str) -> AlertRule:
    return replace(rule, severity=Severity(spelt("severity", text, tuple(each.value for each in Severity))))


def _set_zone(rule: AlertRule, text: str) -> AlertRule:
    return replace(rule, quiet=replace(rule.quiet, zone=find_zone(text).key))


def _set_quiet(rule: AlertRule, texts: list[str]) -> AlertRule:
    spans = tuple(parse_span(text) for text in texts if text.strip())
    return replace(rule, quiet=replace(rule.quiet, spans=spans))


def _several(texts: list[str]) -> tuple[str, ...]:
    """Names that were given one an option, or with commas between them; each once."""
    return tuple(dict.fromkeys(part.strip() for text in texts for part in text.split(",") if part.strip()))


_SETTERS: Mapping[str, _Set] = MappingProxyType(
    {
        "deployment": _set_signal("deployment"),
        "machine": _set_signal("machine"),
        "run": _set_signal("run"),
        "status": _set_statuses,
        "parameters": _set_measure(
            lambda measure, texts: replace(
                measure, parameters=tuple(dict(parse_parameter(text) for text in texts if text.strip()).items())
            )
        ),
        "measure": _set_measure(
            lambda measure, text: replace(measure, column="" if text.strip().casefold() == "rows" else text.strip())
        ),
        "aggregate": _set_measure(
            lambda measure, text: replace(
                measure, aggregate=Aggregate(spelt("aggregate", text, tuple(each.value for each in Aggregate)))
            )
        ),
        "time_column": _set_measure(lambda measure, text: replace(measure, time_column=text.strip())),
        "by": _set_split,
        "when": _set_threshold,
        "window": lambda rule, text: replace(rule, window_minutes=parse_minutes(text)),
        "severity": _set_severity,
        "channels": lambda rule, texts: replace(rule, channels=_several(texts)),
        "repeat": lambda rule, text: replace(rule, repeat_minutes=parse_minutes(text)),
        "group": lambda rule, text: replace(rule, group_minutes=parse_minutes(text)),
        "resolve_after": lambda rule, text: replace(rule, resolve_minutes=parse_minutes(text)),
        "evaluations": lambda rule, count: replace(rule, evaluations=count),
        "zone": _set_zone,
        "quiet": _set_quiet,
        "break_quiet": lambda rule, breaks: replace(rule, breaks_quiet=breaks),
        "description": lambda rule, text: replace(rule, description=" ".join(text.split())),
        "disabled": lambda rule, disabled: replace(rule, is_enabled=not disabled),
    }
)
