"""The alert rules of a home: defined, changed, switched, removed; and what is open of them."""

import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.alerts.checking import check_rule
from fleet.alerts.firing import acknowledged_event
from fleet.alerts.records import Acknowledgement, AlertRecord
from fleet.alerts.rule import AlertRule
from fleet.errors import BadInput, UnknownName
from fleet.hostile import clean
from ops.alerts.built_in import open_built_in
from ops.alerts.checking import check_query
from ops.alerts.evaluating import end_alerts, new_id
from ops.alerts.starter import find_starter, list_starters
from ops.edit_conflicts import explain_removal, require_unchanged
from ops.home import Home
from ops.messages.channels import check_channels
from ops.messages.failure_alerts import CHANNELS
from ops.state.alerts import AlertBook, StoredEvent
from ops.state.audit import Actor, Audit, utc_now
from ops.state.channels import ChannelBook
from ops.state.database import opened, transaction

_MOST_NOTE = 500


@dataclass(frozen=True, slots=True)
class OpenAlert:
    """An alert that is open, with its rule."""

    rule: AlertRule
    record: AlertRecord


def list_rules(home: Home) -> Sequence[AlertRule]:
    """Every rule, by name."""
    with opened(home.state_file) as connection:
        return AlertBook(connection).list()


def find_rule(home: Home, name: str) -> AlertRule:
    """The rule called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return AlertBook(connection).find(name)


def define_rule(home: Home, rule: AlertRule, *, replaces: bool = False, actor: Actor | None = None) -> bool:
    """Keep the new ``rule``; whether that changed anything. The same under another id is no change.

    Raises:
        BadInput: it cannot be used, or without ``replaces`` there is another rule of its name.
        UnknownName: its query, a column of it, or a channel is not there.
    """
    with opened(home.state_file) as connection:
        existing = AlertBook(connection).get(rule.name)
    if existing is None:
        return _put(home, rule, actor)
    rule = _usable(home, replace(rule, id=existing.id))
    if existing == rule:
        return False
    if not replaces:
        raise BadInput(
            f"There is already an alert rule {existing.name!r}: use --replace, or "
            f"`patchdeck alerts edit {existing.name}`."
        )
    return _put(home, rule, actor)


def change_rule(home: Home, rule: AlertRule, *, actor: Actor | None = None, seen: AlertRule | None = None) -> bool:
    """Keep ``rule`` in the place of the one of its id; whether that changed anything. Its open alerts stay its own.

    ``seen`` is how it was read, for who edited it for a while.

    Raises:
        BadInput: it cannot be used, or another rule has its name; it was removed since it was ``seen``.
        UnknownName: its query, a column of it, or a channel is not there.
        EditConflict: it is not as it was ``seen`` any more.
    """
    return _put(home, rule, actor, seen=seen)


def enable_rule(home: Home, name: str, *, enabled: bool, actor: Actor | None = None) -> tuple[AlertRule, bool]:
    """Switch the rule on or off; the rule, and whether that changed anything. Switched off, its alerts end.

    One of the starter set that is switched on and was not added yet is added.

    Raises:
        UnknownName: there is none.
        BadInput: it is to be switched on and cannot be used.
    """
    with opened(home.state_file) as connection:
        known = AlertBook(connection).get(name)
    is_starter = enabled and name.casefold() in {rule.name for rule in list_starters()}
    if known is None and is_starter:
        known = replace(find_starter(name), id=new_id())
    rule = replace(known or find_rule(home, name), is_enabled=enabled)
    return rule, _put(home, rule, actor, checks=enabled)


def remove_rule(home: Home, name: str, *, actor: Actor | None = None) -> AlertRule:
    """Remove the rule, end its alerts, and return it; its history stays.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = AlertBook(connection, Audit(connection, actor))
        rule = book.find(name)
        end_alerts(connection, rule, utc_now(), "the rule was removed")
        return book.remove(name)


def list_open(home: Home, name: str | None = None) -> Sequence[OpenAlert]:
    """The open alerts, of the rule called ``name`` or all: the gravest first, then those that opened first.

    Those of channels that do not deliver are among them.

    Raises:
        UnknownName: there is no such rule.
    """
    with opened(home.state_file) as connection:
        book = AlertBook(connection)
        found = [each for each in _every_open(book) if name is None or _is_of(each, name)]
        if name is not None and not found:
            book.find(name)
    return sorted(found, key=gravest_first)


def count_open(home: Home) -> Mapping[str, int]:
    """How many alerts of each rule are open, by its id; rules without any are left out."""
    counts: dict[str, int] = {}
    with opened(home.state_file) as connection:
        for rule_id, record in AlertBook(connection).all_records():
            if record.is_open:
                counts[rule_id] = counts.get(rule_id, 0) + 1
    return counts


def list_events(home: Home, name: str | None = None, limit: int | None = None) -> Sequence[StoredEvent]:
    """What became of alerts, the newest first: of the rule called ``name``, also one that was removed, or of all.

    Raises:
        UnknownName: no rule has, or had, that name.
    """
    with opened(home.state_file) as connection:
        book = AlertBook(connection)
        if name is None:
            return book.events(limit=limit, newest_first=True)
        rule = book.get(name)
        if rule is not None:
            return book.events(rule_id=rule.id, limit=limit, newest_first=True)
        past = [each for each in book.events(newest_first=True) if each.event.rule_name.casefold() == name.casefold()]
        if not past:
            raise UnknownName("alert rule", name, [each.name for each in book.list()])
        return past[:limit]


