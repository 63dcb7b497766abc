"""What to write instead: for habits from SQL and other languages, and for what is nearly right."""

from collections.abc import Collection

from fleet.errors import nearest_name
from query.kql.tokens import Token, TokenKind

_MARKS = {
    "=": "to compare, write '=='",
    "===": "write '=='",
    "&&": "write 'and'",
    "||": "write 'or', or a single '|' before the next operator",
    "&": "write 'and'",
    "!": "write not(…)",
    "~": "write not(…)",
    "?": "write iff(condition, value, other)",
    "=>": "at least is '>='",
    "#": "a comment begins with //",
    "^": "write pow(base, exponent)",
    "@": "parameters come from 'declare query_parameters (name: type);' and stand without a mark",
    "$": "parameters come from 'declare query_parameters (name: type);' and stand without a mark",
    "{": "parameters come from 'declare query_parameters (name: type);' and stand without a mark",
}
# In any case, where no case-sensitive keyword fits.
_WORDS = {
    "is": "write isnull(a) or isnotnull(a), and isempty(a) or isnotempty(a) for strings",
    "isnull": "write isnull(a)",
    "like": "write contains, startswith, endswith or matches regex",
    "ilike": "write contains, startswith, endswith or matches regex",
    "rlike": "write matches regex",
    "regexp": "write matches regex",
    "matches": "write 'matches regex'",
    "group": "write summarize … by …",
    "having": "write a second '| where' after summarize",
    "from": "begin with the table and pipe it: Update | where … | project …",
    "select": "begin with the table and pipe it: Update | where … | project …",
    "with": "write 'let name = …;' for what SQL has as WITH",
    "case": "write case(condition, value, …, otherwise)",
    "when": "write case(condition, value, …, otherwise)",
    "then": "write case(condition, value, …, otherwise)",
    "end": "write case(condition, value, …, otherwise)",
    "else": "write iff(condition, value, other)",
    "if": "write iff(condition, value, other)",
    "as": "a name stands before its value: name = value",
    "offset": "number the rows with serialize and row_number(), and filter by that",
    "xor": "write (a and not(b)) or (b and not(a))",
    "mod": "write '%'",
    "div": "write '/'",
    "eq": "write '=='",
    "ne": "write '!='",
    "exists": "write 'column in ((query))', or join kind=leftsemi",
    "distinct": "write '| distinct column', or dcount(column)",
    "insert": "queries only read",
    "update": "queries only read",
    "delete": "queries only read",
    "drop": "queries only read",
    "create": "queries only read",
}
_NEGATED = {
    "in": "!in", "like": "!contains", "between": "!between", "has": "!has", "contains": "!contains",
    "startswith": "!startswith", "endswith": "!endswith",
}  # fmt: skip


def advice_for(token: Token, after: Token, known: Collection[str] = ()) -> str:
    """A clause that says what to write instead of ``token``, before ``after``; empty where nothing is near.

    ``known`` are the words that may stand there.
    """
    if token.kind is TokenKind.MARK:
        return "a comment begins with //" if _is_foreign_comment(token, after) else _MARKS.get(token.text, "")
    if token.kind is not TokenKind.NAME:
        return ""
    word = token.text
    if word.lower() == "not":
        negated = _NEGATED.get(after.text.lower())
        return f"write '{negated}'" if negated else "write not(…)"
    if word.lower() in known:
        return f"KQL's words are in lower case: '{word.lower()}'"
    if advice := _WORDS.get(word.lower()):
        return advice
    near = nearest_name(word, known) if known else None
    return f"did you mean '{near}'?" if near else ""


def _is_foreign_comment(token: Token, after: Token) -> bool:
    """Whether it is SQL's or C's comment that begins here: ``-- text`` or ``/* text */``."""
    return (token.text, after.text) in (("-", "-"), ("/", "*"))
