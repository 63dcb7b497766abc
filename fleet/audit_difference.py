"""What a deed changed: the difference of the JSON documents of before and after, value by value."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

from fleet.hostile import clean

# Larger documents are told by their sizes: nobody reads a page of that length, and a list of entries is to be quick.
MOST_CHARACTERS = 16_000_000
_DEEPEST = 32
# A list of so many characters is shown as it was and is, of a longer one only what came and went.
_SHORT = 100
# What tells the members of a list of objects apart.
_NAMES = ("id", "name", "key")


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that changed: where it is in the document, as in ``tags.env``, and what it was and is, as text.

    None: there was, or is, none. ``path`` is empty where the document itself is the value. A list of which some members
    came or went has a difference for each of them.
    """

    path: str
    before: str | None
    after: str | None

    def describe(self, limit: int = 200) -> str:
        """It on one clean line: ``tags.env: prod → dev``, ``+ user: root`` for what came, ``-`` for what went."""
        name = f"{clean(self.path, limit)}: " if self.path else ""
        if self.before is None or self.after is None:
            sign, text = ("+", self.after) if self.before is None else ("-", self.before)
            return f"{sign} {name}{clean(text or '', limit)}"
        return f"{name}{clean(self.before, limit)} → {clean(self.after, limit)}"

    def lines(self, limit: int = 2_000) -> Iterator[str]:
        """It for reading: on one line, or where texts of several lines changed, those that went and came."""
        if "\n" not in (self.before or "") + (self.after or ""):
            yield self.describe(limit)
            return
        yield f"{clean(self.path, limit)}:" if self.path else "text:"
        before, after = (self.before or "").splitlines(), (self.after or "").splitlines()
        for line in list(unified_diff(before, after, lineterm="", n=1))[2:]:
            yield f"  {line[:1]} {clean(line[1:], limit)}"


def differences(before: str | None, after: str | None) -> list[Difference]:
    """Each value that differs between the documents ``before`` and ``after``, in their order.

    Of what came or went as a whole these are all its values. What is no JSON is one value.
    """
    if before == after:
        return []
    if len(before or "") + len(after or "") > MOST_CHARACTERS:
        return [Difference("", _size(before), _size(after))]
    old, new = _parse(before), _parse(after)
    if before is None or after is None:
        return list(_whole(old if after is None else new, is_after=before is None))
    return list(_compare("", old, new, 0))


class _Absent:
    """Stands for what a document does not have: null is a value."""


_ABSENT = _Absent()


# object, here and below: what JSON holds.
def _parse(document: str | None) -> object:
    if document is None:
        return _ABSENT
    try:
        return json.loads(document)
    except (ValueError, RecursionError):
        return document


def _whole(value: object, *, is_after: bool) -> Iterator[Difference]:
    for path, text in _leaves("", value, 0):
        yield Difference(path, None, text) if is_after else Difference(path, text, None)


def _leaves(path: str, value: object, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict) and value and depth < _DEEPEST:
        for key, held in value.items():
            yield from _leaves(_below(path, key), held, depth + 1)
    elif isinstance(value, list) and any(isinstance(each, dict) for each in value) and depth < _DEEPEST:
        for label, held in _labelled(value):
            yield from _leaves(f"{path}[{label}]", held, depth + 1)
    else:
        yield path, _as_text(value)


def _compare(path: str, old: object, new: object, depth: int) -> Iterator[Difference]:
    if depth < _DEEPEST and isinstance(old, dict) and isinstance(new, dict):
        for key in dict.fromkeys((*old, *new)):
            yield from _compare(_below(path, key), old.get(key, _ABSENT), new.get(key, _ABSENT), depth + 1)
    elif depth < _DEEPEST and isinstance(old, list) and isinstance(new, list):
        yield from _compare_lists(path, old, new, depth)
    elif isinstance(old, _Absent):
        yield from (Difference(place, None, text) for place, text in _leaves(path, new, depth))
    elif isinstance(new, _Absent):
        yield from (Difference(place, text, None) for place, text in _leaves(path, old, depth))
    elif type(old) is not type(new) or old != new:
        yield Difference(path, _as_text(old), _as_text(new))


def _compare_lists(path: str, old: list[object], new: list[object], depth: int) -> Iterator[Difference]:
    if any(isinstance(each, dict) for each in (*old, *new)):
        members = dict(_labelled(old)), dict(_labelled(new))
        for label in dict.fromkeys((*members[0], *members[1])):
            was, now = (each.get(label, _ABSENT) for each in members)
            yield from _compare(f"{path}[{label}]", was, now, depth + 1)
        return
    before, after = _as_text(old), _as_text(new)
    if before == after:
        return
    if len(before) + len(after) <= _SHORT:
        yield Difference(path, before, after)
        return
    went, came = _moved([_as_text(each) for each in old], [_as_text(each) for each in new])
    yield from (Difference(path, text, None) for text in went)
    yield from (Difference(path, None, text) for text in came)


def _moved(before: Sequence[str], after: Sequence[str]) -> tuple[list[str], list[str]]:
    """The members that went and those that came; of long lists regardless of their order."""
    if len(before) + len(after) > 2_000:
        left, right = set(before), set(after)
        return [text for text in before if text not in right], [text for text in after if text not in left]
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    went = [text for kind, start, end, _, _ in steps if kind != "equal" for text in before[start:end]]
    came = [text for kind, _, _, start, end in steps if kind != "equal" for text in after[start:end]]
    return went, came


def _labelled(values: list[object]) -> Iterator[tuple[str, object]]:
    """Each member with what it is called in its list, or its place where that says nothing."""
    for names in _NAMES:
        labels = [each.get(names) if isinstance(each, dict) else None for each in values]
        if all(isinstance(label, str) for label in labels) and len(set(labels)) == len(labels):
            yield from ((str(label), each) for label, each in zip(labels, values, strict=True))
            return
    yield from ((str(place), each) for place, each in enumerate(values, start=1))


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _as_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(each, dict | list) for each in value):
        return ", ".join(map(_as_text, value)) or "none"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _size(document: str | None) -> str | None:
    return None if document is None else f"{len(document):,} characters"
