"""Taking a list over: all that was asked for in one transaction, or nothing; judged anew at that moment."""

import json
import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.errors import BadInput
from fleet.groups.group import Group
from fleet.importing.judging import Claim
from fleet.importing.preview import GroupRow, ImportPreview, ImportRow, ImportState
from fleet.importing.source import Following, Source, check_minutes
from ops.home import Home
from ops.importing.knowing import Judging, judge_groups_again, judge_list
from ops.state.audit import Audit, utc_now
from ops.state.database import opened, transaction
from ops.state.groups import GroupBook
from ops.state.machines import MachineBook
from ops.state.sources import SourceBook

_MOST_NAMED = 5


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What was done. ``rows`` and ``groups`` are those that were taken over, unchanged ones among them.

    ``refused`` were left out; ``outdated`` are names that were left out since they changed here after the preview.
    """

    source: Source
    rows: tuple[ImportRow, ...]
    groups: tuple[GroupRow, ...] = ()
    refused: tuple[ImportRow, ...] = ()
    outdated: tuple[str, ...] = ()

    @property
    def counts(self) -> Mapping[ImportState, int]:
        """How many machines became what."""
        states = [row.state for row in (*self.rows, *self.refused)]
        return {state: states.count(state) for state in ImportState}


@dataclass(frozen=True, slots=True)
class Applying:
    """How a preview is taken over. ``names`` are those of its rows that are meant, None: all.

    ``skip_refused``: what is refused stays out, instead of stopping everything. ``following``: the list is followed
    from now on. ``keeps_removed`` as in `preview_import`.
    """

    names: Collection[str] | None = None
    skip_refused: bool = False
    following: Following | None = None
    keeps_removed: bool = False


def apply_import(
    home: Home, preview: ImportPreview, how: Applying | None = None, clock: Callable[[], datetime] = utc_now
) -> ImportOutcome:
    """Does what ``preview`` shows, and gives what was done; doing it again changes nothing.

    A machine or group that somebody changed after the preview is left out and told.

    Raises:
        BadInput: something that was asked for is refused, and ``how.skip_refused`` is not set; nothing was done.
    """
    how = how or Applying()
    if how.following is not None:
        check_minutes(how.following.every_minutes)
    _check_refused(preview, how)
    with opened(home.state_file) as connection, transaction(connection):
        return _Import(connection, preview, how, clock()).apply()


def _check_refused(preview: ImportPreview, how: Applying) -> None:
    names = None if how.names is None else {name.casefold() for name in how.names}
    refused = [row for row in preview.in_state(ImportState.REFUSED) if names is None or row.name.casefold() in names]
    if refused and not how.skip_refused:
        named = "; ".join(
            f"{row.place} ({row.name or 'no name'}): {row.reason.rstrip('.')}" for row in refused[:_MOST_NAMED]
        )
        more = f"; and {len(refused) - _MOST_NAMED:,} more" if len(refused) > _MOST_NAMED else ""
        raise BadInput(
            f"{len(refused):,} refused: {named}{more}. Nothing was changed; --skip-refused takes the others."
        )


class _Import:
    """One import inside its transaction."""

    def __init__(self, connection: sqlite3.Connection, preview: ImportPreview, how: Applying, now: datetime) -> None:
        self._connection = connection
        self._shown = preview
        self._how = how
        self._now = now
        self._audit = Audit(connection, clock=lambda: now)
        self._book = SourceBook(connection, self._audit)
        self._names = None if how.names is None else {name.casefold() for name in how.names}

    def apply(self) -> ImportOutcome:
        """All of it."""
        judging = Judging(self._now, self._how.following is not None, self._how.keeps_removed)
        fresh = judge_list(self._connection, self._shown.listed, self._shown.request, judging)
        meant = [row for row in fresh.rows if self._names is None or row.name.casefold() in self._names]
        shown = {(row.name, row.place): row for row in self._shown.rows}
        rows, outdated = [], []
        for row in meant:
            if row.state is ImportState.REFUSED:
                continue
            if _differs(row, shown.get((row.name, row.place))):
                outdated.append(row.name)
            else:
                rows.append(row)
        self._write_machines(rows)
        groups = self._write_groups(fresh, rows)
        refused = tuple(row for row in meant if row.state is ImportState.REFUSED)
        source = self._write_source(fresh, rows, refused)
        self._note_deed(source.name, rows, groups)
        return ImportOutcome(source, tuple(rows), groups, refused, tuple(outdated))

    def _write_machines(self, rows: Sequence[ImportRow]) -> None:
        book = MachineBook(self._connection, self._audit)
        for row in rows:
            if row.machine is None or row.machine == row.known:
                continue
            if row.known is None:
                book.add(row.machine)
            else:
                book.edit(row.machine)

    def _write_groups(self, fresh: ImportPreview, rows: Sequence[ImportRow]) -> tuple[GroupRow, ...]:
        judged = judge_groups_again(self._connection, fresh, [row.name for row in rows])
        book = GroupBook(self._connection, self._audit)
        claims: dict[str, Group] = {}
        for row in judged.groups:
            if row.group is None or row.state is ImportState.REFUSED:
                continue
            if row.group != row.known:
                book.put(row.group)
            if not row.reason:
                claims[row.name] = row.group
        self._book.put_group_claims(fresh.source, claims)
        return judged.groups

    def _write_source(self, fresh: ImportPreview, rows: Sequence[ImportRow], refused: Sequence[ImportRow]) -> Source:
        source = self._source(fresh)
        source = replace(
            source,
            checked_at=self._now,
            read_at=self._now,
            error="",
            machines=sum(row.state not in (ImportState.REFUSED, ImportState.MISSING) for row in fresh.rows),
            missing=self._missing(source.name) if source.followed else 0,
            refused=len(refused),
        )
        self._book.note_read(source)
        self._book.put_machine_claims(source.name, _claims(rows))
        return source

    def _source(self, fresh: ImportPreview) -> Source:
        known = next((source for source in self._book.list() if source.name == fresh.source), None)
        request = replace(fresh.request, source=fresh.source, overwrites=False)
        following = self._how.following
        if known is None:
            source = Source(fresh.source, request, self._now, following is not None, following or Following())
            self._book.put(source, "source.add")
            return source
        if following is None:
            return known
        source = replace(known, request=request, followed=True, following=following)
        self._book.put(source, "source.edit")
        return source

    def _missing(self, source: str) -> int:
        machines = MachineBook(self._connection).list_machines()
        return sum(machine.source == source and machine.missing_since is not None for machine in machines)

    def _note_deed(self, source: str, rows: Sequence[ImportRow], groups: Sequence[GroupRow]) -> None:
        counts = {state.value: sum(row.state is state for row in rows) for state in ImportState}
        if any(row.machine != row.known for row in rows) or any(row.group != row.known for row in groups):
            self._audit.record("machines.import", source, None, json.dumps(counts))


def _differs(row: ImportRow, shown: ImportRow | None) -> bool:
    """Whether something changed since the row was shown."""
    return shown is None or (row.state, row.changes) != (shown.state, shown.changes)


def _claims(rows: Sequence[ImportRow]) -> Iterator[Claim]:
    for row in rows:
        if row.machine is not None and row.listed is not None and row.state is not ImportState.MISSING:
            yield Claim(row.machine.id, row.listed)
