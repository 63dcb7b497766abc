"""Syntax trees of our scripts, and what is looked for in them."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import tree_sitter_powershell
from tree_sitter import Language, Node, Parser

SCRIPTS = Path(__file__).parents[3] / "collectors" / "windows" / "scripts"
FILES = sorted(SCRIPTS.glob("*.ps1"))


@cache
def parse(name: str) -> Node:
    """The tree of the script ``name``."""
    return parse_text((SCRIPTS / f"{name}.ps1").read_bytes())


def parse_text(text: bytes) -> Node:
    """The tree of ``text``."""
    return Parser(Language(tree_sitter_powershell.language())).parse(text).root_node


def walk(node: Node) -> Iterator[Node]:
    """The node and all below it, in the order of the text."""
    yield node
    for child in node.children:
        yield from walk(child)


def text_of(node: Node) -> str:
    """What stands there."""
    return (node.text or b"").decode("ascii")


def faults(root: Node) -> list[str]:
    """Where the tree is broken."""
    broken = (node for node in walk(root) if node.type == "ERROR" or node.is_missing)
    return [f"line {node.start_point.row + 1}: {text_of(node)[:60]!r}" for node in broken]


def commands(root: Node) -> set[str]:
    """Names of the commands that are called."""
    return {text_of(node) for node in walk(root) if node.type == "command_name"}


def functions(root: Node) -> set[str]:
    """Names of the functions that are defined."""
    return {text_of(node) for node in walk(root) if node.type == "function_name"}


def members(root: Node) -> set[str]:
    """Names of what is asked of objects and types, without our own keys, which are in lower case."""
    names = {text_of(node) for node in walk(root) if node.type == "member_name"}
    return {name for name in names if name[:1].isupper()}


def key_sets(root: Node) -> list[frozenset[str]]:
    """The keys of each table that is written out, without quoted ones: those are no fields of ours."""
    return [
        frozenset(text_of(key) for key in _keys(node) if text_of(key)[:1] not in "'\"")
        for node in walk(root)
        if node.type == "hash_literal_expression"
    ]


def is_guarded(node: Node) -> bool:
    """Whether what fails there is caught: within ``try``, or in a block that a function of ours tries."""
    at: Node | None = node
    while at is not None:
        if at.type == "statement_block" and at.parent is not None and at.parent.type == "try_statement":
            return True
        if at.type == "command" and text_of(at).startswith(("Read-PatchdeckPart", "Test-PatchdeckCall")):
            return True
        at = at.parent
    return False


def _keys(table: Node) -> Iterator[Node]:
    body = next((child for child in table.children if child.type == "hash_literal_body"), None)
    for entry in body.children if body is not None else ():
        if entry.type == "hash_entry":
            yield entry.children[0]
