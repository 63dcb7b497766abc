"""A JSON object of two levels, read member by member: a file of any size in the memory that one member takes."""

import codecs
import json
import re
from collections.abc import Iterator
from typing import BinaryIO

from fleet.errors import FeedUnusable
from fleet.hostile import clean
from ops.feeds.shapes import Json

_CHUNK_BYTES = 1 << 20
# The largest member of Debian's tracker, a CVE of the kernel, takes some kilobytes.
_MEMBER_CHARACTERS = 8 << 20
_SPACE = re.compile(r"[ \t\r\n]*")


class JsonStream:
    """The members of the object in ``stream``. What comes after the object is not read."""

    def __init__(self, stream: BinaryIO, name: str) -> None:
        self._stream = stream
        self._name = name
        self._decode = codecs.getincrementaldecoder("utf-8")(errors="strict")
        self._decoder = json.JSONDecoder()
        self._text = ""
        self._at = 0
        self._is_whole = False

    def nested_members(self) -> Iterator[tuple[str, str, Json]]:
        """Key, key within it, value: of an object of objects.

        Raises:
            FeedUnusable: the text is not that, ends too early, or a member is larger than any should be.
        """
        for outer in self._keys():
            for inner in self._keys():
                yield outer, inner, self._value()

    def members(self) -> Iterator[tuple[str, Json]]:
        """Key and value of the object's members.

        Raises:
            FeedUnusable: as `nested_members`.
        """
        for key in self._keys():
            yield key, self._value()

    def _keys(self) -> Iterator[str]:
        """The keys of the object that begins here, each with the position at its value; then behind the object."""
        self._expect("{")
        if self._peek() == "}":
            self._at += 1
            return
        while True:
            key = self._value()
            if not isinstance(key, str):
                raise FeedUnusable(f"{self._name} is not JSON: a key is not a text.")
            self._expect(":")
            yield key
            if self._peek() == "}":
                self._at += 1
                return
            self._expect(",")

    def _expect(self, character: str) -> None:
        found = self._peek()
        if found != character:
            what = f"{clean(found)!r} stands" if found else "the file ends"
            raise FeedUnusable(
                f"{self._name} is not whole JSON of objects in objects: {what} where {character!r} must be."
            )
        self._at += 1

    def _peek(self) -> str:
        """The next character that is no space, empty at the end."""
        while True:
            match = _SPACE.match(self._text, self._at)
            self._at = match.end() if match else self._at
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._read_more():
                return ""

    def _value(self) -> Json:
        self._peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except (ValueError, RecursionError) as error:
                if isinstance(error, RecursionError) or not self._read_more():
                    raise FeedUnusable(f"{self._name} is not whole JSON: {clean(str(error), 200)}.") from error
                continue
            # A number at the end of what was read may go on.
            if end == len(self._text) and self._read_more():
                continue
            self._at = end
            return value  # type: ignore[no-any-return]  # raw_decode gives Any

    def _read_more(self) -> bool:
        """Appends what comes next, at least as much again as is there: a long value is not read over and over."""
        if self._is_whole:
            return False
        kept = self._text[self._at :]
        if len(kept) > _MEMBER_CHARACTERS:
            raise FeedUnusable(
                f"{self._name} holds a member of more than {_MEMBER_CHARACTERS >> 20} MiB: it is not read."
            )
        data = self._stream.read(max(_CHUNK_BYTES, len(kept)))
        self._is_whole = not data
        try:
            self._text = kept + self._decode.decode(data, final=self._is_whole)
        except UnicodeDecodeError as error:
            raise FeedUnusable(f"{self._name} is not UTF-8.") from error
        self._at = 0
        return not self._is_whole
