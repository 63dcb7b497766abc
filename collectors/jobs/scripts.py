"""How scripts and health gates on a machine ended, from the frames of `script.sh` and `gate.sh`."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from collectors.jobs.frames import Frame
from fleet.hostile import clean, decode

# As the shell prints them: an exit status, a port, seconds.
_STATUS = re.compile(r"([0-9]{1,3}) ([0-9]{1,9})")
_NUMBER = re.compile(r"[0-9]{1,5}")
# timeout(1): 124, or 137 where the end had to be forced.
_TIMED_OUT = (124, 137)


@dataclass(frozen=True, slots=True)
class ScriptEnd:
    """How a script ended. ``exit_status`` None: it did not end in time. ``output`` is both streams, cut at 256 KiB."""

    exit_status: int | None
    output: str
    elapsed_seconds: float


def read_script(frames: Sequence[Frame], timeout_seconds: int) -> ScriptEnd:
    """The end of a script that may have taken so long.

    Raises:
        ValueError: the frames are not those of a script.
    """
    contents = {frame.kind: frame.content for frame in frames}
    if not {"output", "status"} <= contents.keys():
        raise ValueError("a script's output or status is missing")
    match = _STATUS.fullmatch(decode(contents["status"]))
    if match is None:
        raise ValueError("a script's status that is none")
    status, elapsed_seconds = int(match[1]), float(match[2])
    is_late = status in _TIMED_OUT and elapsed_seconds + 1 >= timeout_seconds
    return ScriptEnd(None if is_late else status, decode(contents["output"]), elapsed_seconds)


def read_gate(frames: Sequence[Frame], command: str, tcp_ports: Sequence[int], timeout_seconds: int) -> tuple[str, ...]:
    """What does not hold, a line each.

    Raises:
        ValueError: the frames are not those of a gate, or one of the answers is missing.
    """
    asked = [*(["command"] if command else []), *("port" for _ in tcp_ports)]
    if [frame.kind for frame in frames] != asked:
        raise ValueError("answers that are not those to what was asked")
    return tuple(_troubles(frames, command, timeout_seconds))


def _troubles(frames: Sequence[Frame], command: str, timeout_seconds: int) -> Iterator[str]:
    for frame in frames:
        first, _, words = decode(frame.content).partition("\n")
        said = clean(words, 400)
        if not _NUMBER.fullmatch(first):
            raise ValueError("an answer without a number")
        number = int(first)
        if frame.kind == "port":
            if said:
                yield f"tcp port {number}: {said}"
        elif number in _TIMED_OUT:
            yield f"{clean(command, 200)}: not ended within {timeout_seconds} s"
        elif number != 0:
            yield f"{clean(command, 200)}: exit status {number}{f': {said}' if said else ''}"
