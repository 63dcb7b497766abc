"""What translated KQL writes with macros over JSON, in DuckDB's ordinary SQL: the passes behind know that.

`query.kql` writes dynamic values as JSON and walks over them with the macros of macros.sql. Where only texts come in
and go out, lists of texts do the same. Other calls of macros are left, and refused.
"""

from sqlglot import exp

_MAKES_EMPTY = "''"


def say_kusto(tree: exp.Query) -> exp.Query:
    """``tree`` with ``mv-expand`` of ``split``, and ``strcat_array`` of a sorted list or set of texts, said so."""
    for call in list(tree.find_all(exp.Explode)):
        if (split := _expanded(call.this)) is not None:
            call.set("this", split)
    for joined in list(tree.find_all(exp.ArrayToString)):
        if (listed := _sorted_texts(joined.this)) is not None:
            joined.set("this", listed)
    return tree


def _expanded(rows: exp.Expr) -> exp.Split | None:
    """``list_transform(kql_elements(to_json(string_split(…))), lambda e: coalesce(e ->> '$', ''))``: the split."""
    if not isinstance(rows, exp.Transform) or not isinstance(rows.expression, exp.Lambda):
        return None
    each = rows.expression.this
    text = each.this if isinstance(each, exp.Coalesce) and _is_empty(each.expressions) else None
    split = _only(_only(rows.this, "kql_elements"), "to_json")
    return split if isinstance(text, exp.JSONExtractScalar) and isinstance(split, exp.Split) else None


def _sorted_texts(texts: exp.Expr) -> exp.Expr | None:
    """The list that ``kql_array_texts(…)`` makes of ``kql_sorted(…)``, cut off or not."""
    inner = _only(texts, "kql_array_texts")
    cut = _only(inner, "to_json")
    if isinstance(cut, exp.Bracket):
        last = _most(cut)
        listed = _sorted(_only(_only(cut.this, "kql_array"), "to_json"))
        if last is None or listed is None:
            return None
        whole = exp.Slice(this=exp.Literal.number(1), expression=exp.Literal.number(last))
        return exp.Bracket(this=listed, expressions=[whole])
    return _sorted(inner)


def _sorted(node: exp.Expr | None) -> exp.Expr | None:
    """``list_sort(list(x))`` of ``kql_sorted(coalesce(to_json(list(to_json(x))), '[]'::JSON), 1, 1)``."""
    if not isinstance(node, exp.Anonymous) or node.name.casefold() != "kql_sorted":
        return None
    dynamic, sign, nulls = node.expressions
    if not isinstance(dynamic, exp.Coalesce) or (sign.name, nulls.name) != ("1", "1"):
        return None
    made = _only(dynamic.this, "to_json")
    as_set = _only(made, "kql_set")
    listed = as_set if as_set is not None else made
    aggregate = listed.this if isinstance(listed, exp.Filter) else listed
    text = _only(aggregate.this, "to_json") if isinstance(aggregate, exp.ArrayAgg) else None
    if listed is None or not isinstance(text, exp.Coalesce) or not _is_empty(text.expressions):
        return None
    listed = listed.copy()
    inner = listed.this if isinstance(listed, exp.Filter) else listed
    inner.set("this", exp.Distinct(expressions=[text.copy()]) if as_set is not None else text.copy())
    return exp.ArraySort(this=listed)


def _most(cut: exp.Bracket) -> str | None:
    """The last place of a slice from the first element on; what is written of it is ``greatest(50, 0)``."""
    part = cut.expressions[0]
    if not isinstance(part, exp.Slice):
        return None
    first, last = (_greatest(bound) for bound in (part.this, part.expression))
    return str(last) if first == 1 and last is not None else None


def _greatest(bound: exp.Expr | None) -> int | None:
    parts = [bound.this, *bound.expressions] if isinstance(bound, exp.Greatest) else [bound]
    numbers = [int(part.name) for part in parts if isinstance(part, exp.Literal) and part.name.isdigit()]
    return max(numbers) if numbers and len(numbers) == len(parts) else None


def _only(node: exp.Expr | None, name: str) -> exp.Expr | None:
    """The one argument of ``node`` if it calls ``name``."""
    if isinstance(node, exp.Anonymous) and node.name.casefold() == name and len(node.expressions) == 1:
        argument: exp.Expr = node.expressions[0]
        return argument
    return None


def _is_empty(rest: list[exp.Expr]) -> bool:
    """Whether what ``coalesce`` gives for a null is the empty text, so that what it is given are texts."""
    return len(rest) == 1 and rest[0].sql("duckdb") == _MAKES_EMPTY
