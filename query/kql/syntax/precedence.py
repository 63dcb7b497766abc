"""What may stand between values, and how tightly it binds."""

_EQUALITY, _RELATION, _STRINGS = 3, 4, 7
# Levels on which one operator may stand, without a second beside it.
COMPARING = frozenset((_EQUALITY, _RELATION, _STRINGS))
MEMBERSHIPS = frozenset(("in", "in~", "!in", "!in~", "has_any", "has_all"))
BETWEENS = frozenset(("between", "!between"))
# What older queries write, and what it is called now; ``:`` is that of search.
SPELLINGS = {
    "<>": "!=", ":": "has", "notcontains": "!contains", "containscs": "contains_cs", "notcontainscs": "!contains_cs",
}  # fmt: skip
_STRING_OPERATORS = frozenset(
    prefix + word + suffix
    for word in ("has", "contains", "startswith", "endswith", "hasprefix", "hassuffix")
    for prefix in ("", "!")
    for suffix in ("", "_cs")
) | {"=~", "!~", "matches regex", ":", "like", "notlike", "notcontains", "containscs", "notcontainscs"}
# The looser, the smaller. Kusto's grammar, as Microsoft's parser has it: string operators bind tighter than ``*``.
LEVELS = {
    "or": 1,
    "and": 2,
    **dict.fromkeys(("==", "!=", "<>", *MEMBERSHIPS, *BETWEENS), _EQUALITY),
    **dict.fromkeys(("<", ">", "<=", ">="), _RELATION),
    **dict.fromkeys(("+", "-"), 5),
    **dict.fromkeys(("*", "/", "%"), 6),
    **dict.fromkeys(_STRING_OPERATORS, _STRINGS),
}
OPERATOR_WORDS = frozenset(operator for operator in LEVELS if operator.isidentifier())
STAR_OPERATORS = _STRING_OPERATORS | {"==", "!=", "<>"}
