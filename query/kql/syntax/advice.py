"""What to write instead: for habits from SQL and other languages, and for what is nearly right."""

import difflib
from collections.abc import Collection

from query.kql.tokens import Token, TokenKind

_MARKS = {
    "===": "write '=='",
    "&&": "write 'and'",
    "||": "write 'or', or a single '|' before the next operator",
    "&": "write 'and'",
    "!": "write not(…)",
    "?": "write iff(condition, value, other)",
    "=>": "at least is '>='",
    "#": "a comment begins with //",
    "^": "write pow(base, exponent)",
    "@": "parameters come from 'declare query_parameters (name: type);' and stand without a mark",
    "$": "parameters come from 'declare query_parameters (name: type);' and stand without a mark",
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
    "ascending": "write asc",
    "descending": "write desc",
    "exists": "write 'column in ((query))', or join kind=leftsemi",
    "distinct": "write '| distinct column', or dcount(column)",
}
_NEGATED = {
    "in": "!in", "like": "!contains", "between": "!between", "has": "!has", "contains": "!contains",
    "startswith": "!startswith", "endswith": "!endswith",
}  # fmt: skip


# Nearer than that, a word is a slip of the keyboard; `five` is no `invoke`.
_NEAR = 0.75


def advice_for(token: Token, after: Token, known: Collection[str] = ()) -> str:
    """A clause that says what to write instead of ``token``, before ``after``; empty where nothing is near.

    ``known`` are the words that may stand there; none where a value is expected.
    """
    if token.kind is TokenKind.MARK:
        return _for_mark(token, after, is_behind_value=bool(known))
    if token.kind is not TokenKind.NAME:
        return ""
    word = token.text.lower()
    if word == "not":
        negated = _NEGATED.get(after.text.lower())
        return f"write '{negated}'" if negated else "write not(…)"
    if advice := _WORDS.get(word):
        return advice
    if word in known and word != token.text:
        return f"KQL's words are in lower case: '{word}'"
    near = difflib.get_close_matches(word, known, n=1, cutoff=_NEAR)
    return f"did you mean '{near[0]}'?" if near and near[0] != word else ""


def _for_mark(token: Token, after: Token, *, is_behind_value: bool) -> str:
    if (token.text, after.text) in (("-", "-"), ("/", "*")):
        return "a comment begins with //"
    if token.text in ("=", "~"):
        return {"=": "to compare, write '=='", "~": "write '=~'"}[token.text] if is_behind_value else ""
    return _MARKS.get(token.text, "")
