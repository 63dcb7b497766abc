"""Which entries of the audit are wanted: by time, person, deed, target and machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from tui.screens.form import Field, Form
from tui.tones import Tone
from tui.widgets.line import Piece

if TYPE_CHECKING:
    from ops.state.audit_search import AuditFilter

_TIME = "2026-11-01, or 2026-11-01T02:30Z"
_GLOB = "a name, or a mask with * and ?"


@dataclass(frozen=True, slots=True)
class EntriesWanted:
    """What was typed; what is empty is not asked for."""

    since: str = ""
    until: str = ""
    by: str = ""
    action: str = ""
    target: str = ""
    machine: str = ""

    def __str__(self) -> str:
        """It in a line: ``by alice, machine web-01``; empty where everything is wanted."""
        parts = (
            ("since", self.since),
            ("until", self.until),
            ("by", self.by),
            ("deed", self.action),
            ("target", self.target),
            ("machine", self.machine),
        )
        return ", ".join(f"{name} {text}" for name, text in parts if text)

    def check(self) -> None:
        """Let pass what can be asked for.

        Raises:
            BadInput: a text is no time.
        """
        self.conditions()

    def conditions(self, no_later: datetime | None = None) -> "AuditFilter":
        """It for the audit, apart from the machine; of ``no_later`` and before, where it is given.

        Raises:
            BadInput: a text is no time.
        """
        from ops.cli.query_run import parse_moment
        from ops.state.audit_search import AuditFilter

        since, until = (parse_moment(text) if text else None for text in (self.since, self.until))
        if no_later is not None:
            just_after = no_later + timedelta(microseconds=1)
            until = min(until, just_after) if until else just_after
        return AuditFilter(since, until, self.by, self.action, self.target)


class FindEntries(Form[EntriesWanted]):
    """Gives what is wanted; it begins with what was wanted before."""

    TITLE_TEXT = "Find in the audit"
    TAKES = "finds them"

    def __init__(self, begun: EntriesWanted) -> None:
        super().__init__()
        self._begun = begun

    def fields(self) -> Sequence[Field]:
        """One for each condition."""
        begun = self._begun
        return (
            Field("by", "Who", begun.by, _GLOB),
            Field("action", "Did", begun.action, "machine.*, deployment.run, …"),
            Field("target", "To", begun.target, _GLOB),
            Field("machine", "Machine", begun.machine, "its name or id, also a former one"),
            Field("since", "Since", begun.since, _TIME),
            Field("until", "Until", begun.until, _TIME),
        )

    def hint(self) -> None:
        """How conditions go together."""
        self.tell(Piece("All that is given must hold; all of the audit is searched. Empty: everything.", Tone.DIM))

    def made(self, texts: dict[str, str]) -> EntriesWanted:
        """What is wanted.

        Raises:
            BadInput: a text is no time.
        """
        wanted = EntriesWanted(**texts)
        wanted.check()
        return wanted
