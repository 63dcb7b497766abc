"""YAML with the line of every value, each value as it is written: ``1.10`` and ``yes`` are texts here."""

from collections.abc import Iterator

import yaml

from fleet.errors import BadInput
from fleet.hostile import clean

_MERGE = "tag:yaml.org,2002:merge"
_NULL = "tag:yaml.org,2002:null"
# Aliases let a small file stand for a huge one.
_MOST_PAIRS = 2_000_000
_MOST_MERGES = 250_000
_MOST_DEPTH = 50


def compose(path: str, text: str) -> yaml.Node | None:
    """The root of the one document in ``text``; None where it is empty.

    Raises:
        BadInput: it is no YAML, or several documents; says where.
    """
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        root: yaml.Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise BadInput(
            f"{path}:{line}: this is no YAML: {clean(error.problem or error.context or '', 200)}."
        ) from error
    except yaml.YAMLError as error:
        raise BadInput(f"{path}: this is no YAML: {clean(str(error), 200)}.") from error
    except RecursionError as error:
        raise BadInput(f"{path}: its values are nested too deep.") from error
    return root


def pairs_of(node: yaml.Node, budget: "Budget", depth: int = 0) -> Iterator[tuple[yaml.ScalarNode, yaml.Node]]:
    """The pairs of a mapping, those that it merges (``<<``) first; nothing where the node is no mapping."""
    if not isinstance(node, yaml.MappingNode):
        return
    if depth > _MOST_DEPTH:
        raise BadInput(f"line {line_of(node)}: mappings are merged too deep.")
    for key, value in node.value:
        if key.tag == _MERGE:
            for each in value.value if isinstance(value, yaml.SequenceNode) else [value]:
                budget.spend_merge()
                yield from pairs_of(each, budget, depth + 1)
    for key, value in node.value:
        budget.spend()
        if key.tag != _MERGE and isinstance(key, yaml.ScalarNode):
            yield key, value


def line_of(node: yaml.Node) -> int:
    """The line of a node, 1 for the first."""
    line: int = node.start_mark.line
    return line + 1


def is_null(node: yaml.Node) -> bool:
    """Whether a node is null, or nothing."""
    return node.tag == _NULL


class Budget:
    """How much of a document may still be gone through."""

    def __init__(self) -> None:
        self._left = _MOST_PAIRS
        self._merges_left = _MOST_MERGES

    def spend_merge(self) -> None:
        """Count one merged mapping.

        Raises:
            BadInput: it was too many.
        """
        self._merges_left -= 1
        if self._merges_left < 0:
            raise BadInput("it merges more mappings than any list does: merges of merges?")

    def spend(self) -> None:
        """Count one pair.

        Raises:
            BadInput: it was too many.
        """
        self._left -= 1
        if self._left < 0:
            raise BadInput("it stands for more values than any list has: aliases of aliases?")
