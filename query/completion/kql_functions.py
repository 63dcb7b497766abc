"""The functions of KQL that are translated, ready to be offered, with what they take and mean."""

from functools import cache

from query.completion.candidates import Candidate, Sort

# Read first when nothing is typed yet; all others follow by the alphabet.
_OFTEN_USED = (
    "ago",
    "now",
    "iff",
    "coalesce",
    "isnotempty",
    "tostring",
    "bin",
    "strcat",
    "count",
    "countif",
    "dcount",
    "sum",
    "avg",
    "min",
    "max",
    "arg_max",
    "make_set",
)


@cache
def scalar_candidates() -> tuple[Candidate, ...]:
    """The scalar functions."""
    from query.kql.functions import SCALARS

    return _ordered({name: (each.text, each.meaning) for name, each in SCALARS.items()})


@cache
def aggregate_candidates() -> tuple[Candidate, ...]:
    """The aggregates."""
    from query.kql.aggregates import AGGREGATES

    return _ordered({name: (each.text, each.meaning) for name, each in AGGREGATES.items()})


def _ordered(described: dict[str, tuple[str, str]]) -> tuple[Candidate, ...]:
    often = [name for name in _OFTEN_USED if name in described]
    names = [*often, *sorted(set(described).difference(often))]
    return tuple(Candidate(f"{name}(", Sort.FUNCTION, " · ".join(reversed(described[name]))) for name in names)
