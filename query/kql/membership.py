"""``in``, ``in~``, ``has_any``, ``has_all`` and their negations: against values, a dynamic array, or rows."""

from collections.abc import Iterable

from query.kql.bound import Bound, Relation
from query.kql.coercion import as_text
from query.kql.comparisons import alike
from query.kql.errors import KqlProblem
from query.kql.literals_in_sql import quoted, written
from query.kql.text_operators import match_text, term_pattern
from query.kql.tree import Span
from query.kql.types import KqlType

_TEXTS = (KqlType.STRING, KqlType.GUID)


def is_among(operator: str, value: Bound, items: list[Bound], span: Span, *, is_condition: bool) -> Bound:
    """``value operator (items)`` for in, in~ and their negations; arrays count as their elements.

    Raises:
        KqlProblem: KQL does not compare these types.
    """
    negated, any_case = operator.startswith("!"), operator.endswith("~")
    if any_case or value.type is KqlType.DYNAMIC:
        value = as_text(value, span) if any_case or not _are_numbers(items) else value
    plain, arrays = _take_apart(items, span)
    if not arrays:
        sql = _listed(value, plain, span, any_case=any_case, negated=negated)
        return _answer(sql, value, negated=negated, is_condition=is_condition)
    parts = [_listed(value, plain, span, any_case=any_case, negated=False)] if plain else []
    parts += [f"coalesce({_in_array(value, array, span, any_case=any_case)}, false)" for array in arrays]
    sql = " OR ".join(parts) if len(parts) == 1 else "(" + " OR ".join(parts) + ")"
    return _answer(f"NOT {sql}" if negated else sql, value, negated=negated, is_condition=is_condition)


def is_in_rows(operator: str, value: Bound, rows: Relation, span: Span, *, is_condition: bool) -> Bound:
    """``value operator ((query))``: the first column of the query's rows, the elements of arrays in it.

    Raises:
        KqlProblem: KQL does not compare these types.
    """
    negated, any_case = operator.startswith("!"), operator.endswith("~")
    column = rows.columns[0].value
    left, right = _sides(value, column, operator, span, any_case=any_case)
    where = (
        f" WHERE {column.sql} IS NOT NULL" if negated and column.type not in (KqlType.STRING, KqlType.DYNAMIC) else ""
    )
    word = "NOT IN" if negated else "IN"
    sql = f"{left} {word} (SELECT {right} FROM {_name(rows)}{where})"  # noqa: S608  # of names that are ours
    return _answer(sql, value, negated=negated, is_condition=is_condition)


def has_terms(operator: str, text: Bound, items: list[Bound], span: Span) -> Bound:
    """``text has_any (items)`` and ``has_all``.

    Raises:
        KqlProblem: an item is no text.
    """
    negated, word = operator.startswith("!"), operator.removeprefix("!")
    plain, arrays = _take_apart(items, span)
    source = as_text(text, span)
    parts = [_terms_in_array(word, source, array) for array in arrays]
    if plain or not parts:
        parts.insert(0, _terms(word, source, plain, span))
    sql = (" OR " if word == "has_any" else " AND ").join(parts)
    if negated:
        return Bound(f"NOT ({sql})", KqlType.BOOL, is_atom=False)
    return Bound(sql, KqlType.BOOL, is_atom=False)


def texts_of_rows(rows: Relation) -> str:
    """SQL of the list of texts in the first column of a query's rows, the elements of arrays in it."""
    column = rows.columns[0]
    item = f"unnest(kql_texts({column.value.sql}))" if column.type is KqlType.DYNAMIC else column.value.sql
    return f"(SELECT list(item) FROM (SELECT {item} AS item FROM {_name(rows)}))"  # noqa: S608  # of names that are ours


def has_terms_of_rows(operator: str, text: Bound, rows: Relation, span: Span) -> Bound:
    """``text has_any ((query))`` and ``has_all``."""
    source, word = as_text(text, span), operator.removeprefix("!")
    sql = f"{'kql_has_any' if word == 'has_any' else 'kql_has_all'}({source.sql}, {texts_of_rows(rows)})"
    return Bound(f"NOT {sql}" if operator.startswith("!") else sql, KqlType.BOOL, is_atom=False)


def _name(rows: Relation) -> str:
    return '"' + rows.name.replace('"', '""') + '"' if not rows.name.isidentifier() else rows.name