def acknowledge(
    home: Home,
    wanted: str,
    note: str,
    key: str | None = None,
    *,
    actor: Actor | None = None,
    clock: Callable[[], datetime] = utc_now,
) -> Sequence[OpenAlert]:
    """Take open alerts upon oneself: all of the rule called ``wanted``, of it the one with ``key``, or the one whose id
    begins with ``wanted``. Those that changed by it; nobody is told of them again until they get worse.

    Raises:
        UnknownName: there is no such rule or alert.
        BadInput: the note is too long, or several alerts fit.
    """
    said = clean(note, _MOST_NOTE + 1)
    if len(said) > _MOST_NOTE:
        raise BadInput(f"The note is longer than {_MOST_NOTE} characters.")
    with opened(home.state_file) as connection, transaction(connection):
        audit = Audit(connection, actor)
        book = AlertBook(connection, audit)
        now, by = clock(), audit.actor.user
        changed = [
            OpenAlert(each.rule, _taken(each.record, by, now, said))
            for each in _named(book, wanted, key)
            if not _is_taken(each.record, by, said)
        ]
        for rule_id in {each.rule.id for each in changed} - {CHANNELS}:
            book.keep_records(rule_id, [each.record for each in changed if each.rule.id == rule_id], [])
        book.add_events(acknowledged_event(each.rule, each.record, now, by, said) for each in changed)
        for name, keys in _by_rule(changed).items():
            told = json.dumps({"note": said, "alerts": len(keys), "keys": keys[:20]})
            audit.record("alert.acknowledge", name, None, told)
    return changed


def _put(
    home: Home, rule: AlertRule, actor: Actor | None, *, checks: bool = True, seen: AlertRule | None = None
) -> bool:
    if checks:
        rule = _usable(home, rule)
    with opened(home.state_file) as connection, transaction(connection):
        channels = ChannelBook(connection).check(rule.channels) if checks else rule.channels
        rule = replace(rule, channels=channels)
        if seen is not None:
            _require_unchanged(connection, seen, rule)
        is_changed = AlertBook(connection, Audit(connection, actor)).put(rule)
        if is_changed and not rule.is_enabled:
            end_alerts(connection, rule, utc_now(), "the rule was disabled")
    return is_changed


def _require_unchanged(connection: sqlite3.Connection, seen: AlertRule, rule: AlertRule) -> None:
    theirs = next((each for each in AlertBook(connection).list() if each.id == seen.id), None)
    if theirs is None:
        raise explain_removal(connection, "alert", seen.name)
    require_unchanged(connection, ("alert", theirs.name), seen, theirs, rule)


def _usable(home: Home, rule: AlertRule) -> AlertRule:
    """``rule`` with all names as they are spelt where they lead."""
    return replace(check_query(home, check_rule(rule)), channels=check_channels(home, rule.channels))


def gravest_first(alert: OpenAlert) -> tuple[int, str, str, str]:
    """The order of open alerts: the gravest first, then those that opened first."""
    opened_at = alert.record.opened_at
    return alert.rule.severity.number, opened_at.isoformat() if opened_at else "", alert.rule.name, alert.record.key


def _every_open(book: AlertBook) -> Iterator[OpenAlert]:
    rules = {rule.id: rule for rule in book.list()}
    for rule_id, record in book.all_records():
        if rule_id in rules and record.is_open:
            yield OpenAlert(rules[rule_id], record)
    yield from (OpenAlert(rule, record) for rule, record in open_built_in(book))


def _is_of(alert: OpenAlert, name: str) -> bool:
    return alert.rule.name.casefold() == name.casefold()


def _named(book: AlertBook, wanted: str, key: str | None) -> Iterator[OpenAlert]:
    every = list(_every_open(book))
    of_rule = [each for each in every if _is_of(each, wanted)]
    if of_rule or book.get(wanted) is not None:
        fitting = [each for each in of_rule if key is None or each.record.key.casefold() == key.casefold()]
        if key is not None and not fitting:
            raise UnknownName(f"open alert of {wanted} about", key, [each.record.key for each in of_rule])
        yield from fitting
        return
    fitting = [each for each in every if wanted and each.record.alert_id.startswith(wanted.casefold())]
    if not fitting:
        raise UnknownName("alert rule, and no open alert with the id", wanted, [rule.name for rule in book.list()])
    if len(fitting) > 1:
        ids = sorted(each.record.alert_id for each in fitting)
        raise BadInput(f"{len(fitting)} alerts begin with {wanted!r}: {ids[0]}, {ids[1]}, … Write more of it.")
    yield fitting[0]


def _taken(record: AlertRecord, by: str, at: datetime, note: str) -> AlertRecord:
    taken = Acknowledgement(by, at, note, record.value)
    return replace(record, acknowledgement=taken, has_worsened=False)


def _is_taken(record: AlertRecord, by: str, note: str) -> bool:
    taken = record.acknowledgement
    return taken is not None and (taken.by, taken.note) == (by, note)


def _by_rule(alerts: Sequence[OpenAlert]) -> Mapping[str, list[str]]:
    keys: dict[str, list[str]] = {}
    for each in alerts:
        keys.setdefault(each.rule.name, []).append(each.record.key)
    return keys
