"""Regular expressions: only those of RE2 that the translation of KQL's ``has`` writes; engines differ in all others."""

import re

from sqlglot import exp

from query.dialects.functions.handler import Handler
from query.dialects.saying import Forms, say
from query.dialects.target import Target

# A term with its signs behind backslashes, and an edge where it begins or ends with a letter or a digit.
_TERM = re.compile(
    r"(\(\^\|\[\^\\p\{L\}\\p\{N\}\]\))?((?:[^\W]|\\[^\w\s]|\\ )*?)(\(\$\|\[\^\\p\{L\}\\p\{N\}\]\))?", re.DOTALL
)
_FORMS: Forms = {
    "spark": "{0} RLIKE {1}",
    "trino": "REGEXP_LIKE({0}, {1})",
    "bigquery": "REGEXP_CONTAINS({0}, {1})",
}
# Letters of either case, those beyond ASCII too; Java asks for the last of it by a sign of its own.
_ANY_CASE = {"spark": "(?iu)", "trino": "(?i)", "bigquery": "(?i)"}


def _matches(node: exp.Expr, target: Target) -> exp.Expr:
    """``regexp_matches`` with a written pattern of that shape; Java's and RE2's classes of Unicode are the same."""
    pattern, flag = node.expression, node.args.get("flag")
    is_written = isinstance(pattern, exp.Literal) and _TERM.fullmatch(pattern.name) is not None
    if not is_written or (flag is not None and flag.name != "i"):
        target.refuse(node, "REGEXP_MATCHES", "Of regular expressions only those of whole terms are said.")
    if target.engine.value not in _FORMS:
        target.refuse(node, "A whole term (has)", "Its regular expressions do not know all letters and digits.")
    prefix = _ANY_CASE[target.engine.value] if flag is not None else ""
    # A $ would also match before a line's end there.
    text = prefix + pattern.name.replace("($|", r"(\z|")
    return say(node, target, _FORMS, node.this, exp.Literal.string(text))


REGEXES: dict[type[exp.Expr], Handler] = {exp.RegexpLike: _matches}
