"""Whole answers of machines to start from, and what a hostile machine may make of them."""

import json
import re
from dataclasses import dataclass
from pathlib import Path

from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
CAPTURES = ROOT / "tests" / "collectors" / "captures"
TRANSCRIPTS = ROOT / "sample-data" / "transcripts"
_MARKER = b"@MARKER@"
_SAMPLE_TRANSCRIPTS = 3

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
class Seed:
    """A whole answer of a machine, its lines with ``@MARKER@`` for the marker."""

    name: str
    lines: tuple[bytes, ...]

    def __repr__(self) -> str:
        return f"Seed({self.name})"

    def section_starts(self) -> dict[str, int]:
        """The number of the line that begins each section, by the section's name."""
        return {
            match[1].decode(): number
            for number, line in enumerate(self.lines)
            if (match := re.fullmatch(rb"@MARKER@ begin ([a-z0-9-]+)", line)) and match[1] != b"answer"
        }


def find_seeds() -> tuple[Seed, ...]:
    """Every captured whole answer, and some of the sample fleet's."""
    captured = [
        Seed(str(path.relative_to(CAPTURES)), tuple(raw.split(b"\n")))
        for path in sorted(CAPTURES.rglob("*.txt"))
        if b"@MARKER@ begin-answer" in (raw := path.read_bytes())
    ]
    sampled = sorted(TRANSCRIPTS.glob("*.json"), key=lambda path: path.stat().st_size)
    return (*captured, *(seed for path in sampled[:_SAMPLE_TRANSCRIPTS] for seed in _replies(path)))


def _replies(path: Path) -> list[Seed]:
    replies = json.loads(path.read_text(encoding="utf-8"))["replies"]
    texts = ["\n".join(reply.get("stdout", ())).encode("utf-8", "surrogateescape") for reply in replies]
    return [Seed(path.name, tuple(text.split(b"\n"))) for text in texts if b"@MARKER@ begin-answer" in text]


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
