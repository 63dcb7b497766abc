"""One entry of the audit in full: who, when, from where, by which command, and all that it changed."""

from collections.abc import Iterator

from fleet.audit_difference import differences
from ops.cli.values import as_text
from ops.state.audit import AuditEntry

_WIDTH = 12
# More lines than anybody reads; --json has all.
_MOST_LINES = 2_000


def entry_lines(entry: AuditEntry) -> Iterator[str]:
    """The entry as text: a name and a value a line, then what changed; what is not known is left out."""
    for name, value in _values(entry):
        if text := as_text(value):
            yield f"{name:<{_WIDTH}}{text}"
    changes = differences(entry.before, entry.after)
    if not changes:
        return
    yield ""
    for count, line in enumerate(line for change in changes for line in change.lines()):
        if count == _MOST_LINES:
            yield f"… and more: patchdeck audit show {entry.number} --json"
            return
        yield f"  {line}"


def _values(entry: AuditEntry) -> Iterator[tuple[str, object]]:
    actor, origin = entry.actor, entry.actor.origin
    yield "entry", entry.number
    yield "when", entry.at or "unreadable: see patchdeck audit verify"
    yield "who", actor.user
    if origin is not None:
        yield "user no.", origin.uid
        yield "login no.", origin.login_uid
        yield "terminal", origin.terminal
        yield "console", f"{origin.host}, process {origin.pid}"
    yield "from", actor.ssh_client
    yield "command", actor.command
    yield "did", entry.action
    yield "to", entry.target
    yield "hash", entry.hash
