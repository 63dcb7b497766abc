"""Functions of texts."""

from query.kql.bound import Bound
from query.kql.errors import KqlProblem
from query.kql.functions.function import Function
from query.kql.literals_in_sql import quoted
from query.kql.signature import Arguments
from query.kql.text_forms import text_of
from query.kql.types import KqlType

_TEXT = KqlType.STRING


def _strcat(arguments: Arguments) -> Bound:
    parts = [text_of(value) for value in arguments.values]
    return Bound(" || ".join(part.operand for part in parts), _TEXT, is_atom=len(parts) == 1)


def _strcat_delim(arguments: Arguments) -> Bound:
    parts = ", ".join(text_of(value).sql for value in arguments.values)
    return Bound(f"concat_ws({parts})", _TEXT)


def _split(arguments: Arguments) -> Bound:
    source, delimiter = arguments[0], arguments[1]
    parts = f"string_split({source.sql}, {delimiter.sql})"
    if len(arguments) < 3:
        return Bound(f"to_json({parts})", KqlType.DYNAMIC)
    # One part comes as an array of one, or of none where there is no such part.
    index = arguments[2]
    if index.is_literal and isinstance(index.literal, int):
        place = str(index.literal + 1) if index.literal >= 0 else str(index.literal)
        return Bound(f"to_json({parts}[{place}:{place}])", KqlType.DYNAMIC)
    return Bound(f"kql_part({parts}, {index.sql})", KqlType.DYNAMIC)


def _substring(arguments: Arguments) -> Bound:
    start = arguments[1]
    length = f", greatest({arguments[2].sql}, 0)" if len(arguments) > 2 else ""
    if len(arguments) > 2 and isinstance(arguments[2].literal, int):
        length = f", {max(arguments[2].literal, 0)}"
    if start.is_literal and isinstance(start.literal, int):
        place = str(start.literal + 1 if start.literal >= 0 else start.literal)
    else:
        place = f"if({start.sql} < 0, {start.sql}, {start.operand} + 1)"
    sql = f"substring({arguments[0].sql}, {place}{length})"
    return Bound(sql if start.is_literal and len(arguments) < 3 else f"coalesce({sql}, '')", _TEXT)


def _indexof(arguments: Arguments) -> Bound:
    source, wanted = arguments[0].sql, arguments[1].sql
    if len(arguments) == 2:
        return Bound(f"strpos({source}, {wanted}) - 1", KqlType.LONG, is_atom=False, is_arithmetic=True)
    most = arguments[3].sql if len(arguments) > 3 else "-1"
    occurrence = arguments[4].sql if len(arguments) > 4 else "1"
    sql = f"kql_index({source}, {wanted}, {arguments[2].sql}, {most}, {occurrence})"
    return Bound(sql, KqlType.LONG)


def _replace_strings(arguments: Arguments) -> Bound:
    lookups, rewrites = arguments[1].literal, arguments[2].literal
    if not isinstance(lookups, list) or not isinstance(rewrites, list | str):
        raise arguments.problem(1, 'the texts must be written out: dynamic(["a", "b"]).')
    replacements = rewrites if isinstance(rewrites, list) else [rewrites] * len(lookups)
    if len(lookups) != len(replacements):
        raise arguments.problem(2, "as many texts are needed as are looked for.")
    sql = arguments[0].sql
    for wanted, rewrite in zip(lookups, replacements, strict=True):
        sql = f"replace({sql}, {quoted(str(wanted), arguments.span)}, {quoted(str(rewrite), arguments.span)})"
    return Bound(sql, _TEXT)


def _countof(arguments: Arguments) -> Bound:
    kind = arguments.text(2) if len(arguments) > 2 else "normal"
    if kind == "regex":
        return Bound(f"len(regexp_extract_all({arguments[0].sql}, {arguments[1].sql}))", KqlType.LONG)
    if kind != "normal":
        raise arguments.problem(2, f"{kind!r} is no kind: normal and regex are.")
    return Bound(f"len(kql_places({arguments[0].sql}, {arguments[1].sql}, 0))", KqlType.LONG)


def _strrep(arguments: Arguments) -> Bound:
    value, count = arguments[0].sql, arguments[1]
    if len(arguments) == 2:
        return Bound(f"coalesce(repeat({value}, {count.sql}), '')", _TEXT)
    text = arguments[0].operand
    sql = f"if({count.operand} < 1, '', {text} || repeat({arguments[2].operand} || {text}, {count.operand} - 1))"
    return Bound(f"coalesce({sql}, '')", _TEXT)


