"""The documents of a feed: a file, packed or not, a folder of files, or a zip of them. None gives more than it may."""

import bz2
import gzip
import io
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from fleet.errors import FeedUnusable
from fleet.hostile import clean

# Debian's tracker has 70 MB, all of OSV for one distribution about 300 MB, Red Hat's VEX files together some gigabytes.
MOST_BYTES = 8 << 30
# What of a document its format is told by; notes of CSAF and details of OSV can be long.
HEAD_BYTES = 1 << 18
_MOST_DOCUMENTS = 1_000_000
# bzip2 packs OVAL 60 to 100 times; a bomb, a thousand times and more.
_MOST_RATIO = 400
_RATIO_MATTERS_FROM_BYTES = 64 << 20
_SUFFIXES = (".json", ".xml", ".csv", ".gz", ".bz2", ".xz")
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, tarfile.TarError, NotImplementedError)


@dataclass(frozen=True, slots=True)
class Document:
    """One document, its bytes unpacked; ``stream`` can be read until the next document is asked for."""

    name: str
    stream: io.BufferedReader


class Allowance:
    """How much of a feed may still be read: bounds all its documents together, for ``packed_bytes`` of them packed."""

    def __init__(self, packed_bytes: int, most_bytes: int = MOST_BYTES) -> None:
        by_ratio = max(_RATIO_MATTERS_FROM_BYTES, packed_bytes * _MOST_RATIO)
        self._left = min(most_bytes, by_ratio)
        self._is_bomb = by_ratio < most_bytes

    def take(self, count: int, name: str) -> None:
        """Count ``count`` bytes as read.

        Raises:
            FeedUnusable: there were more than a feed may have.
        """
        self._left -= count
        if self._left < 0:
            why = (
                f"unpacks to more than {_MOST_RATIO} times its size"
                if self._is_bomb
                else "is larger than any feed should be"
            )
            raise FeedUnusable(f"{name} {why}: it is not read.")


def open_documents(path: Path) -> Iterator[Document]:
    """The documents of the file or folder ``path``, in the order of their names.

    Raises:
        FeedUnusable: something cannot be read, is cut, or is too large.
    """
    if path.is_dir():
        yield from _folder(path)
        return
    size = _size_of(path)
    with _told_open(path) as file:
        yield from _file(file, path.name, Allowance(size))


def list_files(folder: Path) -> list[Path]:
    """The files of ``folder`` and below that can be documents, by their names; what else lies there is let alone.

    Raises:
        FeedUnusable: there are more than a feed may have, or the folder cannot be read.
    """
    found: list[Path] = []
    try:
        for each in folder.rglob("*"):
            if each.suffix.lower() in _SUFFIXES and each.is_file():
                found.append(each)
            _check_count(len(found), folder.name)
    except OSError as error:
        raise FeedUnusable(f"Cannot read {folder}: {error.strerror}.") from error
    return sorted(found)


def _folder(folder: Path) -> Iterator[Document]:
    files = list_files(folder)
    if not files:
        raise FeedUnusable(f"There is no feed in {folder}: no file whose name ends with {', '.join(_SUFFIXES)}.")
    allowance = Allowance(sum(map(_size_of, files)))
    for file in files:
        with _told_open(file) as opened:
            yield from _file(opened, str(file.relative_to(folder)), allowance)


def _file(file: BinaryIO, name: str, allowance: Allowance) -> Iterator[Document]:
    magic = file.read(8)
    file.seek(0)
    if magic.startswith(_ZSTANDARD):
        raise FeedUnusable(
            f"{name} is packed by zstd, which is not read: unpack it first (tar --zstd -xf, or zstd -d)."
        )
    if magic.startswith(b"PK"):
        yield from _zip(file, name, allowance)
        return
    unpacked = _unpacked(file, magic)
    if unpacked is not None:
        yield from _packed(unpacked, name, allowance)
        return
    yield Document(name, _bounded(file, name, allowance))


def _unpacked(file: BinaryIO, magic: bytes) -> "_Source | None":
    if magic.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)
    if magic.startswith(b"BZh"):
        return bz2.BZ2File(file)
    return lzma.LZMAFile(file) if magic.startswith(b"\xfd7zXZ\x00") else None


def _packed(file: "_Source", name: str, allowance: Allowance) -> Iterator[Document]:
    """A packed document, or a packed tar of documents."""
    with closing(file):
        if not name.endswith((".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")):
            yield Document(name, _bounded(file, name, allowance))
            return
        try:
            with tarfile.open(fileobj=_bounded(file, name, allowance), mode="r|") as archive:
                for count, member in enumerate(archive):
                    _check_count(count, name)
                    content = archive.extractfile(member) if member.isfile() else None
                    if content is not None and member.name.lower().endswith(_SUFFIXES):
                        yield Document(clean(member.name, 200), _bounded(content, member.name, Allowance(MOST_BYTES)))
        except _BROKEN as error:
            raise FeedUnusable(f"{name} cannot be unpacked: {clean(str(error), 200)}.") from error


def _zip(file: BinaryIO, name: str, allowance: Allowance) -> Iterator[Document]:
    try:
        with zipfile.ZipFile(file) as archive:
            for count, entry in enumerate(sorted(archive.infolist(), key=lambda each: each.filename)):
                _check_count(count, name)
                if not entry.is_dir() and entry.filename.lower().endswith(_SUFFIXES):
                    with archive.open(entry) as content:
                        yield Document(clean(entry.filename, 200), _bounded(content, entry.filename, allowance))
    except (*_BROKEN, RuntimeError) as error:  # RuntimeError: it wants a password
        raise FeedUnusable(f"{name} cannot be unpacked: {clean(str(error), 200)}.") from error


def _check_count(count: int, name: str) -> None:
    if count >= _MOST_DOCUMENTS:
        raise FeedUnusable(f"{name} holds more than {_MOST_DOCUMENTS:,} files: it is not read.")


class _Source(Protocol):
    def read(self, size: int, /) -> bytes: ...

    def close(self) -> None: ...


class _Bounded(io.RawIOBase):
    """Reads ``source`` and counts what it gives; what is wrong with it is told as `FeedUnusable`."""

    def __init__(self, source: _Source, name: str, allowance: Allowance) -> None:
        super().__init__()
        self._source = source
        self._name = clean(name, 200)
        self._allowance = allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "bytearray | memoryview") -> int:  # type: ignore[override]  # any writable buffer
        filled = 0
        try:
            # Whatever unpacks gives as little as it likes; a whole buffer is what a format is told by.
            while filled < len(buffer) and (data := self._source.read(len(buffer) - filled)):
                buffer[filled : filled + len(data)] = data
                filled += len(data)
        except _BROKEN as error:
            raise FeedUnusable(f"{self._name} cannot be read whole: {clean(str(error), 200)}.") from error
        self._allowance.take(filled, self._name)
        return filled


def _bounded(source: _Source, name: str, allowance: Allowance) -> io.BufferedReader:
    return io.BufferedReader(_Bounded(source, name, allowance), buffer_size=HEAD_BYTES)


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise FeedUnusable(f"Cannot read {path}: {error.strerror}.") from error


def _told_open(path: Path) -> BinaryIO:
    try:
        if not path.is_file():  # a pipe would never end
            raise FeedUnusable(f"{path} is neither a file nor a folder.")
        return path.open("rb")
    except OSError as error:
        raise FeedUnusable(f"Cannot read {path}: {error.strerror}.") from error
