"""The audit as rows: what each deed changed in a few words for people, whole documents for programs."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence

from fleet.audit_difference import Difference, differences
from fleet.audit_head import Head
from ops.cli.listing import Column, Listing
from ops.cli.values import Json, as_json
from ops.state.audit import AuditEntry

_COLUMNS = (
    Column("number", "No.", is_number=True),
    Column("at", "When"),
    Column("user", "Who"),
    Column("action", "Did"),
    Column("target", "To"),
    Column("changes", "What changed"),
    Column("ssh_client", "From", is_extra=True),
    Column("command", "By", is_extra=True),
)
# In a list: of how many values at most, and in how many characters.
_MOST_CHANGES = 4
_MOST_CHARACTERS = 160
_MOST_OF_ONE = 60
_MADE_UP = ("id", "created_at")
# Larger documents are not compared for a list of which each entry has one.
_LARGE = 100_000


def list_entries(entries: Sequence[AuditEntry]) -> Listing:
    """A row for each entry, in the order given."""
    return Listing(_COLUMNS, [_row(entry) for entry in entries])


def list_head(head: Head) -> Listing:
    """The head as one row."""
    columns = (Column("number"), Column("hash"), Column("at"))
    return Listing(columns, [(head.number, head.shown_hash, head.at)])


def write_entries(entries: Iterable[AuditEntry]) -> None:
    """Prints ``entries`` as a JSON array of objects, one at a time: each may be large.

    What was and is stays as it was kept, to the character; JSON in ASCII steers no terminal.
    """
    sys.stdout.write("[")
    count = 0
    for count, entry in enumerate(entries, start=1):
        sys.stdout.write(("\n  " if count == 1 else ",\n  ") + json.dumps(_entry_as_json(entry)))
    sys.stdout.write("\n]\n" if count else "]\n")


def _row(entry: AuditEntry) -> tuple[object, ...]:
    actor = entry.actor
    who = (entry.number, entry.at, actor.user, entry.action, entry.target)
    return (*who, summarize(entry), actor.ssh_client, actor.command)


def summarize(entry: AuditEntry) -> str:
    """What ``entry`` changed, in a few words; of large documents only how large they are."""
    size = len(entry.before or "") + len(entry.after or "")
    if size > _LARGE:
        return f"{size:,} characters: patchdeck audit show {entry.number}"
    changed = differences(entry.before, entry.after)
    if entry.before is None and all(change.after is not None for change in changed):
        # What came to be is told by its values alone, and by those that somebody chose.
        chosen = [change for change in changed if change.path not in _MADE_UP] or changed
        changed = [Difference(change.path, change.after, change.after) for change in chosen]
    words = [_words(change) for change in changed[:_MOST_CHANGES]]
    more = len(changed) - len(words)
    text = "; ".join((*words, f"and {more} more") if more else words)
    return text if len(text) <= _MOST_CHARACTERS else f"{text[: _MOST_CHARACTERS - 1]}…"


def _words(change: Difference) -> str:
    if change.before == change.after:
        return Difference(change.path, None, change.after).describe(_MOST_OF_ONE).removeprefix("+ ")
    return change.describe(_MOST_OF_ONE)


def _entry_as_json(entry: AuditEntry) -> dict[str, Json]:
    actor = entry.actor
    return {
        "number": entry.number,
        "at": as_json(entry.at),
        "user": as_json(actor.user),
        "ssh_client": as_json(actor.ssh_client),
        "action": as_json(entry.action),
        "target": as_json(entry.target),
        "command": as_json(actor.command),
        "before": _parsed(entry.before),
        "after": _parsed(entry.after),
        "origin": as_json(actor.origin),
        "changes": [as_json(change) for change in _changes(entry)],
        "hash": as_json(entry.hash),
    }


def _changes(entry: AuditEntry) -> Iterator[Difference]:
    if entry.before is not None and entry.after is not None:
        yield from differences(entry.before, entry.after)


def _parsed(document: str | None) -> Json:
    if document is None:
        return None
    try:
        held: Json = json.loads(document)
    except (ValueError, RecursionError):
        return document
    return held
