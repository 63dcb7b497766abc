"""Definitions in YAML: the plain part of it. What only serves machines or attackers is refused: anchors and aliases
(of which bombs are made), tags, several documents, keys that stand twice.
"""

from collections.abc import Iterator

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from fleet.errors import BadInput
from fleet.hostile import clean, clean_name
from ops.deployments.definition_tree import DEEPEST, Listed, Node, Scalar, Table, refused


def parse_yaml_tree(text: str) -> Table:
    """The mapping of the one document in ``text``; plain values are texts whose type is what their key expects.

    Raises:
        BadInput: it is not YAML, or YAML with more than plain mappings, lists and values; begins with the line.
    """
    try:
        return _read_document(_checked(yaml.parse(text, Loader=yaml.SafeLoader)))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise refused(line, f"not YAML: {clean(error.problem or str(error), 200)}.") from error
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise refused(line, "not YAML: it has a character that YAML forbids.") from error
    except (RecursionError, ValueError, OverflowError) as error:  # an escape such as \UFFFFFFFF
        raise BadInput(f"not YAML: {clean(str(error), 200).rstrip('.')}.") from error


def _checked(events: Iterator[Event]) -> Iterator[Event]:
    documents = 0
    for event in events:
        line = _line(event)
        if isinstance(event, DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise refused(line, "a second document begins: one deployment a file.")
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            raise refused(line, "anchors and aliases are not read: write the values out.")
        if tag := getattr(event, "tag", None):
            raise refused(line, f"the tag {clean_name(str(tag))!r} is not read: keys say what their values are.")
        yield event


def _read_document(events: Iterator[Event]) -> Table:
    for event in events:
        if isinstance(event, DocumentStartEvent):
            node = _read(next(events), events, 0)
            for _ in events:  # to the end: a second document, or a mistake behind the first
                pass
            if isinstance(node, Table):
                return node
            if isinstance(node, Scalar) and node.is_plain and not node.value:
                break
            raise refused(node.line, "expected keys with values, for example name: web-monthly.")
    raise BadInput("line 1: it is empty.")


def _read(event: Event, events: Iterator[Event], depth: int) -> Node:
    line = _line(event)
    if depth > DEEPEST:
        raise refused(line, "it is nested too deep.")
    if isinstance(event, ScalarEvent):
        return Scalar(event.value, line, is_plain=event.style is None)
    if isinstance(event, SequenceStartEvent):
        items = []
        while not isinstance(item := next(events), SequenceEndEvent):
            items.append(_read(item, events, depth + 1))
        return Listed(tuple(items), line)
    assert isinstance(event, MappingStartEvent)  # nothing else begins a node
    return _read_mapping(events, line, depth)


def _read_mapping(events: Iterator[Event], line: int, depth: int) -> Table:
    entries: dict[str, Node] = {}
    key_lines: dict[str, int] = {}
    while not isinstance(key := next(events), MappingEndEvent):
        key_line = _line(key)
        if not isinstance(key, ScalarEvent):
            raise refused(key_line, "a key is a list or a mapping: expected a word.")
        if key.value in entries:
            raise refused(
                key_line, f"the key {clean_name(key.value)!r} stands twice, first on line {key_lines[key.value]}."
            )
        entries[key.value] = _read(next(events), events, depth + 1)
        key_lines[key.value] = key_line
    return Table(entries, key_lines, line)


def _line(event: Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1
