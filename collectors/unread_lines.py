"""Findings for lines that no reader understands: nothing that a machine says is passed over in silence."""

from collections.abc import Iterable, Iterator
from itertools import islice

from collectors.line_shapes import (
    ERRORS_OF_LINUX,
    ERRORS_OF_MANAGERS,
    ERRORS_READ,
    ERRORS_READ_OF_FAILED,
    MOST_BYTES_OF_LINUX,
    OF_LINUX,
    OF_MANAGERS,
    OWNERS,
)
from collectors.managers.dnf_noise import is_noise
from collectors.sections import LINE_BYTES, Section, Sections
from fleet.errors import UnreadableOutput
from fleet.failures import Finding, FindingKind, Severity
from fleet.hostile import clean, decode

_SHOWN_CHARACTERS = 200
_REMEDY = "Look at the kept answer of the machine, and report it if no mistake of the machine explains it."


def refuse_floods(sections: Sections) -> None:
    """Stops at a section of facts that is larger than any machine's: its lines are gone through many times.

    Raises:
        UnreadableOutput: there is one.
    """
    for name in ("system", "disks", *OF_LINUX):
        section = sections.find(name)
        if section is not None and len(section.stdout) > MOST_BYTES_OF_LINUX:
            raise UnreadableOutput(name, 1, f"({len(section.stdout):,} bytes, more than any machine says of itself)")


def find_unread_lines(sections: Sections, manager: str | None) -> Iterator[Finding]:
    """One finding for each section with lines of no known shape, of those whose readers look for some lines only.

    Raises:
        UnreadableOutput: a line is longer than any that we know how to read.
    """
    for name, shape in (*OF_LINUX.items(), *OF_MANAGERS.get(manager or "", {}).items()):
        section = sections.find(name)
        unread = [line for _, line in section.lines() if not shape.fullmatch(line)] if section else []
        if unread:
            text = f"{_count(unread)} of {name} not understood, the first: {clean(unread[0], _SHOWN_CHARACTERS)}"
            yield Finding(FindingKind.LINES_NOT_READ, Severity.WARNING, text, _REMEDY)


def find_unread_errors(sections: Sections, manager: str | None) -> Iterator[Finding]:
    """One finding for all that the questions printed on standard error and no reader looks at."""
    unread = [
        (section.name, line)
        for section in sections.by_name.values()
        if section.stderr.strip() and _is_silent(section, manager)
        for line in _error_lines(section)
        if not _is_known(line, manager)
    ]
    if unread:
        names = ", ".join(islice(dict.fromkeys(name for name, _ in unread), 5))
        first = clean(unread[0][1], _SHOWN_CHARACTERS)
        text = f"{_count(unread)} on standard error ({names}) not understood, the first: {first}"
        yield Finding(FindingKind.LINES_NOT_READ, Severity.INFO, text, _REMEDY)


def _is_silent(section: Section, manager: str | None) -> bool:
    """Whether no reader looks at the section's standard error, though the section is part of the answer."""
    is_read = ERRORS_READ.fullmatch(section.name) or (
        section.exit_status and ERRORS_READ_OF_FAILED.fullmatch(section.name)
    )
    return not is_read and OWNERS.get(section.name.partition("-")[0], manager) == manager


def _error_lines(section: Section) -> Iterable[str]:
    return (line for line in decode(section.stderr[:LINE_BYTES]).splitlines() if line.strip())


def _is_known(line: str, manager: str | None) -> bool:
    talk = ERRORS_OF_MANAGERS.get(manager or "")
    return bool(ERRORS_OF_LINUX.match(line) or (talk and talk.match(line)) or (manager == "dnf" and is_noise(line)))


def _count(lines: list[str] | list[tuple[str, str]]) -> str:
    return f"{len(lines)} lines" if len(lines) > 1 else "A line"
