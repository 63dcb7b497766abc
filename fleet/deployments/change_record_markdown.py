"""A change record as Markdown, such that nothing that a machine said becomes markup."""

import re
from collections.abc import Iterable

from fleet.deployments.change_record_blocks import Block, Facts, Grid, Heading, Points, Verbatim, Words
from fleet.hostile import clean

# Entities where renderers differ in what they take a backslash for: HTML and the bars of tables.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "|": "&#124;"}
_SPECIAL = re.compile(r"[\\`*_\[\]#!~&<>|$]")
_LIST_MARK = re.compile(r"(?:[-+=]|[0-9]{1,9}(?=[.)]))")
_BACKTICKS = re.compile(r"`+")


def write_markdown(blocks: Iterable[Block]) -> str:
    """The blocks as CommonMark with GitHub's tables."""
    return "\n\n".join(filter(None, map(write_block, blocks))) + "\n"


def escape_markdown(text: str) -> str:
    """``text`` on one line, each character as itself, wherever but at the beginning of a block."""
    return _SPECIAL.sub(lambda match: _ENTITIES.get(match[0], f"\\{match[0]}"), clean(text))


def _begin_block(text: str) -> str:
    """The same at the beginning of a block, where "1." would begin a list and "1\\." does not."""
    escaped = escape_markdown(text)
    mark = _LIST_MARK.match(escaped)
    digits = mark[0] if mark and mark[0].isdigit() else ""
    return f"{digits}\\{escaped[len(digits) :]}" if mark else escaped


def write_block(block: Block) -> str:
    """One block as Markdown; empty where it says nothing."""
    match block:
        case Heading(level, text):
            return f"{'#' * level} {escape_markdown(text)}"
        case Facts(entries):
            return "\n".join(f"- **{name}:** {escape_markdown(said)}" for name, said in entries if said)
        case Grid(headers, rows):
            return "\n".join(
                (_row(headers), _row("---" for _ in headers), *(_row(map(escape_markdown, r)) for r in rows))
            )
        case Points(lines):
            return "\n".join(f"- {_begin_block(line)}" for line in lines)
        case Words(text):
            return _begin_block(text)
        case Verbatim():
            return _fence("\n".join(block.lines))


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _fence(text: str) -> str:
    """A code block whose fence is longer than any that the text holds."""
    longest = max((len(ticks) for ticks in _BACKTICKS.findall(text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