def _are_numbers(items: Iterable[Bound]) -> bool:
    return all(
        item.type.is_number
        or (isinstance(item.literal, list) and all(isinstance(element, int | float) for element in item.literal))
        for item in items
    )


def _take_apart(items: list[Bound], span: Span) -> tuple[list[Bound], list[Bound]]:
    """Written arrays as their elements; the other arrays by themselves."""
    plain: list[Bound] = []
    arrays: list[Bound] = []
    for item in items:
        if item.type is not KqlType.DYNAMIC:
            plain.append(item)
        elif item.is_literal and isinstance(item.literal, list):
            plain += [_element(element, span) for element in item.literal]
        else:
            arrays.append(item)
    return plain, arrays


def _element(value: object, span: Span) -> Bound:
    types = {bool: KqlType.BOOL, int: KqlType.LONG, float: KqlType.REAL, str: KqlType.STRING}
    return written(value, types.get(type(value), KqlType.DYNAMIC), span)


def _listed(value: Bound, items: list[Bound], span: Span, *, any_case: bool, negated: bool) -> str:
    if not items:
        return "true" if negated else "false"
    texts = []
    left = value.compared
    for item in items:
        if any_case:
            texts.append(_lower(as_text(item, span), span))
            left = _lower(value, span)
        else:
            side, other = alike(value, item, "in", span)
            texts.append(other.sql)
            left = side.compared
    return f"{left} {'NOT IN' if negated else 'IN'} ({', '.join(texts)})"


def _lower(value: Bound, span: Span) -> str:
    if isinstance(value.literal, str) and value.literal.isascii():
        return quoted(value.literal.lower(), span)
    return f"lower({value.sql})"


def _in_array(value: Bound, array: Bound, span: Span, *, any_case: bool) -> str:
    if value.type.is_number:
        return f"list_contains(kql_numbers({array.sql}), {value.sql})"
    text = as_text(value, span) if value.type in (*_TEXTS, KqlType.DYNAMIC) else None
    if text is None:
        raise KqlProblem(f"A {value.type.value} is not looked for in an array: write tostring(…) around it.", span)
    if any_case:
        return f"list_contains(kql_lower(kql_texts({array.sql})), lower({text.sql}))"
    return f"list_contains(kql_texts({array.sql}), {text.sql})"


def _sides(value: Bound, column: Bound, operator: str, span: Span, *, any_case: bool) -> tuple[str, str]:
    if column.type is KqlType.DYNAMIC:
        unnest = "kql_numbers" if value.type.is_number else "kql_texts"
        left = value if value.type.is_number else as_text(value, span)
        right = f"unnest({unnest}({column.sql}))"
        return (f"lower({left.sql})", f"lower({right})") if any_case else (left.compared, right)
    if any_case:
        return f"lower({as_text(value, span).sql})", f"lower({as_text(column, span).sql})"
    left, right_side = alike(value, column, operator, span)
    return left.compared, right_side.sql


def _answer(sql: str, value: Bound, *, negated: bool, is_condition: bool) -> Bound:
    """A null is in no list, and so it is ``!in`` every one."""
    if value.type is KqlType.STRING or (is_condition and not negated):
        return Bound(sql, KqlType.BOOL, is_atom=False)
    return Bound(f"coalesce({sql}, {'true' if negated else 'false'})", KqlType.BOOL)


def _terms(word: str, text: Bound, items: list[Bound], span: Span) -> str:
    literals = [item.literal for item in items]
    if word == "has_any" and len(items) > 1 and all(isinstance(one, str) and _is_plain(one) for one in literals):
        terms = "|".join(term_pattern(str(one), open_start=True, open_end=True) for one in literals)
        pattern = term_pattern("x").replace("x", f"({terms})")
        return f"regexp_matches({text.sql}, {quoted(pattern, span)}, 'i')"
    found = [match_text("has", text, as_text(item, span), span).sql for item in items]
    if not found:
        return "false" if word == "has_any" else "true"
    return (" OR " if word == "has_any" else " AND ").join(found)


def _is_plain(term: str) -> bool:
    return term[:1].isalnum() and term[-1:].isalnum()


def _terms_in_array(word: str, text: Bound, array: Bound) -> str:
    return f"{'kql_has_any' if word == 'has_any' else 'kql_has_all'}({text.sql}, kql_texts({array.sql}))"
