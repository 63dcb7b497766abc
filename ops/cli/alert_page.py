"""One alert rule, or what it would have done, as lines for a person."""

from collections.abc import Iterator, Sequence

from fleet.alerts.back_test import BackTest
from fleet.alerts.rule import AlertRule
from fleet.alerts.telling import Posting
from fleet.alerts.wording import describe_alert, describe_condition, minutes_text
from fleet.hostile import clean
from fleet.name_lists import some_of
from ops.alerts.previewing import Preview
from ops.cli.values import as_text, count_of

_MOST_TELLINGS = 50


def rule_lines(rule: AlertRule, open_count: int) -> Iterator[str]:
    """All of a rule; what is not set is not named."""
    yield f"{rule.name} ({rule.severity}{'' if rule.is_enabled else ', disabled'})"
    if rule.description:
        yield f"  {clean(rule.description, 1_000)}"
    told = [
        ("Fires on", describe_condition(rule)),
        ("Open now", str(open_count)),
        ("Channels", ", ".join(rule.channels) or "none: nobody is told"),
        ("Told again", f"every {minutes_text(rule.repeat_minutes)}" if rule.repeat_minutes else "never"),
        ("Told together", f"what happens within {minutes_text(rule.group_minutes)}" if rule.group_minutes else ""),
        ("Opens after", f"{rule.evaluations} evaluations in a row" if rule.evaluations > 1 else ""),
        ("Resolved after", minutes_text(rule.resolve_minutes) if rule.resolve_minutes else ""),
        ("Quiet", _quiet(rule)),
        ("Starter", rule.starter),
        ("Id", rule.id),
    ]
    for name, text in told:
        if text:
            yield f"  {name + ':':<15} {text}"


def describe_defined(rule: AlertRule, what: str) -> Iterator[str]:
    """What became of the definition, and what is missing for anybody to be told."""
    yield f"Alert rule {rule.name} {what}: it fires on {describe_condition(rule)}."
    if rule.is_enabled and not rule.channels:
        yield f"Nobody is told of it: patchdeck alerts edit {rule.name} --channel CHANNEL. It shows in alerts open."


def preview_note(seen: Preview) -> str:
    """What a preview comes to, in one line."""
    if seen.measured.problem:
        return f"It cannot be evaluated: {clean(seen.measured.problem, 400)}"
    counts = f"{len(seen.found):,} of {count_of(len(seen.measured.instances), 'measured value')}"
    unknown = f", {len(seen.unknown):,} not known" if seen.unknown else ""
    quiet = " It is quiet now: people would be told afterwards." if seen.is_quiet and seen.found else ""
    return f"It fires at {counts}{unknown}.{quiet}"


def message_lines(posting: Posting) -> Iterator[str]:
    """A message as its channels would carry it."""
    message = posting.message
    yield message.title
    yield from (f"  {line}" for line in message.text.splitlines())
    yield from (f"  - {item}" for item in message.items)
    if message.item_count > len(message.items):
        yield f"  and {message.item_count - len(message.items):,} more"


def back_test_lines(test: BackTest) -> Iterator[str]:
    """What a rule would have done: how often, and when."""
    span = f"between {as_text(test.begin)} and {as_text(test.end)}"
    times = {0: "not have fired", 1: "have fired once"}.get(test.fired, f"have fired {test.fired:,} times")
    yield f"{test.rule.name} would {times} {span}: {count_of(test.opened, 'alert')}, {_messages(test)}."
    shown = [each for each in test.tellings if each.told.opened or each.told.resolved]
    for telling in shown[:_MOST_TELLINGS]:
        told = telling.told
        parts = [
            f"{what}: {some_of([describe_alert(record) if len(records) == 1 else record.key for record in records])}"
            for what, records in (("opened", told.opened), ("resolved", told.resolved))
            if records
        ]
        yield clean(f"  {as_text(telling.at)}  {'; '.join(parts)}", 400)
    if len(shown) > _MOST_TELLINGS:
        yield f"  and {len(shown) - _MOST_TELLINGS:,} more: see --json"
    if test.still_open:
        yield f"Open at the end: {some_of([record.key or test.rule.name for record in test.still_open])}."


def back_test_notes(test: BackTest) -> Iterator[str]:
    """What is to be known of a back-test beside its answer."""
    how = "at each change" if test.step is None else f"every {minutes_text(int(test.step.total_seconds() // 60))}"
    yield f"{count_of(test.evaluations, 'evaluation')}, {how}; what was shorter than that is not seen."
    if not test.is_whole:
        yield f"The time was up at {as_text(test.end)}: give more with --deadline, or longer steps with --every."
    if test.failures:
        yield f"{count_of(test.failures, 'evaluation')} failed: {clean(test.problem, 400)}"
    yield from test.notes


def _messages(test: BackTest) -> str:
    return count_of(len(test.tellings), "message")


def _quiet(rule: AlertRule) -> str:
    if not rule.quiet.spans:
        return ""
    spans: Sequence[str] = [span.text for span in rule.quiet.spans]
    return f"{'; '.join(spans)} {rule.quiet.zone}{', broken through' if rule.breaks_quiet else ''}"
