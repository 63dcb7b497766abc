"""The steps of a query: each word, and what reads what belongs to it."""

from collections.abc import Callable

from fleet.errors import nearest_name
from fleet.hostile import clean
from query.kql import tree
from query.kql.errors import KqlProblem
from query.kql.syntax import charts, expansions, patterns, rows, searches, series, tops, unions
from query.kql.syntax.cursor import Cursor
from query.kql.syntax.unsupported import UNSUPPORTED_STEPS, parse_unsupported_step
from query.kql.tokens import TokenKind
from query.kql.tree import Span

StepParser = Callable[[Cursor, int], tree.Operator]

STEPS: dict[str, StepParser] = {
    "where": rows.parse_where,
    "filter": rows.parse_where,
    "project": rows.parse_project,
    "project-away": rows.parse_project_away,
    "project-keep": rows.parse_project_keep,
    "project-rename": rows.parse_project_rename,
    "project-reorder": rows.parse_project_reorder,
    "extend": rows.parse_extend,
    "summarize": rows.parse_summarize,
    "distinct": rows.parse_distinct,
    "sort": rows.parse_sort,
    "order": rows.parse_sort,
    "top": rows.parse_top,
    "take": rows.parse_take,
    "limit": rows.parse_take,
    "sample": rows.parse_sample,
    "count": rows.parse_count,
    "serialize": rows.parse_serialize,
    "sample-distinct": tops.parse_sample_distinct,
    "top-hitters": tops.parse_top_hitters,
    "top-nested": tops.parse_top_nested,
    "partition": tops.parse_partition,
    "as": rows.parse_as,
    "getschema": rows.parse_getschema,
    "join": unions.parse_join,
    "lookup": unions.parse_lookup,
    "union": unions.parse_union,
    "mv-expand": expansions.parse_mv_expand,
    "mvexpand": expansions.parse_mv_expand,
    "mv-apply": expansions.parse_mv_apply,
    "mvapply": expansions.parse_mv_apply,
    "parse": patterns.parse_parse,
    "parse-where": patterns.parse_parse_where,
    "render": charts.parse_render,
    "make-series": series.parse_make_series,
    "search": searches.parse_search,
    "invoke": rows.parse_invoke,
    "evaluate": rows.parse_evaluate,
}


_SHOWN_CHARACTERS = 40


def parse_step(cursor: Cursor) -> tree.Operator:
    """The step that stands here, behind a pipe or at the beginning of what mv-apply applies."""
    start = cursor.start
    word = step_word(cursor)
    parser = STEPS.get(word)
    if parser is None and word not in UNSUPPORTED_STEPS:
        raise _no_step(cursor, word)
    for _ in range(1 + 2 * word.count("-")):
        cursor.next()
    return parser(cursor, start) if parser else parse_unsupported_step(cursor, start, word)


def step_word(cursor: Cursor) -> str:
    """The word that stands here, with what is joined to it by hyphens: ``project-away``."""
    if cursor.token.kind is not TokenKind.NAME:
        return ""
    word, count = cursor.token.text, 0
    while cursor.ahead(count + 1).is_mark("-") and _are_joined(cursor, count):
        word += f"-{cursor.ahead(count + 2).text}"
        count += 2
    return word


def _are_joined(cursor: Cursor, count: int) -> bool:
    left, hyphen, right = (cursor.ahead(count + step) for step in range(3))
    return right.kind is TokenKind.NAME and left.span.end == hyphen.span.start and hyphen.span.end == right.span.start


# What other languages call them.
_OTHER_NAMES = {
    "select": "project", "fields": "project", "columns": "project", "rename": "project-rename", "drop": "project-away",
    "eval": "extend", "add": "extend", "group": "summarize", "groupby": "summarize", "aggregate": "summarize",
    "stats": "summarize", "having": "where", "head": "take", "first": "take", "orderby": "sort by", "dedup": "distinct",
    "unique": "distinct", "uniq": "distinct", "explode": "mv-expand", "unnest": "mv-expand", "append": "union",
    "project_away": "project-away", "mv_expand": "mv-expand", "mv_apply": "mv-apply", "make_series": "make-series",
    "inner": "join kind=inner", "left": "join kind=leftouter", "right": "join kind=rightouter",
    "outer": "join kind=fullouter", "full": "join kind=fullouter", "leftjoin": "join kind=leftouter",
    "tail": "sort by … | take", "unroll": "mv-expand", "chart": "render", "plot": "render", "if": "where",
}  # fmt: skip


def _no_step(cursor: Cursor, word: str) -> KqlProblem:
    expected = "an operator such as where, summarize or project is expected"
    if not word:
        is_doubled = cursor.before.is_mark("|") and (cursor.is_at_end() or cursor.token.is_mark("|", "||", ")", ";"))
        return cursor.unexpected(expected, "leave out the '|' before it" if is_doubled else "")
    span = Span(cursor.start, cursor.start + len(word))
    if word.lower() in STEPS:
        return KqlProblem(f"'{word}' is no operator: KQL's words are in lower case, '{word.lower()}'.", span)
    if other := _OTHER_NAMES.get(word.lower()):
        return KqlProblem(f"'{word}' is no operator of KQL: write '{other}'.", span)
    first = cursor.token.text
    near = nearest_name(word, STEPS) or nearest_name(first, STEPS)
    shown = clean(word, _SHOWN_CHARACTERS)
    return KqlProblem(
        f"'{shown}' is no operator: did you mean '{near}'?" if near else f"'{shown}' stands where {expected}.",
        span,
    )
