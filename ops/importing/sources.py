"""Followed sources: listed, read again, changed and forgotten. Machines that a list ceases to name are only marked."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from fleet.candidates import Candidate, CandidateOrigin, CandidateState
from fleet.errors import PatchdeckError
from fleet.importing.preview import ImportPreview, ImportRow, ImportState
from fleet.importing.source import NewMachines, Source, check_minutes
from fleet.machines import Machine
from fleet.reaching import way_of
from ops.acting_login import require_own_host
from ops.home import Home
from ops.importing.applying import Applying, ImportOutcome, apply_import
from ops.importing.previewing import preview_import, with_whole_path
from ops.state.audit import Audit, utc_now
from ops.state.candidates import CandidateBook
from ops.state.database import opened, transaction
from ops.state.machines import MachineBook
from ops.state.sources import SourceBook


@dataclass(frozen=True, slots=True)
class SourceReading:
    """What reading a source came to. ``outcome`` is None where it could not be read: the source says why.

    ``proposed`` are machines that became candidates.
    """

    source: Source
    outcome: ImportOutcome | None = None
    proposed: tuple[str, ...] = ()


def list_sources(home: Home, *, followed_only: bool = False) -> list[Source]:
    """The sources by name; without ``followed_only`` also lists that were imported once."""
    with opened(home.state_file) as connection:
        sources = SourceBook(connection).list()
    return [source for source in sources if source.followed or not followed_only]


def find_source(home: Home, name: str) -> Source:
    """The source called ``name``, whatever the case.

    Raises:
        UnknownName: there is none.
    """
    with opened(home.state_file) as connection:
        return SourceBook(connection).find(name)


def machines_of(home: Home, source: Source) -> list[Machine]:
    """The machines that the source brought and that are enrolled, by name."""
    with opened(home.state_file) as connection:
        ids = {claim.machine_id for claim in SourceBook(connection).machine_claims(source.name).values()}
        return [machine for machine in MachineBook(connection).list_machines() if machine.id in ids]


def due_sources(home: Home, now: datetime) -> tuple[list[Source], datetime | None]:
    """The followed sources that are due at ``now``, and when the next one is."""
    followed = list_sources(home, followed_only=True)
    # A clock that was set back must not keep a source waiting.
    due = [source for source in followed if source.due_at <= now or (source.checked_at or now) > now]
    later = [source.due_at for source in followed if source not in due]
    return due, min(later, default=None)


def run_source(home: Home, name: str, clock: Callable[[], datetime] = utc_now, *, asked: bool = False) -> SourceReading:
    """Reads the source called ``name`` and takes over what it says: what is refused stays out, and is counted.

    A list that cannot be read changes nothing; the source says why. What was removed or changed by hand stays so.
    ``asked``: whoever runs this process wants it, and the audit says so. Blocking.

    Raises:
        UnknownName: there is no such source.
        NotPermitted: this is a session over SSH, which has no files; that says nothing of the list.
    """
    source = find_source(home, name)
    require_own_host(f"read the list {source.name}, which the service does when it is time")
    if asked:
        with opened(home.state_file) as connection:
            Audit(connection, clock=clock).record("source.run", source.name)
    try:
        preview = preview_import(home, source.request, clock, keeps_removed=True)
        proposes = source.followed and source.following.new_machines is NewMachines.PROPOSE
        new = [row for row in preview.in_state(ImportState.NEW) if proposes]
        names = {row.name for row in preview.rows} - {row.name for row in new}
        how = Applying(names=names if proposes else None, skip_refused=True, keeps_removed=True)
        outcome = apply_import(home, preview, how, clock)
    except PatchdeckError as error:
        return SourceReading(_note_error(home, source, str(error), clock()))
    proposed = tuple(_propose(home, preview, new, clock())) if new else ()
    return SourceReading(outcome.source, outcome, proposed)


def edit_source(home: Home, name: str, change: Callable[[Source], Source]) -> tuple[Source, Source]:
    """Changes the source called ``name``, and gives it as it was and as it is.

    Machines bear the name of a source only while it is followed.

    Raises:
        UnknownName: there is no such source.
        BadInput: what it would be cannot be used.
        NotPermitted: this is a session over SSH, and the list would be another file.
    """
    with opened(home.state_file) as connection, transaction(connection):
        book = SourceBook(connection)
        before = book.find(name)
        after = change(before)
        check_minutes(after.following.every_minutes)
        if after.request.path != before.request.path:
            require_own_host("follow another file")  # the service would read it for whoever may not
            after = replace(after, request=with_whole_path(after.request), checked_at=None)
        book.put(after, "source.edit")
        if before.followed and not after.followed:
            _let_go(MachineBook(connection), before.name)
    return before, after


def remove_source(home: Home, name: str) -> Source:
    """Forgets the source called ``name`` and what it said. Its machines and groups stay as they are.

    Raises:
        UnknownName: there is no such source.
    """
    with opened(home.state_file) as connection, transaction(connection):
        source = SourceBook(connection).remove(name)
        _let_go(MachineBook(connection), source.name)
    return source


def missing_machines(machines: Sequence[Machine], source: Source) -> Iterator[Machine]:
    """Those of ``machines`` that the source does not name any more."""
    return (each for each in machines if each.source == source.name and each.missing_since is not None)


def _let_go(book: MachineBook, source: str) -> None:
    for machine in book.list_machines():
        if machine.source == source:
            book.edit(replace(machine, source=None, missing_since=None))


def _note_error(home: Home, source: Source, error: str, now: datetime) -> Source:
    with opened(home.state_file) as connection, transaction(connection):
        book = SourceBook(connection)
        noted = replace(book.find(source.name), checked_at=now, error=error)
        book.note_read(noted)
    return noted


def _propose(home: Home, preview: ImportPreview, rows: Sequence[ImportRow], now: datetime) -> Iterator[str]:
    """New machines as candidates; one that somebody decided about stays as decided."""
    with opened(home.state_file) as connection, transaction(connection):
        book = CandidateBook(connection, Audit(connection, clock=lambda: now))
        known = {candidate.id for candidate in book.list()}
        for row in rows:
            if row.machine is not None:
                candidate = _candidate(preview.source, row, row.machine, now)
                if candidate.id not in known:
                    book.put(candidate)
                    yield candidate.name


def _candidate(source: str, row: ImportRow, machine: Machine, now: datetime) -> Candidate:
    way = way_of(machine)
    return Candidate(
        # Of a source and a name, so that reading the list again finds the same candidate.
        id=str(uuid.uuid5(uuid.NAMESPACE_URL, f"patchdeck:source:{source.casefold()}:{row.name.casefold()}")),
        name=machine.name,
        origin=CandidateOrigin.SOURCE,
        state=CandidateState.DISCOVERED,
        found_at=now,
        seen_at=now,
        found_by=source,
        address=machine.address,
        port=machine.port,
        user=machine.user,
        os_type=machine.os_type,
        tags=machine.tags,
        note=str(row.place),
        profile=machine.profile,
        winrm_scheme=way.scheme if way else None,
    )
