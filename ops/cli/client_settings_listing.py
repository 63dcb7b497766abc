"""Settings of update clients as rows and as text: what holds on a machine, and what would become of it."""

from collections.abc import Iterator, Sequence

from fleet.hostile import clean
from fleet.update_client.held import Held, HeldKind, describe_held
from fleet.update_client.kept import KeptValue
from fleet.update_client.meaning import describe_client, meaning_of
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import MICROSOFT_UPDATE, VALUES, ClientValue
from ops.cli.listing import Column, Listing
from ops.cli.values import as_text
from ops.windows.settings import MachineDeed, MachineSettings, Outcome

_SAID = {
    None: "would be changed",
    Outcome.DONE: "changed",
    Outcome.NOTHING: "nothing to do",
    Outcome.REFUSED: "refused",
    Outcome.FAILED: "failed",
    Outcome.UNKNOWN: "unknown",
}


def list_settings(found: Sequence[MachineSettings]) -> Listing:
    """A row for each setting that is set on each machine; for a machine that gave none, one that says why."""
    names = ("machine", "machine_id", "setting", "value", "means", "topic", "registry_key", "by_group_policy", "before")
    rows = [row for settings in found for row in _setting_rows(settings)]
    return Listing((*map(Column, names), Column("failure")), rows)


def settings_lines(settings: MachineSettings) -> Iterator[str]:
    """One machine as text: sentences, the values behind them, and what can be put back."""
    snapshot = settings.snapshot
    if snapshot is None:
        yield f"{settings.machine.name}: {settings.failure.describe() if settings.failure else 'no answer'}"
    else:
        build = f", build {snapshot.build}" if snapshot.build else ""
        yield f"{settings.machine.name}: {snapshot.caption or 'Windows'}{build}"
        for topic, sentence in describe_client(snapshot):
            yield f"  {topic:<18} {clean(sentence, 500)}"
        yield from _value_lines(snapshot)
        for note in snapshot.notes:
            yield f"  not read: {note}"
    yield from _kept_lines(settings.kept)


def list_kept_values(kept: Sequence[tuple[object, tuple[KeptValue, ...]]]) -> Listing:
    """A row for each value that can be put back: (machine, its values)."""
    columns = (
        *(Column("machine", "Machine"), Column("setting", "Setting"), Column("before", "Was")),
        *(Column("written", "Written"), Column("at", "At"), Column("by", "By")),
    )
    rows = [
        (getattr(machine, "name", ""), v.name, _words(v.name, v.before), _words(v.name, v.written), v.at, v.by)
        for machine, values in kept
        for v in values
    ]
    return Listing(columns, rows)


def list_deeds(deeds: Sequence[MachineDeed]) -> Listing:
    """A row for each value of each machine that is, or would be, changed; one for a machine of which none is."""
    names = ("machine", "machine_id", "outcome", "setting", "before", "after", "conflict", "reason")
    return Listing(tuple(map(Column, names)), [row for deed in deeds for row in _deed_rows(deed)])


def outcome_lines(deeds: Sequence[MachineDeed]) -> list[str]:
    """What became of each machine, a line each."""
    return [_head(deed) for deed in deeds]


def deed_lines(deeds: Sequence[MachineDeed]) -> list[str]:
    """What would be done to each machine, or was, as text."""
    return [line for deed in deeds for line in _deed_lines(deed)]


def _setting_rows(settings: MachineSettings) -> Iterator[tuple[object, ...]]:
    machine, snapshot = settings.machine, settings.snapshot
    who = (machine.name, machine.id)
    if snapshot is None:
        yield (*who, *(None,) * 7, settings.failure)
        return
    kept = {value.name: value for value in settings.kept}
    policies = {entry.name for entry in snapshot.policies or ()}
    for value in VALUES:
        if (held := snapshot.held(value.name)) is not None:
            by_policy = None if snapshot.policies is None else value.name in policies
            key = f"HKEY_LOCAL_MACHINE\\{value.key}"
            means = (meaning_of(value, held), value.topic, key, by_policy)
            yield (*who, value.name, _plain(held), *means, _before(kept, value.name), None)
    registered = snapshot.is_microsoft_update_registered
    words = ("other Microsoft products are updated, too", "source of updates")
    yield (*who, MICROSOFT_UPDATE, registered, *words, None, None, _before(kept, MICROSOFT_UPDATE), None)


def _plain(held: Held | None) -> int | str | None:
    if held is None:
        return None
    return held.number if held.kind is HeldKind.NUMBER else held.describe()


def _before(kept: dict[str, KeptValue], name: str) -> str | None:
    return _words(name, kept[name].before) if name in kept else None


def _value_lines(snapshot: ClientSnapshot) -> Iterator[str]:
    found = [(value, held) for value in VALUES if (held := snapshot.held(value.name)) is not None]
    for topic in dict.fromkeys(value.topic for value, _ in found):
        yield f"  {topic.value}:"
        yield from (_value_line(value, held) for value, held in found if value.topic is topic)


def _value_line(value: ClientValue, held: Held) -> str:
    means = meaning_of(value, held)
    return f"    {value.name} = {held.describe()}  ({value.meaning}{f': {means}' if means else ''})"


def _kept_lines(kept: Sequence[KeptValue]) -> Iterator[str]:
    if kept:
        yield "  written by Patchdeck, and to be put back by patchdeck windows restore:"
    for value in kept:
        what = f"{_words(value.name, value.written)}, was {_words(value.name, value.before)}"
        yield f"    {value.name} = {what}  ({as_text(value.at)}, {clean(value.by)})"


def _deed_rows(deed: MachineDeed) -> Iterator[tuple[object, ...]]:
    who = (deed.machine.name, deed.machine.id)
    refused = dict(deed.refused)
    for change in deed.changes:
        said = (deed.outcome or "planned", change.name, _plain(change.before), _plain(change.after), change.conflict)
        yield (*who, *said, deed.reason)
    for name, why in refused.items():
        yield (*who, Outcome.REFUSED, name, None, None, "", why)
    if not deed.changes and not refused:
        yield (*who, deed.outcome, None, None, None, "", deed.reason)


def _head(deed: MachineDeed) -> str:
    return f"{deed.machine.name}: {_SAID[deed.outcome]}{f': {deed.reason}' if deed.reason else ''}"


def _words(name: str, held: Held | None) -> str:
    if name == MICROSOFT_UPDATE:
        return "not registered" if held is None else "registered"
    return describe_held(held)


def _deed_lines(deed: MachineDeed) -> Iterator[str]:
    yield _head(deed)
    for change in deed.changes:
        yield f"  {change.name}: {_words(change.name, change.before)} -> {_words(change.name, change.after)}"
        if change.conflict:
            yield f"    ! {change.conflict}"
    for name, why in deed.refused:
        yield f"  {name}: left alone: {why}"
    if deed.already:
        yield f"  as wanted already: {', '.join(deed.already)}"
    yield from (f"  {note}" for note in deed.notes)
