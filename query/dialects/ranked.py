"""Aggregates that T-SQL lacks, by windows: rows are numbered in a source below, and the one that counts is taken.

``arg_max(x, t)`` is the ``x`` of the row that is first when a group's rows are put in order of ``t``; a joined list of
distinct texts joins the first row of each text; a quantile is the same on all rows of its group.
"""

from sqlglot import exp

from query.dialects.engines import Engine
from query.dialects.filters import JOINED
from query.dialects.functions.aggregates import RANKED
from query.dialects.functions.quantiles import QUANTILE
from query.dialects.kinds import Kind, kind
from query.dialects.saying import say
from query.dialects.target import Target

_BELOW = "ranked"


def say_ranked(tree: exp.Query, target: Target) -> exp.Query:
    """``tree`` without those aggregates."""
    if target.engine is not Engine.TSQL:
        return tree
    for select in list(tree.find_all(exp.Select)):
        calls = [one for one in select.find_all(exp.Anonymous) if one.name in RANKED and _select_of(one) is select]
        if sum(call.name == JOINED for call in calls) > 1:
            target.refuse(calls[0], "Several joined lists in one SELECT")
        for call in calls:
            if call.find_ancestor(exp.Window, exp.Select) is not select:
                target.refuse(call, f"{call.name.removeprefix('patchdeck_')}() OVER")
        if calls:
            _Ranking(select, target).say(calls)
    return tree


