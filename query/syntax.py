"""DuckDB's own syntax tree of a query, as json_serialize_sql gives it, and where names in it lead.

A node of the tree is a dict. Kinds are told apart as DuckDB 2.0 writes them: a query has a ``type`` that ends in
``_NODE``; a source in FROM has a place but no ``class``; an expression has a ``class``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import cast

Node = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Place:
    """A node and the CTEs that its names may mean, casefolded."""

    node: Node
    ctes: frozenset[str]


def places(tree: object) -> Iterator[Place]:
    """Every node of ``tree``, outer ones first, each with the CTEs in its scope.

    Without recursion: a chain of a few hundred operators is as many levels deep.
    """
    waiting: list[tuple[object, frozenset[str]]] = [(tree, frozenset())]
    while waiting:
        found, ctes = waiting.pop()
        if isinstance(found, list):
            waiting.extend((child, ctes) for child in reversed(found))
        elif isinstance(found, dict):
            node = cast("Node", found)
            yield Place(node, ctes)
            waiting.extend(reversed([*_inside(node, ctes)]))


def _inside(node: Node, ctes: frozenset[str]) -> Iterator[tuple[object, frozenset[str]]]:
    if "cte_name" in node:  # RECURSIVE_CTE_NODE: both of its branches may name it
        ctes = ctes | {text(node, "cte_name").casefold()}
    for entry in children(mapping(node, "cte_map"), "map"):
        yield entry["value"], ctes  # a CTE sees those before it, not itself
        ctes = ctes | {text(entry, "key").casefold()}
    for key, value in node.items():
        if key != "cte_map" and isinstance(value, dict | list):
            yield value, ctes


def is_query(node: Node) -> bool:
    """Whether the node is a query: SELECT, UNION, … or what DuckDB 2.0 also takes there, such as INSERT."""
    return text(node, "type").endswith("_NODE")


def is_source(node: Node) -> bool:
    """Whether the node is a source in FROM: a table, a join, a subquery, a table function."""
    return "class" not in node and "query_location" in node and "type" in node


def text(node: Node, key: str) -> str:
    """The text under ``key``; empty where there is none."""
    value = node.get(key)
    return value if isinstance(value, str) else ""


def number(node: Node, key: str) -> int:
    """The whole number under ``key``; -1 where there is none."""
    value = node.get(key)
    return value if isinstance(value, int) else -1


def mapping(node: Node, key: str) -> Node:
    """The node under ``key``; an empty one where there is none."""
    value = node.get(key)
    return cast("Node", value) if isinstance(value, dict) else {}


def children(node: Node, key: str) -> list[Node]:
    """The nodes in the list under ``key``."""
    value = node.get(key)
    return [cast("Node", item) for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def texts(node: Node, key: str) -> list[str]:
    """The texts in the list under ``key``."""
    value = node.get(key)
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def constant_text(node: Node) -> str | None:
    """The text of a constant, as it was written; None if the node is none."""
    if text(node, "class") != "CONSTANT":
        return None
    return text(mapping(node, "literal"), "text")
