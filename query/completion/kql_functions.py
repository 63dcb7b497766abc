"""The functions of KQL that are translated, ready to be offered."""

from functools import cache

from query.completion.candidates import Candidate, Sort

_SCALARS = [
    "ago",
    "now",
    "iff",
    "case",
    "coalesce",
    "isempty",
    "isnotempty",
    "isnull",
    "isnotnull",
    "tostring",
    "toint",
    "tolong",
    "todouble",
    "todatetime",
    "bin",
    "startofday",
    "strcat",
    "split",
    "replace_string",
    "substring",
    "tolower",
    "toupper",
    "extract",
    "parse_json",
    "array_length",
    "datetime_diff",
    "format_datetime",
    "round",
    "strlen",
    "trim",
    "not",
]
_AGGREGATES = [
    "count",
    "countif",
    "dcount",
    "dcountif",
    "sum",
    "sumif",
    "avg",
    "avgif",
    "min",
    "max",
    "arg_max",
    "arg_min",
    "make_set",
    "make_list",
    "percentile",
    "take_any",
    "stdev",
]


@cache
def scalar_candidates() -> tuple[Candidate, ...]:
    """The scalar functions."""
    return tuple(Candidate(f"{name}(", Sort.FUNCTION) for name in _SCALARS)


@cache
def aggregate_candidates() -> tuple[Candidate, ...]:
    """The aggregates."""
    return tuple(Candidate(f"{name}(", Sort.FUNCTION) for name in _AGGREGATES)
