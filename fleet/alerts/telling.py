"""Messages of alerts: one for a rule and an evaluation however many alerts it has, and one for many rules at once."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from fleet.alerts.firing import Told
from fleet.alerts.records import EVALUATION, AlertRecord
from fleet.alerts.rule import AlertRule
from fleet.alerts.severity import Severity
from fleet.alerts.wording import describe_age, describe_alert, describe_condition, minutes_text
from fleet.messages import Message, MessageKind

# The first few tell what it is; the rest is a command away.
MOST_ITEMS = 10
# So many rules that fire at once have one cause more often than not: they are told together.
BUNDLED_FROM = 4


@dataclass(frozen=True, slots=True)
class Posting:
    """A message, and the names of the channels that are to carry it."""

    message: Message
    channels: tuple[str, ...]


def tell(rule: AlertRule, told: Told, now: datetime, new_id: Callable[[], str]) -> Posting | None:
    """The message of what became of the alerts of ``rule``; None where there is nothing to tell or nobody to be told.

    What is gravest stands first: opened, then still open, then resolved.
    """
    if not told or not rule.channels:
        return None
    items = [
        *(_line("", record) for record in told.opened),
        *(_line(f"still open for {describe_age(record, now)}: ", record) for record in told.repeated),
        *(
            _line(f"resolved after {describe_age(record, record.resolved_at or now)}: ", record)
            for record in told.resolved
        ),
    ]
    message = Message(
        id=new_id(),
        kind=_kind(told),
        severity=rule.severity if told.opened or told.repeated else Severity.INFORMATIONAL,
        at=now,
        title=f"{rule.name}: {_counts(told)}",
        text=_text(rule, told),
        facts=MappingProxyType(_facts(rule, told)),
        items=tuple(items[:MOST_ITEMS]),
        item_count=len(items),
    )
    return Posting(message, rule.channels)


def bundle(postings: Sequence[Posting], new_id: Callable[[], str]) -> list[Posting]:
    """``postings`` of one evaluation, with one message for each channel for which there would be many.

    Channels that would get the same ones get the same message.
    """
    by_channel: dict[str, list[int]] = {}
    for number, posting in enumerate(postings):
        for channel in dict.fromkeys(posting.channels):
            by_channel.setdefault(channel, []).append(number)
    crowded: dict[tuple[int, ...], list[str]] = {}
    for channel, numbers in by_channel.items():
        if len(numbers) >= BUNDLED_FROM:
            crowded.setdefault(tuple(numbers), []).append(channel)
    together = {channel for channels in crowded.values() for channel in channels}
    alone = [replace(each, channels=tuple(c for c in each.channels if c not in together)) for each in postings]
    bundled = [
        Posting(_together([postings[number].message for number in numbers], new_id()), tuple(channels))
        for numbers, channels in crowded.items()
    ]
    return [*(posting for posting in alone if posting.channels), *bundled]


def _together(messages: Sequence[Message], message_id: str) -> Message:
    gravest = min(messages, key=lambda message: message.severity.number)
    kinds = (MessageKind.ALERT_OPENED, MessageKind.ALERT_REPEATED, MessageKind.ALERT_RESOLVED)
    ordered = sorted(messages, key=lambda message: (kinds.index(message.kind), message.severity.number))
    return Message(
        id=message_id,
        kind=ordered[0].kind,
        severity=gravest.severity,
        at=max(message.at for message in messages),
        title=f"{len(messages)} alert rules at once, first {ordered[0].title}",
        text="Many rules fired or were resolved at once. All that is open: patchdeck alerts open",
        facts=MappingProxyType({"Rules": str(len(messages))}),
        items=tuple(message.title for message in ordered[:MOST_ITEMS]),
        item_count=len(messages),
    )


def _kind(told: Told) -> MessageKind:
    if told.opened:
        return MessageKind.ALERT_OPENED
    return MessageKind.ALERT_REPEATED if told.repeated else MessageKind.ALERT_RESOLVED


def _counts(told: Told) -> str:
    counted = (
        (len(told.opened), "opened"),
        (len(told.repeated), "still open"),
        (len(told.resolved), "resolved"),
    )
    first, *others = [f"{count:,} {word}" for count, word in counted if count]
    only = [*told.opened, *told.repeated, *told.resolved]
    if len(only) > 1:
        return ", ".join([first, *others])
    what = first.partition(" ")[2]
    if only[0].key == EVALUATION:
        return "it can be evaluated again" if told.resolved else "it cannot be evaluated"
    return f"{what}: {only[0].key}" if only[0].key else what


def _text(rule: AlertRule, told: Told) -> str:
    lines = [rule.description] if rule.description else []
    lines.append(f"It fires on: {describe_condition(rule)}.")
    if any(record.key == EVALUATION for record in (*told.opened, *told.repeated)):
        lines.append(f"It measures nothing until that is mended: patchdeck alerts preview {rule.name}")
    elif told.opened or told.repeated:
        lines.append(f"All of them: patchdeck alerts open {rule.name}")
        lines.append(f"To take it upon you: patchdeck alerts ack {rule.name} --note 'what you do about it'")
    return "\n".join(lines)


def _facts(rule: AlertRule, told: Told) -> dict[str, str]:
    facts = {"Rule": rule.name, "Severity": rule.severity.value, "Condition": describe_condition(rule)}
    for name, records in (("Opened", told.opened), ("Still open", told.repeated), ("Resolved", told.resolved)):
        if records:
            facts[name] = f"{len(records):,}"
    if rule.repeat_minutes and (told.opened or told.repeated):
        facts["Told again"] = f"every {minutes_text(rule.repeat_minutes)} while it is open"
    return facts


def _line(before: str, record: AlertRecord) -> str:
    return f"{before}{describe_alert(record)}"
