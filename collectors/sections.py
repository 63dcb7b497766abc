"""The answer of the probe taken apart into sections, each with its output, its errors and its exit status.

The marker is new and random in every run, so nothing that a package or a login shell prints can pass for one.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fleet.errors import UnreadableOutput
from fleet.hostile import clean, decode

# No tool that we ask prints longer lines; what is longer is not read, and said so.
LINE_BYTES = 64 * 1024
# Those of ASCII: a line of other spaces is not empty.
_BLANKS = " \t\n\r\x0b\x0c"
_WORDS = re.compile(rb"[a-z0-9 -]{1,80}")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,40}")


@dataclass(frozen=True, slots=True)
class Section:
    """What one question printed. ``exit_status`` 124 and 137 mean that it took too long: timeout(1)."""

    name: str
    stdout: bytes
    stderr: bytes
    exit_status: int

    @property
    def is_timed_out(self) -> bool:
        """Whether the question was stopped because it took too long."""
        return self.exit_status in (124, 137)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Number and text of each line that is not empty, first line 1.

        Raises:
            UnreadableOutput: a line is longer than any that we know how to read.
        """
        if len(self.stdout) > LINE_BYTES:
            self._refuse_long_lines()
        lines = enumerate(decode(self.stdout).split("\n"), start=1)
        return iter([(number, line.removesuffix("\r")) for number, line in lines if line.strip(_BLANKS)])

    def _refuse_long_lines(self) -> None:
        for number, raw in enumerate(self.stdout.split(b"\n"), start=1):
            if len(raw) > LINE_BYTES:
                raise UnreadableOutput(self.name, number, clean(decode(raw[:200])))

    def values(self) -> Mapping[str, str]:
        """The ``name=value`` lines of it; the last one where a name comes twice.

        Raises:
            UnreadableOutput: a line is not one.
        """
        values: dict[str, str] = {}
        for number, line in self.lines():
            name, equals, value = line.partition("=")
            if not equals:
                raise UnreadableOutput(self.name, number, clean(line))
            values[name] = value
        return values

    def value(self, name: str) -> str:
        """The value of the ``name=value`` line of that name.

        Raises:
            UnreadableOutput: there is none, or another line is not of that form.
        """
        values = self.values()
        if name not in values:
            raise UnreadableOutput(self.name, 1, f"({name} is missing)")
        return values[name]

    @property
    def error_text(self) -> str:
        """What it printed on standard error, as one harmless line."""
        return clean(decode(self.stderr[:LINE_BYTES]))


@dataclass(frozen=True, slots=True)
class Sections:
    """A whole answer. ``ended_at_seconds`` is the machine's clock at its end, in seconds since 1970, if it had one."""

    by_name: Mapping[str, Section]
    ended_at_seconds: int | None

    def find(self, name: str) -> Section | None:
        """The section called ``name``, or None where the question was not asked."""
        return self.by_name.get(name)

    def get(self, name: str) -> Section:
        """The section called ``name``.

        Raises:
            UnreadableOutput: there is none.
        """
        section = self.by_name.get(name)
        if section is None:
            raise UnreadableOutput(name, 1, "(the section is missing)")
        return section


class AnswerMissing(Exception):
    """The answer never began: whatever answered is not a shell that ran our script."""


class AnswerCut(Exception):
    """The answer began but has no end; `section` is the last one that began, empty if none did."""

    def __init__(self, section: str) -> None:
        super().__init__(f"cut in section {section!r}")
        self.section = section


def split_answer(stdout: bytes, stderr: bytes, marker: str) -> Sections:
    """The sections of a whole answer. What a login shell prints before and after it is left out.

    Raises:
        AnswerMissing: no answer begins in ``stdout``.
        AnswerCut: it does not end; never a full answer, however much of it came.
        UnreadableOutput: its frame is broken.
    """
    frames = _frames(stdout, marker)
    if not frames or frames[0].words != ["begin-answer"]:
        raise AnswerMissing
    if frames[-1].words[0] != "end-answer":
        raise AnswerCut(_last_section(frames))
    if frames[1].words == ["begin-answer"]:
        raise UnreadableOutput(
            "answer", 1, "(standard error came mixed into standard output, by a login shell's doing)"
        )
    error_frames = _frames(stderr, marker)
    if error_frames and error_frames[-1].words[0] != "end-answer":
        raise AnswerCut(_last_section(error_frames))
    errors = _errors(error_frames)
    by_name: dict[str, Section] = {}
    for begin, end in _pairs(frames[1:-1]):
        name = begin.words[1]
        if name in by_name:
            raise UnreadableOutput(name, 1, "(the section comes twice)")
        by_name[name] = Section(name, begin.text, errors.get(name, b""), int(end.words[1]))
    return Sections(by_name, _number(frames[-1].words[1:]))


@dataclass(frozen=True, slots=True)
class _Frame:
    """A marker line, and what was printed between it and the next one."""

    words: list[str]
    text: bytes


def _frames(output: bytes, marker: str) -> list[_Frame]:
    """The frames in the order printed; a line that only begins as a marker line does is text as any other."""
    begun: list[tuple[list[str], list[bytes]]] = []
    # Splitting at a fixed text takes a tenth of the time of a pattern, which would be new for every answer.
    for piece in (b"\n" + output).split(b"\n" + marker.encode() + b" ")[1:]:
        line, newline, text = piece.partition(b"\n")
        if newline and _WORDS.fullmatch(line):
            begun.append((line.decode().split() or [""], [text]))
        elif begun:
            begun[-1][1].append(piece)
    separator = b"\n" + marker.encode() + b" "
    return [_Frame(words, separator.join(texts)) for words, texts in begun]


def _last_section(frames: list[_Frame]) -> str:
    names = [frame.words[1] for frame in frames if frame.words[0] == "begin" and len(frame.words) > 1]
    return names[-1] if names else ""


def _pairs(frames: list[_Frame]) -> Iterator[tuple[_Frame, _Frame]]:
    if len(frames) % 2:
        raise UnreadableOutput("answer", 1, "(a section has no end)")
    for begin, end in zip(frames[::2], frames[1::2], strict=True):
        if not _is_begin(begin) or not _is_end(end) or end.text.strip():
            raise UnreadableOutput("answer", 1, clean(" ".join([*begin.words, *end.words]) + decode(end.text[:100])))
        yield begin, end


def _is_begin(frame: _Frame) -> bool:
    return len(frame.words) == 2 and frame.words[0] == "begin" and bool(_NAME.fullmatch(frame.words[1]))


def _is_end(frame: _Frame) -> bool:
    return len(frame.words) == 2 and frame.words[0] == "end" and frame.words[1].isdigit() and len(frame.words[1]) < 4


def _errors(frames: list[_Frame]) -> dict[str, bytes]:
    return {frame.words[1]: frame.text for frame in frames if _is_begin(frame)}


def _number(words: list[str]) -> int | None:
    return int(words[0]) if words and words[0].isdigit() and len(words[0]) < 13 else None