class _Ranking:
    """One SELECT that becomes two: the rows with their numbers, and the groups of them."""

    def __init__(self, select: exp.Select, target: Target) -> None:
        self._select = select
        self._target = target
        group = select.args.get("group")
        self._keys = [key.copy() for key in group.expressions] if group is not None else []
        self._columns: dict[tuple[str, str], exp.Expr] = {}
        self._below: list[exp.Expr] = []

    def say(self, calls: list[exp.Anonymous]) -> None:
        """Replace ``calls``, and put the SELECT over its numbered rows."""
        for number, call in enumerate(calls, 1):
            said = self._said(call, number)
            said.type = call.type
            call.replace(said)
        self._move_columns()
        below = exp.Select(expressions=self._below)
        for name in ("from_", "joins", "laterals", "where"):
            below.set(name, self._select.args.get(name))
            self._select.set(name, None)
        source = exp.Subquery(this=below, alias=exp.TableAlias(this=exp.to_identifier(_BELOW, quoted=True)))
        self._select.set("from_", exp.From(this=source))

    def _said(self, call: exp.Anonymous, number: int) -> exp.Expr:
        arguments = call.expressions
        if call.name == JOINED:
            return self._joined(call, number)
        if call.name == QUANTILE:
            form = f"PERCENTILE_CONT({{0}}) WITHIN GROUP (ORDER BY {{1}}) OVER ({self._partition(2)})"
            share = self._number(f"quantile_{number}", form, arguments[1], arguments[0], *self._keys)
            return say(call, self._target, {"*": "MAX({0})"}, share)
        return self._first(call, number, *arguments)

    def _first(self, call: exp.Anonymous, number: int, value: exp.Expr, order: exp.Expr) -> exp.Expr:
        keys = order.expressions if isinstance(order, exp.Tuple) else [order]
        needed = [] if call.name.endswith("_null") else [value]
        needed += [] if isinstance(order, exp.Tuple) else keys
        parts = [*needed, *keys]
        down = " DESC" if "_max" in call.name else ""
        absent = [f"CASE WHEN {{{index}}} IS NULL THEN 1 ELSE 0 END" for index in range(len(needed))]
        for index in range(len(needed), len(parts)):
            absent += [f"CASE WHEN {{{index}}} IS NULL THEN 1 ELSE 0 END{down}", f"{{{index}}}{down}"]
        form = f"ROW_NUMBER() OVER ({self._partition(len(parts))} ORDER BY {', '.join(absent)})"
        place = self._number(f"place_{number}", form, *parts, *self._keys)
        counted = needed if call.name.endswith("_null") else needed[1:]
        kept = self._keep(f"value_{number}", value if not counted else self._given(value, counted))
        taken = {"*": "MAX(CASE WHEN {0} = 1 THEN {1} END)"}
        if kind(value) is Kind.BOOL:
            taken = {"*": "CAST(MAX(CASE WHEN {0} = 1 THEN CAST({1} AS INT) END) AS BIT)"}
        return say(call, self._target, taken, place, kept)

    def _given(self, value: exp.Expr, keys: list[exp.Expr]) -> exp.Expr:
        """``value`` where its key is not null: a row without one is never chosen."""
        given = say(value, self._target, {"*": "CASE WHEN {1} IS NOT NULL THEN {0} END"}, value, keys[0])
        given.type = value.type
        return given

    def _joined(self, call: exp.Anonymous, number: int) -> exp.Expr:
        text, limit, separator, distinct, row = call.expressions
        ranking = "DENSE_RANK" if distinct.this else "ROW_NUMBER"
        form = f"{ranking}() OVER ({self._partition(1)} ORDER BY CASE WHEN {{0}} IS NULL THEN 1 ELSE 0 END, {{0}})"
        place = self._number(f"place_{number}", form, text, *self._keys)
        condition = "{1} IS NOT NULL" if isinstance(limit, exp.Null) else f"{{1}} <= {limit.name}"
        parts = [self._keep(f"value_{number}", text), place, separator]
        if distinct.this:
            again = f"ROW_NUMBER() OVER ({self._partition(1, '{0}')} ORDER BY {{0}})"
            parts.append(self._number(f"copy_{number}", again, text, *self._keys))
            condition += " AND {3} = 1"
        joined = f"STRING_AGG(CASE WHEN {condition} THEN CAST({{0}} AS VARCHAR(MAX)) END, {{2}})"
        whole = f"COALESCE({joined} WITHIN GROUP (ORDER BY {{1}}), '')"
        parts.append(self._keep(f"row_{number}", row))
        return say(call, self._target, {"*": f"CASE WHEN COUNT({{{len(parts) - 1}}}) > 0 THEN {whole} END"}, *parts)

    def _partition(self, first: int, *more: str) -> str:
        keys = [*(f"{{{first + index}}}" for index in range(len(self._keys))), *more]
        return f"PARTITION BY {', '.join(keys)}" if keys else ""

    def _number(self, name: str, form: str, *arguments: exp.Expr) -> exp.Expr:
        window = say(arguments[0], self._target, {"*": form}, *arguments)
        window.type = exp.DataType.build("BIGINT")
        return self._keep(name, window)

    def _keep(self, name: str, value: exp.Expr) -> exp.Expr:
        """A column of the source below with ``value``, as the SELECT above names it."""
        self._below.append(exp.alias_(value.copy(), name, quoted=True))
        column = exp.column(name, _BELOW, quoted=True)
        column.type = value.type
        column.meta["said"] = True
        return column

    def _move_columns(self) -> None:
        own = {source.alias_or_name for source in self._sources()}
        for name in ("expressions", "group", "having", "order"):
            held = self._select.args.get(name) or []
            for part in held if isinstance(held, list) else [held]:
                for column in [one for one in part.find_all(exp.Column) if one.table in own]:
                    column.replace(self._moved(column))

    def _moved(self, column: exp.Column) -> exp.Expr:
        key = (column.table, column.name)
        if key not in self._columns:
            self._columns[key] = self._keep(f"{column.table}_{column.name}", column)
        return self._columns[key].copy()

    def _sources(self) -> list[exp.Expr]:
        joins = [join.this for join in self._select.args.get("joins") or []]
        laterals = self._select.args.get("laterals") or []
        return [self._select.args["from_"].this, *joins, *laterals]


def _select_of(node: exp.Expr) -> exp.Expr | None:
    return node.find_ancestor(exp.Select)
