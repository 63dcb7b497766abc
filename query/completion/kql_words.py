"""The words of KQL that are offered, with what they do; functions come from `query.kql.catalogue`."""

from query.completion.candidates import Candidate, Sort

_OPERATORS = {
    "where": "keep the rows for which a condition holds",
    "summarize": "group and aggregate: summarize count() by Computer",
    "extend": "add columns that are computed",
    "project": "choose, name and order the columns",
    "project-away": "leave columns out",
    "project-keep": "keep only these columns",
    "project-rename": "give columns other names",
    "project-reorder": "put columns first",
    "distinct": "each combination of values once",
    "sort by": "order the rows; descending unless asc is written",
    "order by": "as sort by",
    "top": "the first rows by a column: top 10 by SizeBytes",
    "take": "some rows",
    "limit": "as take",
    "count": "how many rows there are",
    "join": "put rows of two tables side by side: join kind=leftouter (…) on Computer",
    "union": "the rows of several tables below each other",
    "lookup": "add columns of a table of dimensions",
    "mv-expand": "a row for each element of a list",
    "parse": "take a text apart by a pattern",
    "render": "how the answer is drawn: render barchart",
    "as": "name what came so far",
    "serialize": "fix the order of rows",
    "make-series": "a series of values over time",
    "search": "rows in which a word stands anywhere",
    "evaluate": "call a plugin",
}
_TEXT_OPERATORS = [
    "==",
    "!=",
    "=~",
    "!~",
    "has",
    "!has",
    "has_any",
    "has_all",
    "contains",
    "!contains",
    "startswith",
    "!startswith",
    "endswith",
    "!endswith",
    "in",
    "!in",
    "in~",
    "!in~",
    "between",
    "matches",
]
JOIN_KINDS = ("inner", "leftouter", "rightouter", "fullouter", "innerunique", "leftanti", "rightanti", "leftsemi")
CHARTS = [
    "barchart",
    "columnchart",
    "linechart",
    "timechart",
    "areachart",
    "piechart",
    "scatterchart",
    "stackedareachart",
    "table",
    "card",
]
# What begins a query, beside the tables.
_STARTS = {"let": "name a value, a table or a function", "union": _OPERATORS["union"], "print": "values, as one row"}

PIPE_OPERATORS = tuple(Candidate(name, Sort.OPERATOR, meaning) for name, meaning in _OPERATORS.items())
QUERY_STARTS = tuple(Candidate(name, Sort.KEYWORD, meaning) for name, meaning in _STARTS.items())
EXPRESSION_WORDS = tuple(
    Candidate(name, Sort.KEYWORD)
    for name in (*(name for name in _TEXT_OPERATORS if name[0].isalpha()), "and", "or", "not", "true", "false", "null")
)
ORDER_WORDS = tuple(Candidate(name, Sort.KEYWORD) for name in ("asc", "desc", "nulls first", "nulls last"))
BY = (Candidate("by", Sort.KEYWORD, "what is grouped or ordered by"),)
# The words and signs behind which a value of the column before them is written.
COMPARISONS = frozenset({*_TEXT_OPERATORS, "<>"})


def keywords(words: tuple[str, ...] | list[str]) -> list[Candidate]:
    """``words`` as they stand."""
    return [Candidate(word, Sort.KEYWORD) for word in words]
