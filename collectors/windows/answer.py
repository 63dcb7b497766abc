"""What a script on Windows answers: base64 of UTF-8 JSON between markers, among whatever else was printed."""

import base64
import binascii
import json
import re
from collections.abc import Iterator, Mapping

from fleet.errors import UnreadableOutput
from fleet.hostile import clean

_LANGUAGE = re.compile(rb"^patchdeck-language ([A-Za-z]{1,40})\r?$", re.MULTILINE)


def begin_of(marker: str) -> bytes:
    """The line before an answer."""
    return f"<<<patchdeck {marker}".encode("ascii")


def end_of(marker: str) -> bytes:
    """The line behind an answer."""
    return f"patchdeck>>> {marker}".encode("ascii")


def read_answers(output: bytes, marker: str) -> Iterator[Mapping[str, object]]:
    """The whole answers in ``output``, in their order; what is cut off at the end is none.

    Raises:
        UnreadableOutput: between the markers is something else than an object.
    """
    at = 0
    while (begun := output.find(begin_of(marker), at)) >= 0:
        start = begun + len(begin_of(marker))
        ended = output.find(end_of(marker), start)
        if ended < 0:
            return
        yield _read(output[start:ended])
        at = ended


def read_answer(output: bytes, marker: str) -> Mapping[str, object]:
    """The one answer in ``output``.

    Raises:
        UnreadableOutput: there is none, there are several, or it is no object.
    """
    answers = list(read_answers(output, marker))
    if len(answers) != 1:
        words = f"{len(answers)} whole answers came back, and one was expected"
        raise UnreadableOutput("the script's output", 1, words)
    return answers[0]


def language_mode(output: bytes) -> str | None:
    """The language mode that keeps scripts from running, None where nothing of that was said."""
    found = _LANGUAGE.search(output)
    return found[1].decode("ascii") if found else None


def _read(text: bytes) -> Mapping[str, object]:
    try:
        # Lines are wrapped, and some ways to a machine add blanks.
        value = json.loads(base64.b64decode(b"".join(text.split()), validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise UnreadableOutput("the script's answer", 1, clean(str(error), 100)) from error
    if not isinstance(value, dict):
        raise UnreadableOutput("the script's answer", 1, clean(repr(value), 100))
    return value
