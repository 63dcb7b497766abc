"""From what an evaluation found to what becomes of a rule's alerts, and what people are told. Pure.

All that is remembered is in the records and the memory that are given and returned, so that a restart, a second service
or a clock that was set changes nothing: an alert opens once and is resolved once.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from fleet.alerts.measured import Instance, Measured
from fleet.alerts.records import EVALUATION, AlertEvent, AlertRecord, AlertState, RuleMemory
from fleet.alerts.rule import AlertRule

# Evaluations are a minute apart; several looks within a minute are one of them.
_APART = timedelta(seconds=50)
_MINUTE = timedelta(minutes=1)
# When to look again at a rule whose quiet hours never end.
_ALWAYS_QUIET = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """The alerts that people are told of now: newly opened ones, those still open or worse, and resolved ones."""

    opened: tuple[AlertRecord, ...] = ()
    repeated: tuple[AlertRecord, ...] = ()
    resolved: tuple[AlertRecord, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.opened or self.repeated or self.resolved)


@dataclass(frozen=True, slots=True)
class Fired:
    """What becomes of a rule's alerts.

    Args:
        kept: the records that have changed, ``dropped`` the keys of those that are no more.
        next_at: when time alone changes something; None where it does not.
    """

    kept: tuple[AlertRecord, ...]
    dropped: tuple[str, ...]
    events: tuple[AlertEvent, ...]
    told: Told
    memory: RuleMemory
    next_at: datetime | None

    @property
    def has_changed(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.kept or self.dropped or self.events or self.told)


def fire(
    rule: AlertRule,
    records: Mapping[str, AlertRecord],
    memory: RuleMemory,
    measured: Measured,
    now: datetime,
    new_id: Callable[[], str],
) -> Fired:
    """What ``measured`` at ``now`` makes of ``records``, the alerts of ``rule`` by key.

    In quiet hours alerts open and are resolved as ever, and people are told afterwards of what is still so. Of an alert
    of whose opening they were not told, they are not told that it was resolved.
    """
    stage = _Stage(rule, now, new_id)
    instances = _instances(measured)
    for key in dict.fromkeys((*records, *instances)):
        record = records.get(key)
        stage.take(None if record is None else _not_ahead(record, now), instances.get(key), measured)
    told, memory = stage.tell(memory)
    kept = tuple(record for key, record in stage.records.items() if records.get(key) != record)
    dropped = tuple(key for key in records if key not in stage.records)
    return Fired(kept, dropped, tuple(stage.events), told, memory, stage.next_at(memory))


def end_all(rule: AlertRule, records: Mapping[str, AlertRecord], now: datetime, why: str) -> Fired:
    """What becomes of ``records`` when ``rule`` ends, because it was disabled or removed."""
    ended = [replace(record, resolved_at=now) for record in records.values() if record.is_open]
    events = tuple(_event(rule, record, AlertState.RESOLVED, now, note=why) for record in ended)
    told = Told(resolved=tuple(record for record in ended if record.told_at is not None))
    return Fired((), tuple(records), events, told, RuleMemory(), None)


def acknowledged_event(rule: AlertRule, record: AlertRecord, at: datetime, by: str, note: str) -> AlertEvent:
    """That ``by`` took the alert upon them."""
    return replace(_event(rule, record, AlertState.ACKNOWLEDGED, at, note), caller=by)


def _instances(measured: Measured) -> Mapping[str, Instance]:
    if measured.problem:
        return {EVALUATION: Instance(EVALUATION, None, f"It could not be evaluated: {measured.problem}")}
    return {instance.key: instance for instance in measured.instances}


class _Stage:
    """One evaluation in work: the records as they become, and what happens to them."""

    def __init__(self, rule: AlertRule, now: datetime, new_id: Callable[[], str]) -> None:
        self._rule = rule
        self._now = now
        self._new_id = new_id
        self.records: dict[str, AlertRecord] = {}
        self.events: list[AlertEvent] = []

    def take(self, record: AlertRecord | None, instance: Instance | None, measured: Measured) -> None:
        """What becomes of one key."""
        if instance is not None and self._finds(instance):
            self._found(record, instance)
        elif record is None:
            return
        elif _is_unknown(record, instance, measured):
            self.records[record.key] = record
        else:
            self._cleared(record, instance)

    def _finds(self, instance: Instance) -> bool:
        if instance.key == EVALUATION:
            return True
        return instance.value is not None and self._rule.finds(instance.value)

    def _found(self, record: AlertRecord | None, instance: Instance) -> None:
        if record is None or record.resolved_at is not None:
            record = AlertRecord(instance.key, instance.text, self._now, instance.value, instance.machine)
        elif record.opened_at is None and self._now - record.counted_at >= _APART:
            record = replace(record, found=record.found + 1, counted_at=self._now)
        record = replace(
            record, description=instance.text, value=instance.value, machine=instance.machine, clear_since=None
        )
        record = self._worsened(record)
        wanted = 1 if instance.key == EVALUATION else self._rule.evaluations
        if record.opened_at is None and record.found >= wanted:
            record = replace(record, opened_at=self._now, alert_id=self._new_id())
            self._note(record, AlertState.OPENED)
        self.records[record.key] = record

    def _worsened(self, record: AlertRecord) -> AlertRecord:
        taken = record.acknowledgement
        if taken is None or taken.value is None or record.value is None:
            return record
        if not self._rule.is_worse(record.value, taken.value):
            return record
        return replace(record, acknowledgement=None, has_worsened=True)

    def _cleared(self, record: AlertRecord, instance: Instance | None) -> None:
        if record.resolved_at is not None:
            self.records[record.key] = record
            return
        if record.opened_at is None:
            return
        since = self._now if record.clear_since is None else min(record.clear_since, self._now)
        record = replace(record, clear_since=since)
        minutes = 0 if record.key == EVALUATION else self._rule.resolve_minutes
        if self._now - since >= timedelta(minutes=minutes):
            value = None if instance is None else instance.value
            record = replace(record, resolved_at=self._now, value=value)
            self._note(record, AlertState.RESOLVED)
            if record.told_at is None:
                return
        self.records[record.key] = record

    def tell(self, memory: RuleMemory) -> tuple[Told, RuleMemory]:
        """Which alerts people are told of now, and when they were last told of any."""
        if not self._may_tell(memory):
            return Told(), memory
        opened = [record for record in self.records.values() if _is_news(record)]
        resolved = [record for record in self.records.values() if record.resolved_at is not None]
        repeated = self._repeated()
        for record in repeated:
            self._note(record, AlertState.REPEATED)
        for record in (*opened, *repeated):
            self.records[record.key] = replace(record, told_at=self._now, has_worsened=False)
        for record in resolved:
            del self.records[record.key]
        told = Told(tuple(opened), tuple(repeated), tuple(resolved))
        return told, RuleMemory(self._now) if told else memory

    def _may_tell(self, memory: RuleMemory) -> bool:
        if not self._rule.breaks_quiet and self._rule.quiet.holds(self._now):
            return False
        if memory.told_at is None or memory.told_at > self._now:
            return True
        return self._now - memory.told_at >= timedelta(minutes=self._rule.group_minutes)

    def _repeated(self) -> list[AlertRecord]:
        """Those that got worse, and once one is due again all that would be a moment later."""
        period, grouped = timedelta(minutes=self._rule.repeat_minutes), timedelta(minutes=self._rule.group_minutes)
        open_ = [record for record in self.records.values() if record.is_open and record.told_at is not None]
        waiting = [record for record in open_ if record.acknowledgement is None and period]
        if not any(self._is_due(record, period) for record in waiting):
            waiting = []
        due = {record.key for record in waiting if self._is_due(record, max(period - grouped, period / 2))}
        return [record for record in open_ if _is_worse(record) or record.key in due]

    def _is_due(self, record: AlertRecord, period: timedelta) -> bool:
        return record.told_at is not None and self._now - record.told_at >= period

    def next_at(self, memory: RuleMemory) -> datetime | None:
        """When time alone changes something."""
        return min(self._times(memory), default=None)

    def _times(self, memory: RuleMemory) -> Iterator[datetime]:
        later = [record for record in self.records.values() if record.clear_since and record.resolved_at is None]
        yield from (
            record.clear_since + timedelta(minutes=self._rule.resolve_minutes) for record in later if record.clear_since
        )
        told_at = None if memory.told_at is None else min(memory.told_at, self._now)
        period = timedelta(minutes=self._rule.repeat_minutes)
        for record in self.records.values():
            if record.opened_at is None:
                yield self._now + _MINUTE
            elif _is_news(record) or record.resolved_at is not None or _is_worse(record):
                yield self._tells_at(told_at)
            elif period and record.told_at is not None and record.acknowledgement is None:
                yield max(min(record.told_at, self._now) + period, self._tells_at(told_at))

    def _tells_at(self, told_at: datetime | None) -> datetime:
        """When people can be told of what waits."""
        at = self._now if told_at is None else told_at + timedelta(minutes=self._rule.group_minutes)
        if self._rule.breaks_quiet or not self._rule.quiet.holds(max(at, self._now)):
            return at
        return self._rule.quiet.ends_after(max(at, self._now)) or self._now + _ALWAYS_QUIET

    def _note(self, record: AlertRecord, state: AlertState) -> None:
        self.events.append(_event(self._rule, record, state, self._now))


def _not_ahead(record: AlertRecord, now: datetime) -> AlertRecord:
    """``record`` without times that lie ahead since the clock was set back: waiting begins anew."""

    def at_most_now(at: datetime | None) -> datetime | None:
        return at if at is None else min(at, now)

    return replace(
        record,
        counted_at=min(record.counted_at, now),
        told_at=at_most_now(record.told_at),
        clear_since=at_most_now(record.clear_since),
    )


def _is_news(record: AlertRecord) -> bool:
    """Whether it is open and people were not told; who took it upon them knows of it."""
    return record.is_open and record.told_at is None and record.acknowledgement is None


def _is_worse(record: AlertRecord) -> bool:
    """Whether people are to be told that it got worse; who took it upon them since then knows of it."""
    return record.has_worsened and record.acknowledgement is None


def _is_unknown(record: AlertRecord, instance: Instance | None, measured: Measured) -> bool:
    if measured.problem:
        return True
    if instance is not None:
        return instance.value is None
    return bool(record.machine) and record.machine in measured.silent


def _event(rule: AlertRule, record: AlertRecord, state: AlertState, at: datetime, note: str = "") -> AlertEvent:
    return AlertEvent(
        at=at,
        state=state,
        alert_id=record.alert_id,
        rule_id=rule.id,
        rule_name=rule.name,
        rule_kind=rule.kind,
        severity=rule.severity,
        key=record.key,
        description=record.description,
        threshold=rule.threshold,
        raised_at=record.opened_at or at,
        value=record.value,
        channels=rule.channels,
        note=note,
    )
