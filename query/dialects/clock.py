"""The time: pinned as a literal, else the engine's own in UTC."""

from datetime import UTC, datetime

from sqlglot import exp

from query.dialects.literals import literal
from query.dialects.saying import Forms, say
from query.dialects.target import Target

_MOMENTS = ("now", "get_current_timestamp", "transaction_timestamp", "current_localtimestamp")
_NOW: Forms = {
    "spark": "CURRENT_TIMESTAMP()",
    "trino": "CAST(CURRENT_TIMESTAMP AT TIME ZONE 'UTC' AS TIMESTAMP(6))",
    "snowflake": "SYSDATE()",
    "bigquery": "CURRENT_DATETIME('UTC')",
    "tsql": "SYSUTCDATETIME()",
    "postgres": "(CURRENT_TIMESTAMP AT TIME ZONE 'UTC')",
}


def write_clock(tree: exp.Query, now: datetime | None, target: Target) -> exp.Query:
    """``tree`` with what tells the time written out: ``now`` if there is one."""

    def write(node: exp.Expr) -> exp.Expr:
        name = node.name.casefold() if isinstance(node, exp.Anonymous) else ""
        if name in _MOMENTS or isinstance(node, exp.CurrentTimestamp | exp.Localtimestamp):
            return _moment(node, now, target)
        if name == "today" or isinstance(node, exp.CurrentDate):
            return exp.cast(_moment(node, now, target), "DATE")
        if name == "ago":
            return exp.paren(exp.Sub(this=_moment(node, now, target), expression=node.expressions[0]))
        return node

    tree.transform(write, copy=False)
    return tree


def _moment(node: exp.Expr, now: datetime | None, target: Target) -> exp.Expr:
    said = literal(now.astimezone(UTC).replace(tzinfo=None)) if now is not None else say(node, target, _NOW)
    if now is None:  # its type, told to whoever asks for kinds
        said = exp.cast(said, "TIMESTAMP")
        said.meta["clock"] = True
    return said
