"""Transcripts: what one machine answered, as JSON that is made to be read and kept in git.

    {"format": 1, "replies": [{"exit_status": 0, "elapsed_seconds": 0.8, "delay_seconds": 0.0,
                               "stdout": ["one string for each line", ""], "stderr": [""]},
                              {"failure": {"kind": "connection-lost", "tried": "…", "came_back": "…", "remedy": "…"},
                               "stdout": ["what had come until then"]}]}

Lines are joined by newlines, so output that ends with a newline has an empty last line. Bytes that are not UTF-8 stand
as lone surrogates (``\\udcff``). The marker that is new in every script stands as ``@MARKER@``. A text that is meant to
flood says ``"repeat": N`` beside its lines.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar, cast

from collectors.whole_files import write_whole
from fleet.errors import BadInput
from fleet.failures import Failure, FailureKind

FORMAT = 1
MARKER_PLACEHOLDER = b"@MARKER@"

_Json = dict[str, object]
_Number = TypeVar("_Number", int, float)


@dataclass(frozen=True, slots=True)
class Reply:
    """What one run gave: output and exit status, or ``failure`` with the output until then.

    ``delay_seconds`` is waited before answering; ``elapsed_seconds`` is what the run is said to have taken, or None for
    what it takes. ``repeat`` is how often standard output comes.
    """

    stdout: bytes = b""
    stderr: bytes = b""
    exit_status: int | None = None
    failure: Failure | None = None
    delay_seconds: float = 0.0
    elapsed_seconds: float | None = None
    repeat: int = 1


def read_transcript(path: Path) -> tuple[Reply, ...]:
    """The replies of a transcript, at least one, in the order of the runs.

    Raises:
        BadInput: the file is missing, or not a transcript; names the file and what is wrong.
    """
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        replies = tuple(_reply(entry) for entry in _replies_of(document))
    except OSError as error:
        raise BadInput(f"Transcript {path} cannot be read: {error.strerror}.") from error
    except (ValueError, TypeError, KeyError) as error:
        raise BadInput(f"Transcript {path} is malformed: {error}.") from error
    if not replies:
        raise BadInput(f"Transcript {path} has no replies.")
    return replies


def write_transcript(path: Path, replies: Sequence[Reply]) -> None:
    """Write ``replies`` to ``path``, all of them or none."""
    document = {"format": FORMAT, "replies": [_entry(reply) for reply in replies]}
    write_whole(path, json.dumps(document, indent=1) + "\n")


def _replies_of(document: object) -> list[_Json]:
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise ValueError(f'expected an object with "format": {FORMAT}')
    replies = document.get("replies")
    if not isinstance(replies, list) or not all(isinstance(entry, dict) for entry in replies):
        raise ValueError('"replies" is not a list of objects')
    return replies


def _reply(entry: _Json) -> Reply:
    unknown = set(entry) - set(Reply.__dataclass_fields__)
    if unknown:
        raise ValueError(f"unknown key {min(unknown)!r}")
    failure = entry.get("failure")
    return Reply(
        stdout=_join_lines(entry.get("stdout")),
        stderr=_join_lines(entry.get("stderr")),
        exit_status=_number(entry, "exit_status", int),
        failure=_failure(cast("_Json", failure)) if failure is not None else None,
        delay_seconds=_number(entry, "delay_seconds", float) or 0.0,
        elapsed_seconds=_number(entry, "elapsed_seconds", float),
        repeat=_number(entry, "repeat", int) or 1,
    )


def _number(entry: _Json, key: str, kind: type[_Number]) -> _Number | None:
    value = entry.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{key!r} is not a number")
    return kind(value)


def _failure(entry: _Json) -> Failure:
    tried, came_back, remedy = (str(entry[key]) for key in ("tried", "came_back", "remedy"))
    elapsed_seconds = _number(entry, "elapsed_seconds", float)
    return Failure(FailureKind(str(entry["kind"])), tried, came_back, remedy, elapsed_seconds=elapsed_seconds)


def _entry(reply: Reply) -> _Json:
    entry: _Json = {}
    if reply.failure is not None:
        failure = reply.failure
        entry["failure"] = {name: getattr(failure, name) for name in Failure.__dataclass_fields__}
    else:
        entry["exit_status"] = reply.exit_status
    if reply.elapsed_seconds is not None:
        entry["elapsed_seconds"] = reply.elapsed_seconds
    if reply.delay_seconds:
        entry["delay_seconds"] = reply.delay_seconds
    if reply.repeat != 1:
        entry["repeat"] = reply.repeat
    return entry | {"stdout": _split_lines(reply.stdout), "stderr": _split_lines(reply.stderr)}


def _join_lines(lines: object) -> bytes:
    if lines is None:
        return b""
    if not isinstance(lines, list) or not all(isinstance(line, str) for line in lines):
        raise TypeError("output is not a list of lines")
    return "\n".join(lines).encode("utf-8", errors="surrogateescape")


def _split_lines(output: bytes) -> list[str]:
    return output.decode("utf-8", errors="surrogateescape").split("\n")
