"""What an engine cannot be told exactly: refused with the construct, its place and the engine, never printed wrong."""

from sqlglot import exp

from fleet.errors import Position, QueryRefused
from query.dialects.engines import FACTS, Engine
from query.wording import short_name


class CannotSay(QueryRefused):
    """A construct that has no exact form in an engine, or none that is known here."""


def refusal(engine: Engine, construct: str, position: Position | None = None, why: str = "") -> CannotSay:
    """The error for ``construct``; ``why`` is a sentence that says more."""
    said = f"{short_name(construct)} has no exact form in {FACTS[engine].title} that is known here."
    return CannotSay(f"{said} {why}".strip(), position)


def position_of(node: exp.Expr, sql: str) -> Position | None:
    """Where ``node`` stands in ``sql``: its own place, or that of the first of its parts that knows one."""
    lines = sql.split("\n")
    for part in node.walk():
        line, start = part.meta.get("line"), part.meta.get("start")
        if isinstance(line, int) and isinstance(start, int) and line <= len(lines) and not part.meta.get("said"):
            column = start - (sql.rfind("\n", 0, start) + 1) + 1
            return Position(line, column, lines[line - 1].rstrip("\r"))
    return None
