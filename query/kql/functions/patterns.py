"""Functions of regular expressions: RE2 in Kusto and in DuckDB."""

import re

from query.kql.bound import Bound
from query.kql.coercion import convert
from query.kql.errors import KqlProblem
from query.kql.functions.function import Function
from query.kql.literals_in_sql import quoted
from query.kql.signature import Arguments
from query.kql.types import KqlType

# A bracket that captures: neither escaped, nor in a class, nor (?:…) and its like.
_GROUPS = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\((?!\?)|\(\?P?<(?![=!])")

# A path through JSON: members and elements, each one thing.
_PATH = re.compile(r"""\$(?:\.\w+|\[[0-9]+\]|\['[^'"]*'\]|\["[^'"]*"\])*""")


def count_groups(pattern: str) -> int:
    """How many groups a regular expression captures."""
    return sum(match.group().startswith("(") for match in _GROUPS.finditer(pattern))


def _numbers_of_names(pattern: str) -> dict[str, int]:
    """The number of each group that has a name: ``(?P<name>…)``."""
    opened = (match.group() for match in _GROUPS.finditer(pattern) if match.group().startswith("("))
    places = (match.end() for match in _GROUPS.finditer(pattern) if match.group().startswith("("))
    named = enumerate(zip(opened, places, strict=True), start=1)
    return {pattern[place:].partition(">")[0]: number for number, (mark, place) in named if mark.endswith("<")}


def _extract_json(arguments: Arguments) -> Bound:
    """The member that a path names, as text or as the type that is given."""
    path = arguments.text(0)
    if not _PATH.fullmatch(path):
        raise arguments.problem(0, 'the path is written as "$.name.other[0]".')
    plain = re.sub(r"""\[['"]([^'"]*)['"]\]""", r'."\1"', path)
    found = Bound(f"json_extract(kql_json({arguments[1].sql}), {quoted(plain, arguments.span_of(0))})", KqlType.DYNAMIC)
    return convert(found, _named_type(arguments, 2) if len(arguments) > 2 else KqlType.STRING)


def _extract(arguments: Arguments) -> Bound:
    pattern, group, source = arguments[0], arguments[1], arguments[2]
    if pattern.is_literal and isinstance(group.literal, int) and group.literal > count_groups(arguments.text(0)):
        found = Bound("''", KqlType.STRING, literal="", is_literal=True)
    else:
        found = Bound(f"regexp_extract({source.sql}, {pattern.sql}, {group.sql})", KqlType.STRING)
    if len(arguments) < 4:
        return found
    return convert(found, _named_type(arguments, 3))


def _named_type(arguments: Arguments, index: int) -> KqlType:
    name = arguments.text(index)
    types = {type_.value: type_ for type_ in KqlType} | {"double": KqlType.REAL, "boolean": KqlType.BOOL}
    if name not in types:
        raise arguments.problem(index, f"{name!r} is no type: typeof(long) is one.")
    return types[name]


def _extract_all(arguments: Arguments) -> Bound:
    pattern, source = arguments.text(0), arguments[len(arguments) - 1]
    most = count_groups(pattern)
    groups: object = arguments[1].literal if len(arguments) == 3 else list(range(1, most + 1))
    if isinstance(groups, list):
        numbers = _numbers_of_names(pattern)
        groups = [numbers.get(group, group) if isinstance(group, str) else group for group in groups]
    if not isinstance(groups, list) or not all(isinstance(group, int) and 0 <= group <= most for group in groups):
        raise arguments.problem(1, f"the groups are written as dynamic([1, 2]), and this expression has {most}.")
    if not groups:
        raise arguments.problem(0, "the expression needs a group that captures: (…).")
    sql = quoted(pattern, arguments.span_of(0))
    lists = [f"regexp_extract_all({source.sql}, {sql}, {group})" for group in groups]
    if len(lists) == 1:
        return Bound(f"to_json({lists[0]})", KqlType.DYNAMIC)
    items = ", ".join(f"{one}[i]" for one in lists)
    return Bound(f"to_json(list_transform(range(1, len({lists[0]}) + 1), lambda i: [{items}]))", KqlType.DYNAMIC)


def _trimmed(arguments: Arguments, *, start: bool, end: bool) -> Bound:
    pattern, sql = arguments[0], arguments[1].sql
    more = "*" if start and end else ""
    for is_wanted, before, after in ((start, "^(?:", f"){more}"), (end, "(?:", f"){more}$")):
        if not is_wanted:
            continue
        if isinstance(pattern.literal, str):
            expression = quoted(before + pattern.literal + after, arguments.span_of(0))
        else:
            expression = f"'{before}' || {pattern.operand} || '{after}'"
        sql = f"regexp_replace({sql}, {expression}, '')"
    return Bound(sql, KqlType.STRING)


def _trim_both(arguments: Arguments) -> Bound:
    return _trimmed(arguments, start=True, end=True)


def _trim_start(arguments: Arguments) -> Bound:
    return _trimmed(arguments, start=True, end=False)


def _trim_end(arguments: Arguments) -> Bound:
    return _trimmed(arguments, start=False, end=True)


def _replace(arguments: Arguments) -> Bound:
    """The older order of arguments: expression, rewrite, text."""
    pattern, rewrite, text = (value.sql for value in arguments.values)
    return Bound(f"regexp_replace({text}, {pattern}, {rewrite}, 'g')", KqlType.STRING)


def _indexof_regex(arguments: Arguments) -> Bound:
    if len(arguments) > 2:
        raise KqlProblem("indexof_regex() is supported with a text and an expression alone.", arguments.span)
    source = arguments[0].sql
    pattern = quoted(f"(?s)^(.*?)(?:{arguments.text(1)})", arguments.span_of(1))
    sql = f"if(regexp_matches({source}, {arguments[1].sql}), length(regexp_extract({source}, {pattern}, 1)), -1)"
    return Bound(sql, KqlType.LONG)


REGULAR_EXPRESSIONS = (
    Function(
        "extract(regex: string, group: whole, source: text, [type: string]): string",
        "What a group of a regular expression matches first; group 0 is all of it.",
        _extract,
    ),
    Function(
        "extract_all(regex: string, groups_or_source: dynamic|text, [source: text]): dynamic",
        "What the groups of a regular expression match, every time.",
        _extract_all,
        aliases=("extractall",),
    ),
    Function(
        "extract_json(path: string, source: text, [type: string]): string",
        "What stands in a text of JSON at a path such as $.name[0].",
        _extract_json,
        aliases=("extractjson",),
    ),
    Function(
        "replace_regex(text: string, regex: string, rewrite: string): string",
        "The text with every match replaced; \\1 in the rewrite is a group.",
        "regexp_replace({text}, {regex}, {rewrite}, 'g')",
    ),
    Function(
        "replace(regex: string, rewrite: string, text: string): string", "As replace_regex, in another order.", _replace
    ),
    Function("trim(regex: string, source: string): string", "The text without matches at its ends.", _trim_both),
    Function(
        "trim_start(regex: string, source: string): string", "The text without a match at its beginning.", _trim_start
    ),
    Function("trim_end(regex: string, source: string): string", "The text without a match at its end.", _trim_end),
    Function(
        "indexof_regex(source: text, regex: string, [start: whole], [length: whole], [occurrence: whole]): long",
        "Where a regular expression matches first; -1 where it does not.",
        _indexof_regex,
    ),
    Function(
        "regex_quote(text: string): string", "The expression that matches the text alone.", "regexp_escape({text})"
    ),
)
