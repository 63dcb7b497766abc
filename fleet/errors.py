"""The errors that Patchdeck raises on purpose; each message is one line that says what to do.

One machine's failure is not here: it is a result (`fleet.failures.Failure`).
"""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a text that the user wrote: line and column, 1 for the first, and the line itself."""

    line: int
    column: int
    source_line: str

    @property
    def caret_line(self) -> str:
        """Spaces and a caret, to be shown below ``source_line``; tabs are kept, so that it lines up."""
        before = self.source_line[: self.column - 1]
        return "".join("\t" if character == "\t" else " " for character in before) + "^"


class PatchdeckError(Exception):
    """Something that the user is told in one line, without a traceback."""


class BadInput(PatchdeckError):
    """What the user gave cannot be used: an address, a target, an option, a setting."""


class UnknownName(BadInput):
    """A name that nothing has; the message offers the nearest one.

    Args:
        kind: what was looked for, for example ``machine`` or ``column``.
        name: what was given.
        known: the names that exist.
        position: where in a query the name stands, if it stands in one.
    """

    def __init__(self, kind: str, name: str, known: Iterable[str], position: Position | None = None) -> None:
        self.kind = kind
        self.name = name
        self.position = position
        self.suggestion = nearest_name(name, known)
        hint = f" Did you mean {self.suggestion!r}?" if self.suggestion else ""
        super().__init__(_placed(f"There is no {kind} {name!r}.{hint}", position))


class ExpressionMistake(BadInput):
    """An expression that cannot be read; shows the place."""

    def __init__(self, message: str, position: Position) -> None:
        self.position = position
        super().__init__(_placed(message, position))


class NotPermitted(PatchdeckError):
    """Whoever acts may not do that: the home is opened read-only, or their role does not allow it."""


class UnreadableOutput(PatchdeckError):
    """What a machine printed fits no known shape; the offending line is kept.

    Args:
        source: the command or section whose output it was.
        line_number: 1 for the first line.
        line: the text, cut to a length that can be shown.
    """

    def __init__(self, source: str, line_number: int, line: str) -> None:
        self.source = source
        self.line_number = line_number
        self.line = line[:200]
        super().__init__(f"{source}, line {line_number}: cannot read {self.line!r}")


class HomeUnusable(PatchdeckError):
    """The home cannot be created, read or written."""


class HomeIsNewer(PatchdeckError):
    """The home was written by a newer Patchdeck; nothing in it was touched."""


class StoreBusy(PatchdeckError):
    """Another process held the tables for longer than we wait."""


class FeedUnusable(PatchdeckError):
    """A feed cannot be fetched or read; what was known of it before stays."""


class QueryRefused(BadInput):
    """The query is not one that only reads the tables; says why, with line and column where known."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        self.position = position
        super().__init__(_placed(message, position))


class QueryFailed(PatchdeckError):
    """The query is allowed, but the engine could not answer it; says why, with line and column where known."""

    def __init__(self, message: str, position: Position | None = None) -> None:
        self.position = position
        super().__init__(_placed(message, position))


class QueryTimedOut(PatchdeckError):
    """The query ran into its time limit and was stopped."""


class QueryCancelled(PatchdeckError):
    """The query was cancelled by the user."""


def nearest_name(name: str, known: Iterable[str]) -> str | None:
    """The known name most like ``name``, whatever the case, or None where none is near."""
    by_folded = {candidate.casefold(): candidate for candidate in known}
    matches = difflib.get_close_matches(name.casefold(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def _placed(message: str, position: Position | None) -> str:
    return f"Line {position.line}, column {position.column}: {message}" if position else message
