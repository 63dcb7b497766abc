"""Whole answers of machines to start from, and what a hostile machine may make of them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

from fleet.assessments import Assessment

ROOT = Path(__file__).parents[3]
CAPTURES = ROOT / "tests" / "collectors" / "captures"
TRANSCRIPTS = ROOT / "sample-data" / "transcripts"
_MARKER = b"@MARKER@"
_SAMPLE_TRANSCRIPTS = 6

ReadBytes = Callable[..., Assessment]

HOSTILE_TOKENS = (
    b"\x1b]0;owned\x07\x1b[2J",
    b"\x9b31m",
    b"\x00",
    b"\r",
    b"\xff\xfe",
    b"[bold red]@click=app.quit[/]",
    b"=cmd|' /C calc'!A0",
    b"../../../../etc/passwd",
    b"'; DROP TABLE Update; --",
    b'"$(reboot)`reboot`',
    "\u202egnp.exe\u2066".encode(),
    "\u0130\u00df\u1e9e".encode(),
    b"9" * 5000,
    b"-1",
    b"1e999",
    b"NaN",
    "\u0661\u0662".encode(),
    b"|",
    b"\t",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>&b;",
    b"]]>",
    b"}{",
    b"",
)
HOSTILE_LINES = (
    *HOSTILE_TOKENS,
    b"@MARKER@ begin-answer",
    b"@MARKER@ end-answer 99999999999999999999",
    b"@MARKER@ begin system",
    b"@MARKER@ begin " + b"a" * 60,
    b"@MARKER@ end 0",
    b"@MARKER@ end 256",
    b"@MARKER@ end -1",
    b"@MARKER@",
    b"x" * 70_000,
    b"machine_id=another-machine",
    b"host_name=another-machine",
    b"=",
    b" ",
    b"a b c d e f g h i j",
)


@dataclass(frozen=True, slots=True)
class SeedSection:
    """Where the lines of a section are in the answer: the first of them, and the line after the last one."""

    first: int
    end: int
    exit_status: int


@dataclass(frozen=True, slots=True)
class Seed:
    """A whole answer of a machine, its lines with ``@MARKER@`` for the marker, and what it said on standard error."""

    name: str
    lines: tuple[bytes, ...]
    errors: bytes = b""

    def __repr__(self) -> str:
        return self.name

    def sections(self) -> dict[str, SeedSection]:
        """Each section by its name."""
        found: dict[str, SeedSection] = {}
        name, first = "", 0
        for number, line in enumerate(self.lines):
            if match := re.fullmatch(rb"@MARKER@ begin ([a-z0-9-]+)", line):
                name, first = match[1].decode(), number + 1
            elif match := re.fullmatch(rb"@MARKER@ end ([0-9]+)", line):
                # The line before it belongs to the marker.
                found[name] = SeedSection(first, max(first, number - 1), int(match[1]))
        return found

    def with_line(self, position: int, line: bytes) -> bytes:
        """The answer with one line more."""
        return b"\n".join([*self.lines[:position], line, *self.lines[position:]])

    def with_error(self, section: str, line: bytes) -> bytes:
        """The standard error of an answer in which ``section`` alone said something there."""
        marks = b"".join(
            b"\n@MARKER@ begin %s\n%s" % (name.encode(), line + b"\n" if name == section else b"")
            for name in self.sections()
        )
        return b"\n@MARKER@ begin-answer\n" + marks + b"\n@MARKER@ end-answer\n"


def find_seeds() -> tuple[Seed, ...]:
    """Every captured whole answer, and the smallest of each kind of machine of the sample fleet."""
    captured = [
        Seed(str(path.relative_to(CAPTURES)), tuple(raw.split(b"\n")), _read_errors(path))
        for path in sorted(CAPTURES.rglob("*.txt"))
        if b"@MARKER@ begin-answer" in (raw := path.read_bytes())
    ]
    sampled = [seed for path in sorted(TRANSCRIPTS.glob("*.json")) for seed in _replies(path)]
    by_sections = {tuple(seed.sections()): seed for seed in sorted(sampled, key=lambda seed: -len(seed.lines))}
    smallest = sorted(by_sections.values(), key=lambda seed: len(seed.lines))
    return (*captured, *smallest[:_SAMPLE_TRANSCRIPTS])


def _read_errors(path: Path) -> bytes:
    errors = path.with_suffix(".err")
    return errors.read_bytes() if errors.exists() else b""


def _replies(path: Path) -> list[Seed]:
    replies = json.loads(path.read_text(encoding="utf-8"))["replies"]
    texts = ["\n".join(reply.get("stdout", ())).encode("utf-8", "surrogateescape") for reply in replies]
    return [
        Seed(path.name, tuple(text.split(b"\n")))
        for text in texts
        if b"@MARKER@ begin-answer" in text and b"@MARKER@ end-answer" in text
    ]


SEEDS = find_seeds()


@st.composite
def hostile_answers(draw: st.DrawFn) -> bytes:
    """An answer of a real machine, changed in one to six places, and sometimes cut."""
    lines = list(draw(st.sampled_from(SEEDS)).lines)
    for _ in range(draw(st.integers(1, 6))):
        position = draw(st.integers(0, len(lines) - 1))
        lines[position : position + 1] = draw(_changed(lines[position], draw(st.sampled_from(lines))))
    output = b"\n".join(lines)
    return output[: draw(st.integers(0, len(output)))] if draw(st.integers(0, 9)) == 0 else output


def _changed(line: bytes, other: bytes) -> st.SearchStrategy[list[bytes]]:
    """What may stand in place of a line."""
    return st.one_of(
        st.just([]),
        st.just([line, line]),
        st.just([other]),
        st.just([line, other]),
        st.sampled_from(HOSTILE_LINES).map(lambda hostile: [line, hostile]),
        st.sampled_from(HOSTILE_LINES).map(lambda hostile: [hostile]),
        st.builds(lambda token, share: [_insert(line, token, share)], st.sampled_from(HOSTILE_TOKENS), st.floats(0, 1)),
        st.builds(
            lambda token, word: [_replace_word(line, token, word)], st.sampled_from(HOSTILE_TOKENS), st.integers(0, 9)
        ),
        st.binary(max_size=60).map(lambda raw: [line + raw]),
        st.integers(2, 400).map(lambda times: [line] * times),
    )


def _insert(line: bytes, token: bytes, share: float) -> bytes:
    at = int(len(line) * share)
    return line[:at] + token + line[at:]


def _replace_word(line: bytes, token: bytes, word: int) -> bytes:
    parts = re.split(rb"([ \t|=,;:/()\[\]<>\"]+)", line)
    words = range(0, len(parts), 2)
    parts[words[word % len(words)]] = token
    return b"".join(parts)