def _translate(arguments: Arguments) -> Bound:
    """A shorter list of replacements goes on with its last character."""
    search, replacements, text = (value.sql for value in arguments.values)
    padded = (
        f"if({replacements} = '', '', rpad({replacements}, greatest(length({search}), 1), right({replacements}, 1)))"
    )
    if isinstance(arguments[0].literal, str) and isinstance(arguments[1].literal, str):
        wanted, given = arguments[0].literal, arguments[1].literal
        padded = quoted(given.ljust(len(wanted), given[-1:] or " ")[: len(wanted)] if given else "", arguments.span)
    return Bound(f"translate({text}, {search}, {padded})", _TEXT)


def _has_any_index(arguments: Arguments) -> Bound:
    sql = (
        f"coalesce(list_position(list_transform(kql_texts({arguments[1].sql}), "
        f"lambda term: kql_has({arguments[0].sql}, term)), true) - 1, -1)"
    )
    return Bound(sql, KqlType.LONG)


def _url_encode(arguments: Arguments) -> Bound:
    raise KqlProblem(
        "url_encode() is not supported: write url_encode_component(…), which writes a space as %20.", arguments.span
    )


TEXTS = (
    Function("strcat(value: text...): string", "The texts of its arguments, one after the other.", _strcat),
    Function(
        "strcat_delim(delimiter: string, value: text...): string",
        "The texts of its arguments, with a delimiter between them.",
        _strcat_delim,
    ),
    Function("strlen(text: string): long", "How many characters the text has.", "length({text})", prefix="strlen"),
    Function(
        "string_size(text: string): long",
        "How many bytes the text has in UTF-8.",
        "octet_length(encode({text}))",
        prefix="string_size",
    ),
    Function("tolower(text: text): string", "The text in lower case.", "lower({text})"),
    Function("toupper(text: text): string", "The text in upper case.", "upper({text})"),
    Function(
        "substring(source: text, start: whole, [length: whole]): string",
        "The part of a text from a place on, 0 for the first; from the end where it is negative.",
        _substring,
    ),
    Function(
        "split(source: text, delimiter: string, [index: whole]): dynamic",
        "The parts of a text between delimiters; with an index an array of that part alone.",
        _split,
        keeps_name=True,
    ),
    Function(
        "indexof(source: text, wanted: text, [start: whole], [length: whole], [occurrence: whole]): long",
        "Where a text stands in another, 0 for the first place; -1 where it does not.",
        _indexof,
    ),
    Function("reverse(value: text): string", "The characters from the last to the first.", "reverse({value})"),
    Function(
        "replace_string(text: string, lookup: string, rewrite: string): string",
        "The text with another in every place of a third.",
        "replace({text}, {lookup}, {rewrite})",
    ),
    Function(
        "replace_strings(text: string, lookups: dynamic, rewrites: dynamic|string): string",
        "The text with each of several texts replaced.",
        _replace_strings,
    ),
    Function(
        "countof(text: string, search: string, [kind: string]): long",
        "How often a text stands in another; matches of a regular expression with kind regex.",
        _countof,
    ),
    Function(
        "strcmp(one: string, other: string): long",
        "-1, 0 or 1: which text comes first.",
        "CASE WHEN {one:o} < {other:o} THEN -1 WHEN {one:o} > {other:o} THEN 1 ELSE 0 END",
    ),
    Function("strrep(value: text, count: whole, [delimiter: string]): string", "The text so many times.", _strrep),
    Function(
        "translate(search: string, replacements: string, text: string): string",
        "The text with each character of one list replaced by that of another.",
        _translate,
    ),
    Function(
        "has_any_index(source: string, terms: dynamic): long",
        "Which term of an array the text has first, 0 for the first; -1 for none.",
        _has_any_index,
    ),
    Function(
        "isascii(text: string): bool",
        "Whether all characters are of ASCII.",
        "regexp_full_match({text}, '[\\x00-\\x7f]*')",
    ),
    Function(
        "to_utf8(text: string): dynamic",
        "The numbers of the text's characters.",
        "to_json(list_transform(string_split({text}, ''), lambda letter: unicode(letter)))",
        aliases=("unicode_codepoints_from_string",),
    ),
    Function("url_encode(text: string): string", "Not supported: see url_encode_component.", _url_encode),
    Function("url_encode_component(text: string): string", "The text as part of an address.", "url_encode({text})"),
    Function("url_decode(text: string): string", "The text that an address says.", "url_decode({text})"),
    Function(
        "base64_encode_tostring(text: string): string",
        "The text in base64.",
        "to_base64(encode({text}))",
        aliases=("base64_encodestring",),
    ),
    Function(
        "base64_decode_tostring(text: string): string",
        "The text that base64 says; empty where it says none.",
        "coalesce(TRY(decode(from_base64({text}))), '')",
        aliases=("base64_decodestring",),
    ),
    Function("hash_md5(value: text): string", "The MD5 sum of the text.", "md5({value})"),
    Function("hash_sha1(value: text): string", "The SHA-1 sum of the text.", "sha1({value})"),
    Function("hash_sha256(value: text): string", "The SHA-256 sum of the text.", "sha256({value})"),
)
