"""Entries of the audit as rows: when, who, did what, to what, and what that changed."""

from collections.abc import Iterable, Sequence

from fleet.audit_difference import Difference
from fleet.hostile import clean, clean_name
from ops.state.audit import AuditEntry
from tui.rows.ages import describe_time
from tui.tones import Tone
from tui.widgets.detail import labelled
from tui.widgets.line import Piece
from tui.widgets.rows import Row, TableColumn

AUDIT_COLUMNS = (
    TableColumn("when", "When", most=17, least=17, priority=0),
    TableColumn("who", "Who", most=24, least=11, priority=0),
    TableColumn("did", "Did", most=32, least=12, priority=1),
    TableColumn("to", "To", most=40, least=10, priority=1),
    TableColumn("changed", "What changed", most=120, least=16, priority=2),
    TableColumn("from", "From", most=40, least=6, priority=3),
    TableColumn("command", "By the command", most=100, least=14, priority=4),
    TableColumn("number", "Number", is_number=True, priority=5),
)
DIFFERENCE_COLUMNS = (
    TableColumn("field", "Field", most=48, least=10, priority=0),
    TableColumn("before", "Before", most=80, least=12, priority=1),
    TableColumn("after", "After", most=80, least=12, priority=1),
)
# What a cell holds of a value; the whole of it is one key away.
_CELL = 200
# A row shows the first few changes: more are never seen in it.
_MOST_CHANGES = 4


def changes_text(differences: Sequence[Difference]) -> str:
    """The first changes in a line: ``address: 10.0.0.4 → 10.0.0.9; + tags.env: prod; 3 more``."""
    # Of what came or went as a whole its id says the least.
    telling = [each for each in differences if each.path != "id"]
    shown = [each.describe(80) for each in telling[:_MOST_CHANGES]]
    more = len(telling) - len(shown)
    return "; ".join([*shown, f"{more:,} more"] if more else shown)


def audit_rows(entries: Iterable[tuple[AuditEntry, str]]) -> list[Row]:
    """A row for each entry with its changes in a line, in the order given."""
    return [_row(entry, changed) for entry, changed in entries]


def describe_entry(entry: AuditEntry, changed: str) -> list[tuple[Piece, ...]]:
    """All of an entry in a few lines: the deed, what it changed, who did it from where by which command."""
    head = (
        Piece(clean(entry.action), Tone.STRONG),
        Piece(clean(entry.target)),
        *labelled("by", clean(entry.actor.user)),
        *labelled("at", when_text(entry)),
    )
    lines: list[tuple[Piece, ...]] = [head, (Piece(changed),)] if changed else [head]
    return [*lines, labelled("From", from_text(entry)), labelled("Command", clean(entry.actor.command))]


def entry_lines(entry: AuditEntry) -> list[tuple[Piece, ...]]:
    """Who, when, from where, by which command, and the entry's place in the chain: above its differences."""
    head = (
        Piece(clean(entry.action), Tone.STRONG),
        Piece(clean(entry.target)),
        *labelled("by", clean(entry.actor.user), Tone.STRONG),
        *labelled("at", entry.at.isoformat().replace("+00:00", "Z") if entry.at else "an unreadable time"),
    )
    chain = (*labelled("Entry", f"{entry.number:,}"), *labelled("· hash", clean_name(entry.hash)))
    return [head, labelled("From", from_text(entry)), labelled("Command", clean(entry.actor.command)), chain]


def from_text(entry: AuditEntry) -> str:
    """``192.0.2.7 50122 22, pts/3, process 4711 on jump-01``; where somebody acted from, as far as that is known."""
    actor, origin = entry.actor, entry.actor.origin
    parts = [actor.ssh_client or "no SSH session that is known of"]
    if origin is not None:
        parts += [origin.terminal] if origin.terminal else []
        parts += [f"process {origin.pid} on {origin.host}"] if origin.pid is not None else []
        parts += [f"user {origin.uid}, login {_number(origin.login_uid)}"]
    return clean(", ".join(parts))


def when_text(entry: AuditEntry) -> str:
    """When it was done; ``unreadable`` where somebody put what is no time into the audit."""
    return describe_time(entry.at) or "unreadable"


def difference_rows(differences: Iterable[Difference]) -> list[Row]:
    """A row for each value that changed, in the order of the document."""
    return [_difference_row(number, each) for number, each in enumerate(differences)]


def _difference_row(number: int, difference: Difference) -> Row:
    before, after = difference.before, difference.after
    cells = (clean(difference.path, _CELL) or "all of it", clean(before or "", _CELL), clean(after or "", _CELL))
    came, went = before is None, after is None
    tones = (Tone.STRONG, Tone.DIM if came else Tone.BAD, Tone.DIM if went else Tone.GOOD)
    shown = (cells[0], "– (there was none)" if came else cells[1], "– (none is left)" if went else cells[2])
    return Row(str(number), shown, tones, tuple(map(str.casefold, cells)))


def _number(number: int | None) -> str:
    return "none" if number is None else str(number)


def _row(entry: AuditEntry, changed: str) -> Row:
    actor = entry.actor
    cells = (
        when_text(entry),
        clean_name(actor.user),
        clean_name(entry.action),
        clean_name(entry.target),
        changed,
        clean_name(actor.ssh_client),
        clean(actor.command),
        f"{entry.number:,}",
    )
    tones = (
        Tone.NORMAL,
        Tone.STRONG,
        Tone.ACCENT,
        Tone.NORMAL,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
        Tone.DIM,
    )
    order = (entry.at, *map(str.casefold, cells[1:7]), entry.number)
    return Row(str(entry.number), cells, tones, order)
