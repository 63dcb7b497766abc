"""The values that stood on a machine before Patchdeck wrote others, and how they are put back."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.update_client.held import Held, describe_held
from fleet.update_client.planning import SettingChange, in_order
from fleet.update_client.snapshot import ClientSnapshot
from fleet.update_client.values import MICROSOFT_UPDATE


@dataclass(frozen=True, slots=True)
class EarlierWriting:
    """What was kept of a value until it was to be written once more: that may not have come to the machine."""

    before: Held | None
    written: Held | None
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class KeptValue:
    """One value: what it was, what was written in its place, when and by whom.

    ``earlier`` is what was kept before that, for as long as it is not known that it was written.
    """

    name: str
    before: Held | None
    written: Held | None
    at: datetime
    by: str
    earlier: EarlierWriting | None = None

    def where_it_holds(self, now: Held | None) -> "KeptValue":
        """This one; where ``now`` stands what was written before, that one: the last writing did not come about."""
        is_earlier = self.earlier is not None and now == self.earlier.written and now not in (self.written, self.before)
        return (self._taken_back() or self) if is_earlier else self

    def unwritten(self, wanted: Held | None, now: Mapping[str, Held | None]) -> "KeptValue | None":
        """What is kept once it is known that ``wanted`` was not written, and ``now`` is what stands there, if known.

        Two may write one value at once, and one of them is refused: what the other wrote stays kept.
        """
        if self.written == wanted and now.get(self.name, self.before) != wanted:
            return self._taken_back()
        is_others = self.earlier is not None and self.earlier.written == wanted
        return replace(self, earlier=None) if is_others else self

    def _taken_back(self) -> "KeptValue | None":
        earlier = self.earlier
        if earlier is None:
            return None
        return KeptValue(self.name, earlier.before, earlier.written, earlier.at, earlier.by)


@dataclass(frozen=True, slots=True)
class RestorePlan:
    """How kept values go back: ``changes`` are made, ``settled`` need nothing any more, ``refused`` stay as they are.

    A refused one is (name, why).
    """

    changes: tuple[SettingChange, ...] = ()
    settled: tuple[str, ...] = ()
    refused: tuple[tuple[str, str], ...] = ()


def keep_values(
    kept: Sequence[KeptValue], changes: Iterable[SettingChange], at: datetime, by: str, *, restores: bool = False
) -> list[KeptValue]:
    """``kept`` with what ``changes`` are about to overwrite.

    What was there before the first change stays what is put back. Where somebody else has changed a value since we
    wrote it, theirs is, unless this ``restores``. A value that is about to become what it was stays kept until that is
    known to be done.
    """
    by_name = {value.name: value for value in kept}
    for change in changes:
        kept_before = by_name.get(change.name)
        known = None if kept_before is None else kept_before.where_it_holds(change.before)
        is_ours = known is not None and known.written == change.before
        if known is not None and known.before == change.after and (is_ours or restores):
            by_name[change.name] = known
            continue
        before = known.before if known is not None and is_ours else change.before
        earlier = None if known is None else EarlierWriting(known.before, known.written, known.at, known.by)
        by_name[change.name] = KeptValue(change.name, before, change.after, at, by, earlier)
    return list(by_name.values())


def settle_values(
    kept: Sequence[KeptValue],
    changes: Iterable[SettingChange],
    now: Mapping[str, Held | None],
    *,
    nothing_written: bool = False,
) -> Iterator[KeptValue]:
    """What stays kept once ``changes`` were tried, and ``now`` stands there, as far as that is known.

    A value that is what it was is kept no more. Where ``nothing_written``, all is kept as it was before.
    """
    wanted = {change.name: change.after for change in changes}
    for value in kept:
        left: KeptValue | None = value
        if nothing_written and value.name in wanted:
            left = value.unwritten(wanted[value.name], now)
        if left is None or (value.name in now and now[value.name] == left.before):
            continue
        # Where another admin was about to write, too, and is refused by now, it is ours that stands there.
        is_written = value.name in now and now[value.name] in (left.written, wanted.get(value.name, left.written))
        yield replace(left, written=now[value.name], earlier=None) if is_written else left


def plan_restoring(
    kept: Sequence[KeptValue], snapshot: ClientSnapshot, *, only: Collection[str] = (), overwrite: bool = False
) -> RestorePlan:
    """How the values of ``kept`` are put back on the machine of ``snapshot``, those of ``only`` if it names some.

    A value that somebody changed since is left alone, unless ``overwrite``.
    """
    changes, settled, refused = [], [], []
    for value in (each.where_it_holds(snapshot.held(each.name)) for each in kept):
        if only and value.name not in only:
            continue
        now = snapshot.held(value.name)
        if value.name == MICROSOFT_UPDATE and snapshot.is_microsoft_update_registered is None:
            refused.append((value.name, "whether it is registered could not be found out"))
        elif now == value.before:
            settled.append(value.name)
        elif now is not None and not now.is_writable:
            refused.append((value.name, f"it holds {now.describe()} now: mend that by hand"))
        elif now == value.written or overwrite:
            changes.append(SettingChange(value.name, now, value.before, _conflict(snapshot, value)))
        else:
            refused.append((value.name, _changed_since(value, now)))
    return RestorePlan(in_order(changes), tuple(settled), tuple(refused))


def _changed_since(value: KeptValue, now: Held | None) -> str:
    wrote = f"{describe_held(value.written)} was written over {describe_held(value.before)}"
    return f"somebody changed it since: it is {describe_held(now)}, and {wrote}"


def _conflict(snapshot: ClientSnapshot, value: KeptValue) -> str:
    return next(
        (
            "Group Policy sets it, and does so again at its next refresh"
            for entry in snapshot.policies or ()
            if entry.name == value.name and entry.held != value.before
        ),
        "",
    )
