"""The blocks of OpenSSH's client configuration, with the files that it includes, each setting with its place."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from fleet.errors import BadInput
from fleet.hostile import clean
from fleet.importing.list_files import ListFiles
from fleet.importing.listed import ListBuilder, Place
from fleet.importing.ssh_patterns import BadLine, matches, split_words

# As OpenSSH's readconf.c.
_MOST_INCLUDES = 16
_MOST_BLOCKS = 100_000
_SETTING = re.compile(r"\s*(?P<key>[A-Za-z0-9]+)(?:\s*=\s*|\s+)(?P<rest>.*)")


@dataclass(frozen=True, slots=True)
class Condition:
    """When a block holds: one ``Host`` or ``Match`` line. ``is_known`` False: we cannot tell, so it does not."""

    kind: str
    words: tuple[str, ...]
    place: Place
    is_known: bool = True

    def holds(self, alias: str, host_name: str) -> bool:
        """Whether it holds for what the user calls ``alias``, which leads to ``host_name``."""
        if self.kind == "host":
            return matches(self.words, alias)
        pairs = list(zip(self.words[::2], self.words[1::2], strict=False))
        return self.is_known and all(
            matches(value.split(","), alias if key == "originalhost" else host_name) for key, value in pairs
        )


@dataclass(slots=True)
class Block:
    """Settings that hold together where all of ``conditions`` do, in the order in which they stand."""

    conditions: tuple[Condition, ...]
    settings: list[tuple[str, str, Place]] = field(default_factory=list)


def read_blocks(path: str, files: ListFiles, builder: ListBuilder) -> Sequence[Block]:
    """The blocks of the configuration at ``path``; what cannot be read of it is noted.

    Raises:
        BadInput: files include each other in a circle.
    """
    reader = _Reader(files, builder, path.rpartition("/")[0])
    reader.read(path, (), 0)
    return reader.blocks


class _Reader:
    def __init__(self, files: ListFiles, builder: ListBuilder, folder: str) -> None:
        self._files = files
        self._builder = builder
        self._folder = folder
        self.blocks: list[Block] = []

    def read(self, path: str, outer: tuple[Condition, ...], depth: int) -> None:
        """Read one file, whose blocks hold only where ``outer`` does."""
        if depth > _MOST_INCLUDES:
            raise BadInput(f"{path}: more than {_MOST_INCLUDES} files include each other, as OpenSSH allows.")
        block = self._begin(outer)
        for number, line in enumerate(self._files.read(path).split("\n"), start=1):
            place = Place(path, number)
            match = _SETTING.fullmatch(line)
            if match is None or line.lstrip().startswith("#"):
                if line.strip() and not line.lstrip().startswith("#"):
                    self._builder.note(place, f"this line is not understood: {clean(line, 80)}")
                continue
            key, rest = match["key"].casefold(), match["rest"]
            if key in ("host", "match"):
                block = self._begin((*outer, self._condition(key, rest, place)))
            elif key == "include":
                self._include(rest, block.conditions, place, depth)
                block = self._begin(block.conditions)
            else:
                self._set(block, key, rest, place)

    def _begin(self, conditions: tuple[Condition, ...]) -> Block:
        if len(self.blocks) >= _MOST_BLOCKS:
            raise BadInput(f"{self._builder.file}: it has more than {_MOST_BLOCKS:,} blocks.")
        block = Block(conditions)
        self.blocks.append(block)
        return block

    def _set(self, block: Block, key: str, rest: str, place: Place) -> None:
        try:
            words = split_words(rest)
        except BadLine as error:
            self._builder.note(place, f"{key}: {error}")
            return
        # A command is taken as it stands; all else is one word, of which we keep the first.
        block.settings.append((key, rest.strip() if key == "proxycommand" else " ".join(words[:1]), place))

    def _condition(self, key: str, rest: str, place: Place) -> Condition:
        try:
            words = tuple(split_words(rest.replace(",", " ") if key == "host" else rest))
        except BadLine as error:
            self._builder.note(place, f"{key}: {error}: the block is passed over")
            return Condition("match", (), place, is_known=False)
        if key == "host":
            return Condition("host", words, place)
        if words == ("all",):
            return Condition("match", (), place)
        keys = {word.casefold() for word in words[::2]}
        is_known = bool(words) and len(words) % 2 == 0 and keys <= {"host", "originalhost"}
        if not is_known:
            self._builder.note(place, f"Match {clean(rest.strip(), 60)} is not evaluated: its block is passed over")
        return Condition("match", tuple(_folded_keys(words)), place, is_known)

    def _include(self, rest: str, outer: tuple[Condition, ...], place: Place, depth: int) -> None:
        try:
            patterns = split_words(rest)
        except BadLine as error:
            self._builder.note(place, f"include: {error}")
            return
        for pattern in patterns:
            is_whole = pattern.startswith(("/", "~"))
            found = self._files.matching(pattern if is_whole else f"{self._folder}/{pattern}")
            if not found:
                self._builder.note(place, f"Include {clean(pattern, 80)} names no file")
            for path in found:
                self.read(path, outer, depth + 1)


def _folded_keys(words: Sequence[str]) -> list[str]:
    return [word.casefold() if index % 2 == 0 else word for index, word in enumerate(words)]
