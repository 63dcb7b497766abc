"""The part of a package manager's log that shows what became of a package, and the one line that says it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from fleet.hostile import clean, decode

EXCERPT_CHARACTERS = 2_000
_LINE_CHARACTERS = 400
# A transaction's log is read from its end: what failed stands there.
_MOST_BYTES = 256 * 1024
_MOST_LINES = 2_000
# Too little for a line that says something.
_LEAST_ROOM = 20

_ESCAPES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[@-Z\\-_]")
_LINE_END = re.compile(r"\r\n|\n|\r")
# Not as part of a name: libgpg-error.
_TROUBLE = re.compile(
    r"^E: |(?<![\w-])(?:errors?|fail(?:ed|ure|s)?)(?![\w-])|\bcannot\b|\bcould not\b|\bunable\b|\bconflicts?\b"
    r"|\bdenied\b|\btimed out\b|\bno space\b|\bproblems? prevent|\bnothing provides\b|\bscriptlet\b|\bunmet\b"
    r"|\blocked\b|\brefused\b",
    re.IGNORECASE,
)
# The package managers' last words after any failure: they say nothing of why.
_GENERIC = re.compile(
    r"Sub-process .* returned an error code|^Errors were encountered|^Error: Transaction failed", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class LogExcerpt:
    """``error`` is the line that says it best, empty where none does; ``text`` a few lines, each harmless."""

    error: str
    text: str


@dataclass(frozen=True, slots=True)
class LogPart:
    """The log of one transaction, read once for all of its packages: its lines, and how much trouble each tells of."""

    lines: tuple[str, ...]
    trouble: tuple[int, ...]


def read_log(log: bytes) -> LogPart:
    """The lines of a log, without colours and progress that was overwritten; the last ones of a very long log."""
    text = _ESCAPES.sub("", decode(log[-_MOST_BYTES:]))
    cleaned = (clean(line, _LINE_CHARACTERS) for line in _LINE_END.split(text)[-_MOST_LINES:])
    lines = tuple(line for line in cleaned if line)
    return LogPart(lines, tuple(map(_trouble_of, lines)))


def excerpt_log(part: LogPart, name: str) -> LogExcerpt:
    """What the log of the transaction that held the package says of ``name``'s failure.

    Lines that name the package and trouble come first, with their neighbours; then any trouble; then any line that
    names the package; else the last ones. At most `EXCERPT_CHARACTERS`, in the order of the log, gaps marked ``…``.
    """
    ranks = [
        (3 if trouble else 1) if names_package(line, name) else trouble
        for line, trouble in zip(part.lines, part.trouble, strict=True)
    ]
    return LogExcerpt(_find_error(part.lines, ranks), _gather(part.lines, ranks))


def names_package(line: str, name: str) -> bool:
    """Whether ``line`` names that very package, not one whose name begins or ends so."""
    if name not in line:
        return False
    pattern = rf"(?<![A-Za-z0-9+._-]){re.escape(name)}(?![A-Za-z0-9+_]|[.][0-9]|-[A-Za-z])"
    return re.search(pattern, line) is not None


def says_left_half_done(lines: Iterable[str], name: str) -> bool:
    """Whether dpkg says that it could not finish the package, whatever version it shows for it."""
    package = rf"{re.escape(name)}(?::[a-z0-9]+)?(?=[\s:]|$)"
    half_done = re.compile(rf"error processing (?:package|archive) {package}|prevent configuration of {package}")
    return any(half_done.search(line) for line in lines if name in line)


def find_failed_script(lines: Iterable[str], name: str) -> str:
    """The line in which rpm says that a script of the package failed; empty if there is none."""
    said = (line for line in lines if "scriptlet" in line and re.search(r"\berror\b|\bfailed\b", line, re.IGNORECASE))
    # rpm writes name-version-release.arch, which `names_package` knows by the digit behind the dash.
    return next((line for line in said if names_package(line.replace("(", " "), name)), "")


def _trouble_of(line: str) -> int:
    """2: trouble, 1: trouble in general words, 0: none. Of the package itself it would be 3."""
    if _TROUBLE.search(line) is None:
        return 0
    return 1 if _GENERIC.search(line) else 2


def _find_error(lines: Sequence[str], ranks: Sequence[int]) -> str:
    best = max(ranks, default=0)
    if best < 2:
        return ""
    number = ranks.index(best)
    said = lines[number]
    # dpkg: "error processing package x (--configure):", and why on the next line.
    follows = lines[number + 1] if said.endswith(":") and number + 1 < len(lines) else ""
    return clean(f"{said} {follows}", 500)


def _gather(lines: Sequence[str], ranks: Sequence[int]) -> str:
    taken: set[int] = set()
    room = EXCERPT_CHARACTERS
    for number in _by_worth(lines, ranks):
        if room < _LEAST_ROOM:
            break
        cost = len(lines[number]) + 3  # its line end, and a gap
        if number not in taken and cost <= room:
            taken.add(number)
            room -= cost
    gathered: list[str] = []
    previous = -1
    for number in sorted(taken):
        if gathered and number > previous + 1:
            gathered.append("…")
        gathered.append(lines[number])
        previous = number
    return "\n".join(gathered)


def _by_worth(lines: Sequence[str], ranks: Sequence[int]) -> Iterator[int]:
    """Numbers of lines, those first that say most; each of the package's own trouble with its neighbours."""
    for rank in (3, 2, 1):
        for number in (number for number, known in enumerate(ranks) if known == rank):
            yield number
            if rank == 3:
                yield from range(max(0, number - 1), min(len(lines), number + 3))
    if not any(ranks):
        yield from range(len(lines) - 1, -1, -1)
