"""Functions of network addresses, web addresses and versions."""

from query.kql.bound import Bound
from query.kql.functions.function import Function
from query.kql.literals_in_sql import quoted
from query.kql.signature import Arguments
from query.kql.text_operators import escape_pattern
from query.kql.types import KqlType


def _prefix(arguments: Arguments, index: int) -> str:
    return arguments[index].sql if len(arguments) > index else "32"


def _ipv4_compare(arguments: Arguments) -> Bound:
    sql = f"kql_ipv4_compare({arguments[0].sql}, {arguments[1].sql}, {_prefix(arguments, 2)})"
    return Bound(sql, KqlType.LONG)


def _ipv4_is_match(arguments: Arguments) -> Bound:
    return Bound(f"{_ipv4_compare(arguments).sql} = 0", KqlType.BOOL, is_atom=False)


def _ipv4_is_in_any_range(arguments: Arguments) -> Bound:
    ip = arguments[0].sql
    tests = []
    for index, value in enumerate(arguments.values[1:], start=1):
        if value.type is KqlType.DYNAMIC:
            tests.append(
                f"list_bool_or(list_transform(kql_texts({value.sql}), lambda net: kql_ipv4_within({ip}, net)))"
            )
        elif value.type is KqlType.STRING:
            tests.append(f"kql_ipv4_within({ip}, {value.sql})")
        else:
            raise arguments.problem(index, f"a range is a text, not a {value.type.value}.")
    return Bound(" OR ".join(tests), KqlType.BOOL, is_atom=len(tests) == 1)


def _format_ipv4(arguments: Arguments) -> Bound:
    value, bits = arguments[0], _prefix(arguments, 1)
    number = f"kql_ipv4({value.sql})" if value.type is KqlType.STRING else value.operand
    return Bound(f"coalesce(kql_ipv4_text(kql_ipv4_cut({number}, {bits})), '')", KqlType.STRING)


def _format_ipv4_mask(arguments: Arguments) -> Bound:
    value = arguments[0]
    bits = _prefix(arguments, 1)
    if len(arguments) == 1 and value.type is KqlType.STRING:
        bits = f"kql_ipv4_bits({value.sql})"
    address = _format_ipv4(arguments).operand
    return Bound(f"coalesce(nullif({address}, '') || '/' || {bits}, '')", KqlType.STRING)


def _has_ipv4(arguments: Arguments) -> Bound:
    """One of the addresses stands in the text, with no letter, digit or further number beside it."""
    ends = {"has_ipv4_prefix": "", "has_any_ipv4_prefix": ""}.get(arguments.signature.name, "($|[^0-9A-Za-z])")
    addresses: list[str] = []
    for index in range(1, len(arguments)):
        literal = arguments[index].literal
        if not isinstance(literal, str | list):
            raise arguments.problem(index, "the addresses must be written out.")
        addresses += [literal] if isinstance(literal, str) else [str(one) for one in literal]
    alternatives = "|".join(escape_pattern(address) for address in addresses)
    pattern = quoted(f"(^|[^0-9A-Za-z.])({alternatives}){ends}", arguments.span)
    return Bound(f"regexp_matches({arguments[0].sql}, {pattern})", KqlType.BOOL)


def _urlquery(arguments: Arguments) -> Bound:
    sql = f"json_object('Query Parameters', kql_query_bag(ltrim({arguments[0].sql}, '?')))"
    return Bound(sql, KqlType.DYNAMIC)


_PRIVATE = " OR ".join(f"kql_ipv4_within({{ip}}, '{net}')" for net in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))

ADDRESSES = (
    Function("parse_ipv4(ip: string): long", "An IPv4 address as a number.", "kql_ipv4({ip})"),
    Function(
        "parse_ipv4_mask(ip: string, prefix: whole): long",
        "An IPv4 address as a number, cut to a prefix.",
        "kql_ipv4_cut(kql_ipv4({ip}), {prefix})",
    ),
    Function(
        "ipv4_compare(ip: string, other: string, [prefix: whole]): long",
        "-1, 0 or 1: which address is smaller, within the prefix of both.",
        _ipv4_compare,
    ),
    Function(
        "ipv4_is_match(ip: string, other: string, [prefix: whole]): bool",
        "Whether two addresses are the same within their prefix.",
        _ipv4_is_match,
    ),
    Function(
        "ipv4_is_in_range(ip: string, range: string): bool",
        "Whether an address is in a network.",
        "kql_ipv4_within({ip}, {range})",
    ),
    Function(
        "ipv4_is_in_any_range(ip: string, range: string|dynamic...): bool",
        "Whether an address is in one of several networks.",
        _ipv4_is_in_any_range,
    ),
    Function("ipv4_is_private(ip: string): bool", "Whether an address is of a private network.", _PRIVATE),
    Function(
        "ipv4_netmask_suffix(ip: string): long",
        "The length of the prefix of a network.",
        "if(kql_is_ipv4({ip}), CAST(kql_ipv4_bits({ip}) AS BIGINT), NULL)",
    ),
    Function(
        "format_ipv4(ip: string|whole, [prefix: whole]): string", "An address as text, cut to a prefix.", _format_ipv4
    ),
    Function("format_ipv4_mask(ip: string|whole, [prefix: whole]): string", "A network as text.", _format_ipv4_mask),
    Function("has_ipv4(text: string, ip: string): bool", "Whether a text has an address.", _has_ipv4),
    Function(
        "has_any_ipv4(text: string, ip: string|dynamic...): bool",
        "Whether a text has one of several addresses.",
        _has_ipv4,
    ),
    Function(
        "has_ipv4_prefix(text: string, prefix: string): bool",
        "Whether a text has an address that begins so.",
        _has_ipv4,
    ),
    Function(
        "has_any_ipv4_prefix(text: string, prefix: string|dynamic...): bool",
        "Whether a text has an address that begins in one of several ways.",
        _has_ipv4,
    ),
    Function("parse_url(url: string): dynamic", "The parts of a web address.", "kql_url({url})", aliases=("parseurl",)),
    Function(
        "parse_urlquery(query: string): dynamic", "The parameters of a query.", _urlquery, aliases=("parseurlquery",)
    ),
    Function(
        "parse_version(version: string): decimal", "A version as a number that compares.", "kql_version({version})"
    ),
)
