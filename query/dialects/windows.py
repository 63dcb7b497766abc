"""Quantiles over windows, for engines whose quantiles are aggregates only: grouped below, and joined to their rows."""

from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.target import Target

_AGGREGATES_ONLY = (Engine.TRINO, Engine.POSTGRES)
_QUANTILES = (exp.Median, exp.PercentileCont)
_GROUPED = "patchdeck_grouped"


def group_windows(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without such windows; one with an order or a frame, or beside GROUP BY, is left and refused."""
    if target.engine not in _AGGREGATES_ONLY:
        return tree
    windows = [window for window in tree.find_all(exp.Window) if isinstance(window.this, _QUANTILES)]
    for number, window in enumerate(windows, 1):
        select = window.find_ancestor(exp.Select)
        is_whole = not any(window.args.get(part) for part in ("order", "spec", "alias"))
        parts = ("group", "distinct", "laterals")
        if isinstance(select, exp.Select) and is_whole and not any(select.args.get(part) for part in parts):
            _join_grouped(select, window, f"{_GROUPED}_{number}")
    return tree


def _join_grouped(select: exp.Select, window: exp.Window, alias: str) -> None:
    keys = window.args.get("partition_by") or []
    names = [f"key_{place}" for place in range(1, len(keys) + 1)]
    value = exp.alias_(window.this.copy(), "quantile", quoted=True)
    grouped = exp.Select(
        expressions=[*(exp.alias_(key.copy(), name, quoted=True) for key, name in zip(keys, names, strict=True)), value]
    )
    for part in ("from_", "where"):
        held = select.args.get(part)
        grouped.set(part, held.copy() if held is not None else None)
    grouped.set("joins", [join.copy() for join in select.args.get("joins") or [] if not _is_ours(join)])
    if keys:
        grouped.set("group", exp.Group(expressions=[key.copy() for key in keys]))
    same = [_same(key, exp.column(name, alias, quoted=True)) for key, name in zip(keys, names, strict=True)]
    source = exp.Subquery(this=grouped, alias=exp.TableAlias(this=exp.to_identifier(alias, quoted=True)))
    condition = exp.and_(*same) if same else exp.EQ(this=exp.Literal.number(1), expression=exp.Literal.number(1))
    select.append("joins", exp.Join(this=source, side="LEFT", on=condition))
    quantile = exp.column("quantile", alias, quoted=True)
    quantile.type = window.this.type
    window.replace(quantile)


def _same(key: exp.Expr, name: exp.Column) -> exp.Expr:
    """Nulls are one partition, too."""
    name.type = key.type
    return exp.NullSafeEQ(this=key.copy(), expression=name)


def _is_ours(join: exp.Join) -> bool:
    return join.alias_or_name.startswith(_GROUPED)
